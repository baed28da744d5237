using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>Kubeconfig files for this server.</summary>
internal static class KubeconfigText
{
    /// <summary>The text of a kubeconfig.</summary>
    /// <param name="url">Address of the server.</param>
    /// <param name="user">Name of the user.</param>
    /// <param name="authorityPem">What the client trusts; null for a server without TLS.</param>
    /// <param name="token">Bearer token; null for none.</param>
    /// <param name="certificate">Client certificate with its key; null for none.</param>
    public static string For(Uri url, string user, string? authorityPem, string? token, X509Certificate2? certificate)
    {
        var text = new StringBuilder();
        text.Append("apiVersion: v1\nkind: Config\nclusters:\n- name: in-memory\n  cluster:\n    server: ").Append(url.GetLeftPart(UriPartial.Authority)).Append('\n');
        if (authorityPem is not null) text.Append("    certificate-authority-data: ").Append(Base64(authorityPem)).Append('\n');
        text.Append("users:\n- name: ").Append(user).Append('\n');
        if (token is null && certificate is null) text.Append("  user: {}\n");
        else text.Append("  user:\n");
        if (token is not null) text.Append("    token: ").Append(token).Append('\n');
        if (certificate is not null)
        {
            using var key = certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException("The client certificate has no key.");
            text.Append("    client-certificate-data: ").Append(Base64(certificate.ExportCertificatePem())).Append('\n');
            text.Append("    client-key-data: ").Append(Base64(key.ExportPkcs8PrivateKeyPem())).Append('\n');
        }

        text.Append("contexts:\n- name: in-memory\n  context:\n    cluster: in-memory\n    user: ").Append(user).Append("\n    namespace: default\ncurrent-context: in-memory\n");
        return text.ToString();
    }

    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new StreamWriter(path, options);
        await using (file.ConfigureAwait(false)) await file.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
}
