using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Statuses;

/// <summary>Writes the status of clusters, and only when it says something new.</summary>
/// <remarks>It is a merge patch of the status subresource without a version: nobody else's edit makes it fail, and it changes nothing of the manifest.</remarks>
internal sealed class ClusterStatusWriter(IKubernetesClient client, ObjectStore store)
{
    private static readonly string[] Optional = ["pending", "lastRestart"];

    private readonly ConcurrentDictionary<ClusterKey, (string? Uid, JsonObject Status)> _written = new();

    public async Task<bool> WriteAsync(ClusterKey key, PostgresqlStatus status, CancellationToken cancellationToken)
    {
        if (store.Get(Postgresql.Descriptor, key.Namespace, key.Name) is not { } stored) return false;
        var wanted = (JsonObject)JsonSerializer.SerializeToNode(status, PostgresJsonContext.Default.PostgresqlStatus)!;
        // A merge patch only takes away what it names.
        foreach (var field in Optional)
            if (!wanted.ContainsKey(field) && stored.Child("status")?[field] is not null) wanted[field] = null;
        if (IsThere(wanted, stored.Child("status"))) return false;
        // An older CRD drops the fields it does not know: what was once written is not written for ever.
        if (_written.TryGetValue(key, out var last) && last.Uid == stored.Metadata("uid") && JsonNode.DeepEquals(last.Status, wanted)
            && stored.Child("status").Text("PostgresClusterStatus") == status.PostgresClusterStatus) return false;
        var patch = Patch.Merge(new JsonObject { ["status"] = wanted.DeepClone() });
        var answer = await client.PatchAsync(
            Postgresql.Descriptor, key.Namespace, key.Name, patch, "status", new WriteOptions { FieldManager = KubernetesChangeExecutor.FieldManager }, cancellationToken).ConfigureAwait(false);
        _written[key] = (stored.Metadata("uid"), wanted);
        store.Put(Postgresql.Descriptor, answer);
        return true;
    }

    public void Forget(ClusterKey key) => _written.TryRemove(key, out _);

    private static bool IsThere(JsonObject wanted, JsonObject? present)
    {
        if (present is null) return false;
        foreach (var (field, value) in wanted)
            if (!JsonNode.DeepEquals(value, present[field])) return false;
        return true;
    }
}
