using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>A certificate authority of a cluster's owner.</summary>
internal sealed class OwnAuthority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds());
    private static int _count;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly List<string> _files = [];

    public OwnAuthority(string name)
    {
        var request = new CertificateRequest("CN=The owner's " + name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _certificate = request.CreateSelfSigned(From, From.AddDays(2));
        File = Path.Combine(Path.GetTempPath(), $"owner-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}.crt");
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
    }

    /// <summary>The authority's certificate as a file, for clients that verify.</summary>
    public string File { get; }

    /// <summary>A Secret with a server certificate for addresses, its key and the authority.</summary>
    public JsonObject Secret(string name, IEnumerable<IPAddress> addresses)
    {
        var (certificate, key) = Issue(name, addresses);
        return new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["type"] = "kubernetes.io/tls", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["data"] = new JsonObject { ["tls.crt"] = Encoded(certificate), ["tls.key"] = Encoded(key), ["ca.crt"] = Encoded(_certificate.ExportCertificatePem()) },
        };

        static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A certificate for nobody's address, and its key, as files.</summary>
    public (string Certificate, string Key) Files(string name)
    {
        var (certificate, key) = Issue(name, [IPAddress.Loopback]);
        var files = ($"{File}.{name}.crt", $"{File}.{name}.key");
        System.IO.File.WriteAllText(files.Item1, certificate);
        System.IO.File.WriteAllText(files.Item2, key);
        _files.AddRange([files.Item1, files.Item2]);
        return files;
    }

    /// <summary>A file that goes with the authority.</summary>
    public string TextFile(string name, string text)
    {
        var file = $"{File}.{name}";
        System.IO.File.WriteAllText(file, text);
        _files.Add(file);
        return file;
    }

    private (string Certificate, string Key) Issue(string name, IEnumerable<IPAddress> addresses)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var address in addresses) names.AddIpAddress(address);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var certificate = request.Create(_certificate, From, From.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        foreach (var file in _files.Append(File)) System.IO.File.Delete(file);
        _certificate.Dispose();
        _key.Dispose();
    }
}
