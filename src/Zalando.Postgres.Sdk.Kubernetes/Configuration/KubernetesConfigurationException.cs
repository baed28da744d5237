namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>A kubeconfig or the in-cluster environment cannot be used. The message names the file, the entry and the field, never a credential.</summary>
public sealed class KubernetesConfigurationException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="innerException">The cause, if any.</param>
    public KubernetesConfigurationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
