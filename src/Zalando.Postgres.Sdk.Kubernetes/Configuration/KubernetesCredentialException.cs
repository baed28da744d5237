namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>No credential could be had: a token file is missing, a credential program failed. The message never holds a credential.</summary>
public sealed class KubernetesCredentialException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="innerException">The cause, if any.</param>
    public KubernetesCredentialException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
