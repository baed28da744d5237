using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.History;

/// <summary>Writes down what is about to be done to a cluster and why, before it is done: so a cause survives whoever acted on it.</summary>
/// <remarks>It is for people; a history that cannot be written holds nothing up. What is told already is not written again, and a cluster at rest costs nothing.</remarks>
internal sealed partial class HistoryWriter(IKubernetesClient client, ObjectStore store, TimeProvider time, TimeSpan callTimeout, ILogger logger)
{
    private const int LongestText = 500;
    private const int MostCauses = 5;
    private static readonly TimeSpan SameThing = TimeSpan.FromHours(1);
    private static readonly WriteOptions Options = new() { FieldManager = KubernetesChangeExecutor.FieldManager };

    private readonly ConcurrentDictionary<ClusterKey, IReadOnlyList<HistoryEntry>> _unwritten = new();

    public void Forget(ClusterKey key) => _unwritten.TryRemove(key, out _);

    public Task RecordAsync(ClusterKey key, Postgresql manifest, OperatorSettings settings, IEnumerable<PlannedChange> changes, CancellationToken cancellationToken) =>
        AppendAsync(key, manifest, settings, [.. changes.Select(c => EntryOf(manifest, c))], cancellationToken);

    public Task RecordFailureAsync(ClusterKey key, Postgresql manifest, OperatorSettings settings, string what, string failure, CancellationToken cancellationToken) =>
        AppendAsync(
            key, manifest, settings,
            [new HistoryEntry { Time = Now, Change = what, Failure = Short(failure), Generation = manifest.Metadata.Generation }], cancellationToken);

    private DateTimeOffset Now
    {
        get
        {
            var now = time.GetUtcNow();
            return new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
        }
    }

    private HistoryEntry EntryOf(Postgresql manifest, PlannedChange change) => new()
    {
        Time = Now,
        Change = Short(PlanText.Describe(change)),
        Causes = [.. change.Reasons.Take(MostCauses).Select(r => Short(r.ToString())).Where(r => r.Length > 0)],
        Disruption = change.Disruption == Disruption.None ? null : change.Disruption.ToString(),
        Generation = manifest.Metadata.Generation,
        Uid = change switch { RecreatePod pod => pod.Uid, DeleteObject gone => gone.Uid, _ => null },
    };

    private async Task AppendAsync(ClusterKey key, Postgresql manifest, OperatorSettings settings, IReadOnlyList<HistoryEntry> entries, CancellationToken cancellationToken)
    {
        var name = ClusterHistory.NameOf(key.Name);
        var stored = store.Get(KubernetesKinds.ConfigMap, key.Namespace, name);
        if (stored is not null && stored.Label(ClusterHistory.Label) != "true")
        {
            NotOurs(logger, key, name);
            return;
        }

        var known = ClusterHistory.Read(stored);
        var fresh = (_unwritten.GetValueOrDefault(key) ?? []).Concat(entries).Where(e => !known.Any(k => IsSame(k, e))).ToArray();
        if (fresh.Length == 0) return;
        var text = ClusterHistory.Write([.. known, .. fresh]);
        using var deadline = new CancellationTokenSource(callTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var answer = stored is null
                ? await client.CreateAsync(KubernetesKinds.ConfigMap, Body(key, manifest, settings, name, text), null, Options, both.Token).ConfigureAwait(false)
                : await client.PatchAsync(
                    KubernetesKinds.ConfigMap, key.Namespace, name, Patch.Merge(new JsonObject { ["data"] = new JsonObject { [ClusterHistory.Key] = text } }), null, Options, both.Token).ConfigureAwait(false);
            store.Put(KubernetesKinds.ConfigMap, answer);
            _unwritten.TryRemove(key, out _);
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It is written with the next change; the watch brings what is there.
            _unwritten[key] = [.. fresh.TakeLast(ClusterHistory.MostEntries)];
            NotWritten(logger, key, e.Message);
        }
    }

    private static bool IsSame(HistoryEntry known, HistoryEntry fresh) =>
        known.Change == fresh.Change && known.Generation == fresh.Generation && known.Failure == fresh.Failure && known.Uid == fresh.Uid
            && (known.Uid is not null || (fresh.Time - known.Time).Duration() < SameThing) && known.Causes.SequenceEqual(fresh.Causes, StringComparer.Ordinal);

    private static JsonObject Body(ClusterKey key, Postgresql manifest, OperatorSettings settings, string name, string text)
    {
        var labels = new JsonObject();
        foreach (var (label, value) in settings.Kubernetes.ClusterLabels.Append(new(settings.Kubernetes.ClusterNameLabel, key.Name))) labels[label] = value;
        labels[ClusterHistory.Label] = "true";
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = key.Namespace, ["labels"] = labels };
        if (settings.Kubernetes.EnableOwnerReferences && manifest.Metadata.Uid is { } uid)
            metadata["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["name"] = key.Name, ["uid"] = uid, ["controller"] = true });
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = metadata, ["data"] = new JsonObject { [ClusterHistory.Key] = text } };
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "...";

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: the history could not be written and is kept for later: {Message}")]
    private static partial void NotWritten(ILogger logger, ClusterKey cluster, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: no history is written, because the ConfigMap {Name} is somebody else's")]
    private static partial void NotOurs(ILogger logger, ClusterKey cluster, string name);
}
