using Zalando.Postgres.Sdk.Kubernetes.Configuration;

namespace Zalando.Postgres.Sdk.Hosting.Services;

/// <summary>Finds the API server: the one of the pod the process runs in, else the one of the kubeconfig file.</summary>
internal static class KubernetesEnvironment
{
    public static KubernetesClientConfiguration Find() =>
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } && Environment.GetEnvironmentVariable("KUBECONFIG") is not { Length: > 0 }
            ? KubernetesClientConfiguration.InCluster()
            : KubernetesClientConfiguration.FromKubeconfigFile();
}
