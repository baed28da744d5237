using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>The operator's view of the API server: objects as stored there, kept current by watches and by the answers to the operator's own writes.</summary>
/// <remarks>
/// <para>Objects are shared and never changed: whoever wants to change one clones it. An older version never replaces a newer one, so a pass that
/// follows a write sees that write, whether the watch has delivered it or not.</para>
/// <para>Objects are indexed by the value of the label that names their cluster.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1724", Justification = "The name says what it is.")]
public sealed class ObjectStore
{
    private const int MostRemembered = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, Dictionary<string, JsonObject>>> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ObjectKey>> _byCluster = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, (string Uid, bool IsGone)> _deleted = [];
    private readonly Dictionary<ObjectKey, string> _claims = [];
    private readonly HashSet<string> _complete = new(StringComparer.Ordinal);
    private string _clusterLabel = "cluster-name";
    private int _untold;

    /// <summary>Raised after each change, on the thread that made it. Handlers must be quick and must not throw.</summary>
    public event Action<StoreChange>? Changed;

    /// <summary>Whether <see cref="Changed"/> has been raised for every change, and all handlers have returned.</summary>
    public bool HasToldAll
    {
        get
        {
            lock (_lock) return _untold == 0;
        }
    }

    /// <summary>Label whose value names the cluster of an object. <value><c>cluster-name</c></value></summary>
    public string ClusterLabel
    {
        get
        {
            lock (_lock) return _clusterLabel;
        }
        set
        {
            lock (_lock)
            {
                if (value == _clusterLabel) return;
                _clusterLabel = value;
                _byCluster.Clear();
                foreach (var (kind, spaces) in _objects)
                    foreach (var (space, items) in spaces)
                        foreach (var (name, item) in items) Index(new ObjectKey(kind, space, name), item);
            }
        }
    }

