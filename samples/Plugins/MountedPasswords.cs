using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Takes super users' passwords from files that a secret store's agent mounts: <c>directory/namespace/cluster/user</c>.</summary>
/// <param name="directory">Where they are.</param>
public sealed class MountedPasswords(string directory) : ICredentialSource
{
    /// <inheritdoc />
    public async ValueTask<SensitiveText?> FindPasswordAsync(ClusterKey cluster, string userName, CancellationToken cancellationToken)
    {
        // Names of the API server hold no slashes, but a user name may.
        if (userName.AsSpan().ContainsAny('/', '\\') || userName is "." or "..") return null;
        var file = Path.Combine(directory, cluster.Namespace, cluster.Name, userName);
        return File.Exists(file) ? new SensitiveText((await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim()) : null;
    }
}
