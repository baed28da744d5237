using System.Net.Http.Headers;

namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>A bearer token in a file that somebody else renews (the kubelet does so for service accounts): read again each minute, and after a refusal.</summary>
internal sealed class TokenFileCredentials(string path, TimeProvider timeProvider) : IKubernetesCredentials
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private KubernetesCredential? _credential;
    private string? _token;
    private long _readAt;

    public ValueTask<KubernetesCredential> GetAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(Get());
    }

    public bool Refuse(KubernetesCredential refused)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(refused, _credential)) return true;
            try
            {
                if (string.Equals(File.ReadAllText(path).Trim(), _token, StringComparison.Ordinal)) return false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }

            _credential = null;
            return true;
        }
    }

    // A few hundred bytes from memory-backed storage, once a minute: not worth an asynchronous read.
    private KubernetesCredential Get()
    {
        lock (_lock)
        {
            if (_credential is not null && timeProvider.GetElapsedTime(_readAt) < Lifetime) return _credential;
            try
            {
                var token = File.ReadAllText(path).Trim();
                if (token.Length == 0) throw new KubernetesCredentialException($"the token file {path} is empty");
                // The same token is the same credential, so that a refusal of it is not tried again.
                if (_credential is null || !string.Equals(token, _token, StringComparison.Ordinal))
                    _credential = new KubernetesCredential { Authorization = new AuthenticationHeaderValue("Bearer", token) };
                _token = token;
                _readAt = timeProvider.GetTimestamp();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A file that is being replaced is no reason to stop while the old token may still do.
                if (_credential is null) throw new KubernetesCredentialException($"the token file {path} cannot be read: {exception.Message}", exception);
            }

            return _credential;
        }
    }
}
