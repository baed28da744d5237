using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>What is stored now, for reading without copies: kept up by the changes themselves, so a controller sees its own writes at once.
/// Objects are shared and must not be changed.</summary>
internal sealed class ObservedState
{
    private static readonly IReadOnlyList<JsonObject> None = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<string, SortedDictionary<string, JsonObject>>> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (KubernetesKind Kind, ObjectKey Key)> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);

    public void Apply(ApiChange change)
    {
        lock (_lock)
        {
            if (change.Previous is { } previous) Unlink(previous);
            if (change.Type == "DELETED")
            {
                Unlink(change.Object);
                Remove(change.Kind, change.Object);
            }
            else
            {
                Set(change.Kind, change.Object);
            }
        }
    }

    /// <summary>Takes in an object of the first listing, unless a change has already told more.</summary>
    public bool AddIfMissing(KubernetesKind kind, JsonObject value)
    {
        lock (_lock)
        {
            if (_byUid.ContainsKey(value.UidOf())) return false;
            Set(kind, value);
            return true;
        }
    }

    public JsonObject? Get(KubernetesKind kind, string namespaceName, string name)
    {
        lock (_lock)
        {
            return _objects.TryGetValue(kind.QualifiedName, out var namespaces) && namespaces.TryGetValue(namespaceName, out var names)
                ? names.GetValueOrDefault(name)
                : null;
        }
    }

    public JsonObject? Get(KubernetesKind kind, ObjectKey key) => Get(kind, key.Namespace, key.Name);

    /// <summary>All objects of a namespace (null: of all), in order of their names.</summary>
    public IReadOnlyList<JsonObject> List(KubernetesKind kind, string? namespaceName)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue(kind.QualifiedName, out var namespaces)) return None;
            if (namespaceName is not null) return namespaces.TryGetValue(namespaceName, out var names) ? names.Values.ToArray() : None;
            return namespaces.Values.SelectMany(static n => n.Values).ToArray();
        }
    }

    public (KubernetesKind Kind, JsonObject Value)? ByUid(string uid)
    {
        lock (_lock)
        {
            return _byUid.TryGetValue(uid, out var at) && _objects[at.Kind.QualifiedName].TryGetValue(at.Key.Namespace, out var names)
                && names.TryGetValue(at.Key.Name, out var value)
                ? (at.Kind, value)
                : null;
        }
    }

    /// <summary>The objects that name an owner by its uid.</summary>
    public IReadOnlyList<(KubernetesKind Kind, JsonObject Value)> Dependents(string uid)
    {
        lock (_lock)
        {
            if (!_dependents.TryGetValue(uid, out var uids)) return [];
            return uids.Order(StringComparer.Ordinal).Select(ByUid).OfType<(KubernetesKind, JsonObject)>().ToArray();
        }
    }

    private void Set(KubernetesKind kind, JsonObject value)
    {
        var key = ObjectKey.Of(value);
        if (!_objects.TryGetValue(kind.QualifiedName, out var namespaces))
            _objects[kind.QualifiedName] = namespaces = new(StringComparer.Ordinal);
        if (!namespaces.TryGetValue(key.Namespace, out var names)) namespaces[key.Namespace] = names = new(StringComparer.Ordinal);
        names[key.Name] = value;
        var uid = value.UidOf();
        _byUid[uid] = (kind, key);
        foreach (var owner in Owners(value))
        {
            if (!_dependents.TryGetValue(owner, out var dependents)) _dependents[owner] = dependents = new(StringComparer.Ordinal);
            dependents.Add(uid);
        }
    }

    private void Remove(KubernetesKind kind, JsonObject value)
    {
        var key = ObjectKey.Of(value);
        _byUid.Remove(value.UidOf());
        if (!_objects.TryGetValue(kind.QualifiedName, out var namespaces) || !namespaces.TryGetValue(key.Namespace, out var names)) return;
        names.Remove(key.Name);
        if (names.Count == 0) namespaces.Remove(key.Namespace);
    }

    private void Unlink(JsonObject value)
    {
        var uid = value.UidOf();
        foreach (var owner in Owners(value))
        {
            if (!_dependents.TryGetValue(owner, out var dependents)) continue;
            dependents.Remove(uid);
            if (dependents.Count == 0) _dependents.Remove(owner);
        }
    }

    private static IEnumerable<string> Owners(JsonObject value) =>
        value.FindObjects("metadata", "ownerReferences").Select(static r => r.FindText("uid")).OfType<string>();
}
