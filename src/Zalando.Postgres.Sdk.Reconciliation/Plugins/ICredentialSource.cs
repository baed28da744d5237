using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Where the operator's own password for a cluster comes from. <value>the Secret of the superuser</value></summary>
public interface ICredentialSource
{
    /// <summary>The password of a user, or null when there is none yet.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="userName">The user.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    ValueTask<SensitiveText?> FindPasswordAsync(ClusterKey cluster, string userName, CancellationToken cancellationToken);
}
