using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Sandbox.Certificates;

/// <summary>A certificate authority that lives as long as the sandbox: pods offer TLS as their image does with its self-made certificate.</summary>
internal sealed class ThrowAwayAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;

    public ThrowAwayAuthority(TimeProvider time)
    {
        // Whole seconds, as certificates have them: what is issued later must not outlive the authority.
        _from = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().AddHours(-1).ToUnixTimeSeconds());
        _to = _from.AddYears(1);
        var request = new CertificateRequest("CN=Sandbox throw-away authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _certificate = request.CreateSelfSigned(_from, _to);
    }

    /// <summary>The authority's certificate, for clients that verify.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>A server certificate with its key.</summary>
    /// <param name="name">Name of the pod.</param>
    /// <param name="address">Address of the pod.</param>
    /// <param name="otherNames">More host names under which it is reached.</param>
    public (string CertificatePem, string PrivateKeyPem) Issue(string name, IPAddress address, params IReadOnlyList<string> otherNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(address);
        foreach (var other in otherNames) names.AddDnsName(other);
        var request = new CertificateRequest(new X500DistinguishedName("CN=" + (name.Length > 64 ? name[..64] : name)), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] &= 0x7f;
        using var certificate = request.Create(_certificate, _from, _to, serial);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
