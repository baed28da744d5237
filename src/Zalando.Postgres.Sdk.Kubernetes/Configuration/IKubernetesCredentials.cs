namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>A source of credentials that may change while the program runs. Implementations are safe for concurrent use.</summary>
public interface IKubernetesCredentials
{
    /// <summary>The credential to use now; asked before each request, so answers come from memory most of the time.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KubernetesCredentialException">There is none to be had.</exception>
    ValueTask<KubernetesCredential> GetAsync(CancellationToken cancellationToken);

    /// <summary>The server refused the credential (401): the next <see cref="GetAsync"/> must not answer it from memory.</summary>
    /// <param name="refused">The credential that was refused.</param>
    /// <returns>Whether there may be a better one, so that the request is worth a second try.</returns>
    bool Refuse(KubernetesCredential refused);
}
