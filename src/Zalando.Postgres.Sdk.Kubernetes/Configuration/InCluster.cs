using System.Globalization;
using System.Security.Cryptography;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Reads what a kubelet gives each pod.</summary>
internal static class InCluster
{
    public static KubernetesClientConfiguration Load(InClusterPaths paths, Func<string, string?> environment, TimeProvider timeProvider)
    {
        var host = environment("KUBERNETES_SERVICE_HOST");
        var port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
            throw new KubernetesConfigurationException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this program does not run in a pod; name a kubeconfig instead");
        try
        {
            return new KubernetesClientConfiguration
            {
                Server = new UriBuilder("https", host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host, number).Uri,
                Namespace = File.Exists(paths.Namespace) ? File.ReadAllText(paths.Namespace).Trim() : null,
                CertificateAuthorities = PemFiles.Authorities(File.ReadAllText(paths.CertificateAuthority)),
                Credentials = File.Exists(paths.Token)
                    ? new TokenFileCredentials(paths.Token, timeProvider)
                    : throw new KubernetesConfigurationException($"{paths.Token} is missing: the pod has automountServiceAccountToken: false, or no service account"),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"the service account of the pod cannot be used: {exception.Message}", exception);
        }
    }
}
