using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;

/// <summary>The certificates of one server: a self-made authority, its own certificate, and those it issues to users.</summary>
internal sealed class ServerCertificates : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    // TLS stacks look at the real clock, whatever time the server lives in.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2Collection _clientAuthorities;
    private readonly bool _issues;
    private X509Certificate2? _admin;

    private ServerCertificates(X509Certificate2 authority, X509Certificate2 server, X509Certificate2Collection clientAuthorities, bool issues, string trusted)
    {
        _authority = authority;
        Server = server;
        _clientAuthorities = clientAuthorities;
        _issues = issues;
        AuthorityPem = trusted;
    }

    public X509Certificate2 Server { get; }

    /// <summary>What clients must trust.</summary>
    public string AuthorityPem { get; }

    public static ServerCertificates Create(ApiServerOptions options)
    {
        var now = TimeProvider.System.GetUtcNow();
        var authority = Authority(now);
        var server = options.ServerCertificate ?? ForServer(authority, options.ListenAddress);
        if (!server.HasPrivateKey) throw new ArgumentException("The server's certificate has no private key: load it together with its key.", nameof(options));
        X509Certificate2Collection clients = options.ClientCertificateAuthorities is { Count: > 0 } given ? [.. given] : [authority];
        // A certificate that was given is trusted itself, unless its authority is given too.
        var trusted = options.ServerCertificate is null ? authority.ExportCertificatePem() : options.ServerCertificateAuthority?.ExportCertificatePem() ?? server.ExportCertificatePem();
        return new ServerCertificates(authority, server, clients, options.ClientCertificateAuthorities is not { Count: > 0 }, trusted);
    }

    /// <summary>A certificate for a user, with its key; null when client certificates come from elsewhere.</summary>
    public X509Certificate2? Issue(string user, IReadOnlyList<string> groups)
    {
        if (!_issues) return null;
        var name = new X500DistinguishedNameBuilder();
        foreach (var group in groups) name.AddOrganizationName(group);
        name.AddCommonName(user);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientUsage)], false));
        using var certificate = Sign(request);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>The certificate of the kubeconfig's user, a member of <c>system:masters</c>.</summary>
    public X509Certificate2? Admin => _admin ??= Issue("admin", ["system:masters"]);

    /// <summary>Whether a client's certificate comes from an authority this server trusts.</summary>
    public bool Trusts(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_clientAuthorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientUsage));
        return chain.Build(certificate);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _admin?.Dispose();
    }

    private static X509Certificate2 Authority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=in-memory-api-server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
    }

    private static X509Certificate2 ForServer(X509Certificate2 authority, IPAddress listen)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in (ReadOnlySpan<string>)["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]) names.AddDnsName(name);
        foreach (var address in new HashSet<IPAddress> { IPAddress.Loopback, IPAddress.IPv6Loopback, listen }) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUsage)], false));
        using var certificate = Sign(request, authority);
        return certificate.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(CertificateRequest request) => Sign(request, _authority);

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 authority)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        return request.Create(authority, new DateTimeOffset(authority.NotBefore), new DateTimeOffset(authority.NotAfter), RandomNumberGenerator.GetBytes(16));
    }
}
