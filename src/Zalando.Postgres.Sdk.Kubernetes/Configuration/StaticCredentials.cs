using System.Net.Http.Headers;
using System.Text;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>A credential that never changes.</summary>
internal sealed class StaticCredentials : IKubernetesCredentials
{
    private readonly KubernetesCredential _credential;

    private StaticCredentials(KubernetesCredential credential) => _credential = credential;

    public static StaticCredentials Bearer(string token) => new(new KubernetesCredential { Authorization = new AuthenticationHeaderValue("Bearer", token.Trim()) });

    public static StaticCredentials Basic(string user, string password) =>
        new(new KubernetesCredential { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))) });

    public ValueTask<KubernetesCredential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_credential);

    public bool Refuse(KubernetesCredential refused) => false;
}
