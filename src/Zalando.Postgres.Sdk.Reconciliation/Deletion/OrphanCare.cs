using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Reconciliation.Events;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>Looks for clusters without a manifest. A <see cref="DeletionRecord"/> proves that one was being deleted, and the deletion goes on. Without one,
/// what is left is reported, and deleted only when the options say so and everything speaks for it.</summary>
internal sealed partial class OrphanCare(
    ReconcileEngineServices services, ReconcileEngineOptions options, ObjectStore store, DeletionRecords records, ClusterEventWriter events, ILogger logger)
{
    /// <summary>Tools that restore a namespace bring objects back before their manifests.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<ClusterKey, (string? Anchor, DateTimeOffset Since)> _orphans = [];
    private readonly HashSet<string> _brokenRecords = new(StringComparer.Ordinal);

    /// <summary>Clusters whose deletion goes on or begins, each with the manifest to plan it with.</summary>
    /// <param name="isDeparting">Whether a cluster's deletion is under way in this process.</param>
    /// <param name="cancellationToken">The end of the process.</param>
    public async Task<IReadOnlyList<(ClusterKey Cluster, Postgresql Manifest)>> FindAsync(Func<ClusterKey, bool> isDeparting, CancellationToken cancellationToken)
    {
        if (services.Configuration.Current is not { } configuration) return [];
        var settings = OperatorSettings.From(configuration);
        var found = new List<(ClusterKey, Postgresql)>();
        var recorded = new HashSet<ClusterKey>();
        foreach (var secret in records.All())
        {
            var cluster = DeletionRecord.ClusterOf(secret);
            recorded.Add(cluster);
            if (isDeparting(cluster) || store.Get(Postgresql.Descriptor, cluster.Namespace, cluster.Name) is not null) continue;
            if (!DeletionRecord.TryRead(secret, out var record, out var reason))
            {
                if (_brokenRecords.Add($"{secret.Metadata("uid")}/{secret.Metadata("resourceVersion")}"))
                    await TellBrokenAsync(cluster, secret, reason, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (record.ControllerId != options.ControllerId) continue;
            GoesOn(logger, cluster, record.Manifest.Metadata.DeletionTimestamp);
            found.Add((cluster, record.Manifest));
        }

        var orphans = OrphanSearch.Find(store, settings).Where(o => !recorded.Contains(o.Cluster) && !isDeparting(o.Cluster)).ToList();
        foreach (var gone in _orphans.Keys.Except(orphans.Select(o => o.Cluster)).ToList()) _orphans.Remove(gone);
        foreach (var orphan in orphans)
        {
            try
            {
                if (await IsToGoAsync(orphan, settings, cancellationToken).ConfigureAwait(false))
                    found.Add((orphan.Cluster, OrphanManifest.Of(orphan, settings, services.Time.GetUtcNow())));
            }
            catch (Exception e) when (e is KubernetesApiException or HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                NotLookedAt(logger, orphan.Cluster, e.Message);
            }
        }

        return found;
    }

    private async Task<bool> IsToGoAsync(Orphan orphan, OperatorSettings settings, CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow();
        var anchor = orphan.Anchor.Metadata("uid");
        var isNew = !_orphans.TryGetValue(orphan.Cluster, out var known) || known.Anchor != anchor;
        if (!isNew && (options.OrphanedClusters != OrphanedClusters.Delete || now - known.Since < Patience)) return false;
        var departure = await records.ConfirmAsync(orphan.Cluster, cancellationToken).ConfigureAwait(false);
        if (departure == Departure.None)
        {
            _orphans.Remove(orphan.Cluster);
            return false;
        }

        var obstacle = departure == Departure.WithDefinition ? "The definition of the kind postgresql is missing, so they are kept" : ObstacleTo(orphan, settings);
        if (isNew)
        {
            _orphans[orphan.Cluster] = (anchor, now);
            await TellAsync(orphan, settings, obstacle, cancellationToken).ConfigureAwait(false);
            return false;
        }

        if (obstacle is not null || !await IsWrittenByAnOperatorAsync(orphan, cancellationToken).ConfigureAwait(false)) return false;
        Goes(logger, orphan.Cluster);
        return true;
    }

    private string? ObstacleTo(Orphan orphan, OperatorSettings settings)
    {
        if (options.OrphanedClusters != OrphanedClusters.Delete) return "The operator is set to keep them";
        if (options.ControllerId.Length > 0) return "The operator has a controller id, and nothing says that they are its own, so it keeps them";
        if (settings.Kubernetes.DeleteAnnotationDateKey.Length + settings.Kubernetes.DeleteAnnotationNameKey.Length > 0)
            return "The operator configuration protects clusters from deletion, so they are kept";
        if (orphan.Anchor.Text("kind") != "StatefulSet" || orphan.Anchor.Metadata("name") != orphan.Cluster.Name) return "There is no StatefulSet that proves whose they are, so they are kept";
        return null;
    }

    // Caches hold no managed fields, and what is about to be deleted is worth a request.
    private async Task<bool> IsWrittenByAnOperatorAsync(Orphan orphan, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.CallTimeout, services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var present = await services.Kubernetes.GetAsync(KubernetesKinds.StatefulSet, orphan.Cluster.Namespace, orphan.Cluster.Name, both.Token).ConfigureAwait(false);
        if (present is null || present.Metadata("uid") != orphan.Anchor.Metadata("uid")) return false;
        foreach (var entry in present.Child("metadata").Items("managedFields") ?? [])
            if (entry is JsonObject field && field.Text("manager") == KubernetesChangeExecutor.FieldManager) return true;
        return false;
    }

    private Task TellAsync(Orphan orphan, OperatorSettings settings, string? obstacle, CancellationToken cancellationToken)
    {
        var what = string.Join(", ", orphan.Objects.GroupBy(o => o.Text("kind"), StringComparer.Ordinal).Select(g => g.Count() == 1 ? g.Key : $"{g.Count()} {g.Key}s"));
        var kinds = string.Join(',', orphan.Objects.Select(o => o.Text("kind")?.ToLowerInvariant()).Distinct());
        var end = obstacle ?? $"They are deleted when they are still there in {Patience.TotalMinutes:0} minutes";
        var message = $"The cluster {orphan.Cluster} has no postgresql object, and no operator saw its deletion. Left over: {what}. {end}. "
            + $"To take them over apply the manifest again; to remove them: kubectl -n {orphan.Cluster.Namespace} delete {kinds} -l {settings.Kubernetes.ClusterNameLabel}={orphan.Cluster.Name}";
        Orphaned(logger, message);
        return events.RecordAsync(Reference(orphan.Anchor), isWarning: true, "Orphaned", message, cancellationToken);
    }

    private Task TellBrokenAsync(ClusterKey cluster, JsonObject secret, string reason, CancellationToken cancellationToken)
    {
        var message = $"The deletion of the cluster {cluster} cannot go on, because the note of its beginning cannot be used: {reason}. Its objects stay until somebody deletes them.";
        Orphaned(logger, message);
        return events.RecordAsync(Reference(secret), isWarning: true, "Orphaned", message, cancellationToken);
    }

    private static ObjectReference Reference(JsonObject item) => new()
    {
        ApiVersion = item.Text("apiVersion"), Kind = item.Text("kind"), Namespace = item.Metadata("namespace"), Name = item.Metadata("name"), Uid = item.Metadata("uid"),
        ResourceVersion = item.Metadata("resourceVersion"),
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: its deletion, begun at {Begun}, goes on")]
    private static partial void GoesOn(ILogger logger, ClusterKey cluster, Time? begun);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: it has no postgresql object and is deleted, as the options say")]
    private static partial void Goes(ILogger logger, ClusterKey cluster);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Text}")]
    private static partial void Orphaned(ILogger logger, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: it cannot be told whether its objects are orphans: {Reason}")]
    private static partial void NotLookedAt(ILogger logger, ClusterKey cluster, string reason);
}