    /// <summary>Whether all objects of a kind are known, as far as they are watched.</summary>
    /// <param name="kind">The kind.</param>
    public bool IsComplete(KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_lock) return _complete.Contains(kind.Kind);
    }

    /// <summary>Notes that all objects of a kind are known.</summary>
    /// <param name="kind">The kind.</param>
    public void MarkComplete(KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_lock) _complete.Add(kind.Kind);
    }

    /// <summary>One object; null when there is none.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="namespaceName">Its namespace; null or empty for kinds without one.</param>
    /// <param name="name">Its name.</param>
    public JsonObject? Get(KubernetesKind kind, string? namespaceName, string name)
    {
        lock (_lock) return Find(ObjectKey.Of(kind, namespaceName ?? "", name));
    }

    /// <summary>All objects of a kind, in no order.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyList<JsonObject> List(KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_lock) return _objects.TryGetValue(kind.Kind, out var spaces) ? [.. spaces.Values.SelectMany(s => s.Values)] : [];
    }

    /// <summary>All objects of a kind in one namespace, in no order.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="namespaceName">The namespace.</param>
    public IReadOnlyList<JsonObject> ListIn(KubernetesKind kind, string namespaceName)
    {
        ArgumentNullException.ThrowIfNull(kind);
        lock (_lock) return _objects.TryGetValue(kind.Kind, out var spaces) && spaces.TryGetValue(namespaceName, out var items) ? [.. items.Values] : [];
    }

    /// <summary>The objects whose label names this cluster, in any namespace.</summary>
    /// <param name="clusterName">Name of the cluster.</param>
    public IReadOnlyList<JsonObject> OfCluster(string clusterName)
    {
        lock (_lock) return _byCluster.TryGetValue(clusterName, out var keys) ? [.. keys.Select(k => Find(k)!)] : [];
    }

    /// <summary>Takes over a state of an object, from a watch, a list or the answer to a write. An older state than the known one is ignored.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="value">The object; belongs to the store from now on.</param>
    public void Put(KubernetesKind kind, JsonObject value)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(value);
        JsonObject? previous;
        lock (_lock)
        {
            var key = KeyOf(kind, value);
            previous = Find(key);
            var version = value.Metadata("resourceVersion");
            if (previous is not null && (ResourceVersion.IsOlder(version, previous.Metadata("resourceVersion")) || version == previous.Metadata("resourceVersion"))) return;
            // An object that is deleted is not brought back by an event or an answer that was on its way.
            if (_deleted.TryGetValue(key, out var deleted))
            {
                if (deleted.Uid == value.Metadata("uid") && (deleted.IsGone || value.Metadata("deletionTimestamp") is null)) return;
                if (deleted.Uid != value.Metadata("uid")) _deleted.Remove(key);
            }

            // Items of lists come without them.
            value.TryAdd("kind", kind.Kind);
            value.TryAdd("apiVersion", kind.ApiVersion);
            if (previous is not null) Unindex(key, previous);
            Set(key, value);
            Index(key, value);
            _untold++;
        }

        Tell(new StoreChange(kind, previous, value));
    }

    /// <summary>Takes over a state of an object that names no cluster and stands where one of a cluster has to be: it counts for that cluster.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="value">The object; belongs to the store from now on.</param>
    /// <param name="clusterName">Name of the cluster.</param>
    internal void Claim(KubernetesKind kind, JsonObject value, string clusterName)
    {
        lock (_lock)
        {
            var key = KeyOf(kind, value);
            var known = Find(key);
            if (known is not null) Unindex(key, known);
            _claims[key] = clusterName;
            if (known is not null) Index(key, known);
        }

        Put(kind, value);
    }

    /// <summary>Takes over that an object is gone.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="uid">The object that is gone; a successor of the same name stays. Null for whatever has the name.</param>
    public void Remove(KubernetesKind kind, string? namespaceName, string name, string? uid = null)
    {
        JsonObject? previous;
        lock (_lock)
        {
            var key = ObjectKey.Of(kind, namespaceName ?? "", name);
            previous = Find(key);
            if (previous is null) return;
            if (uid is not null && previous.Metadata("uid") is { } present && present != uid) return;
            _objects[key.Kind][key.Namespace].Remove(key.Name);
            Unindex(key, previous);
            _claims.Remove(key);
            if (_deleted.Count >= MostRemembered) _deleted.Clear();
            if (previous.Metadata("uid") is { } gone) _deleted[key] = (gone, true);
            _untold++;
        }

        Tell(new StoreChange(kind, previous, null));
    }

    /// <summary>Notes that the operator has deleted an object. It is shown as terminating until a watch says that it is gone.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="uid">The object that was deleted. A successor of the same name, of which a watch may have told before the answer to the deletion came, is not touched.</param>
    /// <param name="now">When.</param>
    public void MarkDeleted(KubernetesKind kind, string? namespaceName, string name, string uid, DateTimeOffset now)
    {
        JsonObject? previous;
        JsonObject current;
        lock (_lock)
        {
            var key = ObjectKey.Of(kind, namespaceName ?? "", name);
            previous = Find(key);
            if (previous is null || previous.Metadata("uid") != uid || previous.Metadata("deletionTimestamp") is not null) return;
            current = (JsonObject)previous.DeepClone();
            if (current["metadata"] is not JsonObject metadata) return;
            metadata["deletionTimestamp"] = new Resources.Time(now).ToString();
            _deleted[key] = (uid, false);
            Set(key, current);
            _untold++;
        }

        Tell(new StoreChange(kind, previous, current));
    }

    internal static ObjectKey KeyOf(KubernetesKind kind, JsonObject value) => ObjectKey.Of(kind, value.Metadata("namespace") ?? "", value.Metadata("name") ?? "");

    private void Tell(StoreChange change)
    {
        try
        {
            Changed?.Invoke(change);
        }
        finally
        {
            lock (_lock) _untold--;
        }
    }

    private JsonObject? Find(ObjectKey key) =>
        _objects.TryGetValue(key.Kind, out var spaces) && spaces.TryGetValue(key.Namespace, out var items) ? items.GetValueOrDefault(key.Name) : null;

    private void Set(ObjectKey key, JsonObject value)
    {
        if (!_objects.TryGetValue(key.Kind, out var spaces)) _objects.Add(key.Kind, spaces = new(StringComparer.Ordinal));
        if (!spaces.TryGetValue(key.Namespace, out var items)) spaces.Add(key.Namespace, items = new(StringComparer.Ordinal));
        items[key.Name] = value;
    }

    private void Index(ObjectKey key, JsonObject value)
    {
        if (ClusterOf(key, value) is not { } cluster) return;
        if (!_byCluster.TryGetValue(cluster, out var keys)) _byCluster.Add(cluster, keys = []);
        keys.Add(key);
    }

    private string? ClusterOf(ObjectKey key, JsonObject value) => value.Label(_clusterLabel) ?? _claims.GetValueOrDefault(key);

    private void Unindex(ObjectKey key, JsonObject value)
    {
        if (ClusterOf(key, value) is not { } cluster || !_byCluster.TryGetValue(cluster, out var keys)) return;
        keys.Remove(key);
        if (keys.Count == 0) _byCluster.Remove(cluster);
    }
}
