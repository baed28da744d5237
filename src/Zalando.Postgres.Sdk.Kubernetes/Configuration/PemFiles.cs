using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Certificates from PEM text.</summary>
internal static class PemFiles
{
    public static X509Certificate2Collection Authorities(string pem)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities.Count > 0 ? authorities : throw new ArgumentException("the text holds no certificate");
    }

    public static X509Certificate2 Certificate(string certificatePem, string keyPem)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        if (!OperatingSystem.IsWindows()) return new X509Certificate2(certificate);
        // Windows' TLS takes keys only from its own store.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
