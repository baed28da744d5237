using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Observation;

/// <summary>What exists, as one pass looks at it. It can note what was looked at, so that a later pass can tell whether it would see the same.</summary>
internal sealed class ClusterView(ObservedCluster cluster)
{
    private List<ViewRead>? _reads;

    public ObservedPatroni? Patroni => cluster.Patroni;

    public JsonObject? Find(KubernetesKind kind, string namespaceName, string name) => Find(ObjectKey.Of(kind, namespaceName, name));

    public JsonObject? Find(ObjectKey key)
    {
        var found = cluster.Objects.GetValueOrDefault(key);
        _reads?.Add(ViewRead.Of(key, found));
        return found;
    }

    /// <summary>The objects of a kind in one namespace, or in all of them, by name.</summary>
    public IReadOnlyList<JsonObject> List(KubernetesKind kind, string? namespaceName)
    {
        var found = new List<(ObjectKey Key, JsonObject Item)>();
        foreach (var (key, item) in cluster.Objects)
            if (key.Kind == kind.Kind && (namespaceName is null || key.Namespace == namespaceName)) found.Add((key, item));
        found.Sort(static (a, b) => string.CompareOrdinal(a.Key.Name, b.Key.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Key.Namespace, b.Key.Namespace));
        _reads?.Add(ViewRead.Of(kind.Kind, namespaceName, found));
        return found.ConvertAll(static f => f.Item);
    }

    /// <summary>Begins to note what is looked at.</summary>
    public void StartNoting() => _reads = [];

    /// <summary>What was looked at since then; null when one of the objects has no version by which it could be recognised.</summary>
    public IReadOnlyList<ViewRead>? StopNoting()
    {
        var reads = _reads;
        _reads = null;
        return reads is null || reads.Exists(static r => !r.IsRecognisable) ? null : reads;
    }

    /// <summary>Whether somebody who looks at the same things now sees the same.</summary>
    public bool IsAsIn(IReadOnlyList<ViewRead> reads)
    {
        foreach (var read in reads)
            if (!read.IsSeenIn(cluster.Objects)) return false;
        return true;
    }
}
