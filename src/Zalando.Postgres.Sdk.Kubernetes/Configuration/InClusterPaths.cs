namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Where a kubelet puts a pod's service account.</summary>
internal sealed record InClusterPaths(string Token, string CertificateAuthority, string Namespace)
{
    public static InClusterPaths Default { get; } = In("/var/run/secrets/kubernetes.io/serviceaccount");

    public static InClusterPaths In(string directory) => new(Path.Combine(directory, "token"), Path.Combine(directory, "ca.crt"), Path.Combine(directory, "namespace"));
}
