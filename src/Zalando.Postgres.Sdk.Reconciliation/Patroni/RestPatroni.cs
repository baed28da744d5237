using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Patroni;

/// <summary>Asks the members themselves where Patroni keeps its state in etcd: no object in Kubernetes tells who leads then, and what the configuration is.</summary>
/// <param name="patroni">The REST client.</param>
/// <param name="addresses">Where the REST API of a pod is.</param>
internal sealed class RestPatroni(IPatroniClient patroni, Func<JsonObject, Uri?> addresses)
{
    /// <summary>Whether Patroni keeps its state outside of Kubernetes.</summary>
    public static bool Applies(OperatorSettings settings) => settings.EtcdHost.Length > 0;

    /// <summary>The observation with what the first member says that answers; pods without a label of their role get it there, so that everybody sees the same primary.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="observed">What was observed.</param>
    /// <param name="cancellationToken">The deadline of the calls.</param>
    public async Task<ObservedCluster> AddAsync(Postgresql manifest, OperatorSettings settings, ObservedCluster observed, CancellationToken cancellationToken)
    {
        var key = new ClusterKey(manifest.Metadata.Namespace ?? "default", manifest.Metadata.Name ?? "");
        foreach (var pod in PatroniEndpoint.Members(observed, settings, key))
        {
            if (addresses(pod) is not { } address) continue;
            try
            {
                var cluster = await patroni.GetClusterAsync(address, cancellationToken).ConfigureAwait(false);
                var configuration = await patroni.GetConfigurationAsync(address, cancellationToken).ConfigureAwait(false);
                return With(observed, settings, key, Of(cluster, configuration));
            }
            catch (Exception e) when (e is PatroniException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Another member may answer.
            }
        }

        return observed;
    }

    /// <summary>The observation with what is known of the members.</summary>
    public static ObservedCluster With(ObservedCluster observed, OperatorSettings settings, ClusterKey key, ObservedPatroni known)
    {
        var objects = new Dictionary<ObjectKey, JsonObject>(observed.Objects);
        foreach (var member in known.Members)
        {
            var name = new ObjectKey("Pod", key.Namespace, member.Name);
            if (!objects.TryGetValue(name, out var pod) || pod.Label(settings.Kubernetes.ClusterNameLabel) != key.Name || pod.Label(settings.Kubernetes.PodRoleLabel) is not null) continue;
            pod = (JsonObject)pod.DeepClone();
            pod["metadata"]!["labels"]![settings.Kubernetes.PodRoleLabel] = member.Role is MemberRole.Primary or MemberRole.StandbyLeader ? "master" : "replica";
            objects[name] = pod;
        }

        return observed with { Objects = objects, Patroni = known };
    }

    private static ObservedPatroni Of(PatroniCluster cluster, JsonObject? configuration) => new()
    {
        Configuration = configuration,
        Paused = cluster.Paused,
        Members =
        [
            .. cluster.Members.Select(m => new ObservedMember
            {
                Name = m.Name,
                Role = m.Role.Text == "standby_leader" ? MemberRole.StandbyLeader : m.Role.IsLeader ? MemberRole.Primary : m.Role.IsSynchronous ? MemberRole.SyncStandby : MemberRole.Replica,
                State = m.State.Text,
                LagBytes = m.Role.IsLeader ? 0 : m.Lag?.Bytes,
                Timeline = m.Timeline,
                PendingRestart = m.PendingRestart,
                PendingRestartReason = m.PendingRestartReason.ToDictionary(r => r.Key, r => new PendingParameter(r.Value.OldValue ?? "", r.Value.NewValue ?? ""), StringComparer.Ordinal),
                IsExcludedFromFailover = m.IsExcludedFromFailover,
            }),
        ],
    };
}
