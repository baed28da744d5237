using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>All objects, one number line of versions, and the changes that are remembered for watches and old lists. Callers hold <see cref="Gate"/>.</summary>
internal sealed class ObjectStore(int historyLength)
{
    private readonly Dictionary<string, SortedDictionary<StorageKey, StoredObject>> _collections = new(StringComparer.Ordinal);
    private readonly List<HistoryEntry> _history = [];
    private readonly List<Action<HistoryEntry>> _observers = [];
    private readonly Queue<HistoryEntry> _unannounced = [];
    private bool _announcing;
    private long _forgottenVersion;

    /// <summary>Held for every read of several objects and every change; may be taken again by its holder.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Version of the last change.</summary>
    public long Version { get; private set; } = 1;

    /// <summary>Changes up to this version are forgotten.</summary>
    public long CompactedVersion { get; private set; }

    public IEnumerable<string> Resources => _collections.Keys;

    public StoredObject? Get(string resource, StorageKey key) =>
        _collections.TryGetValue(resource, out var collection) ? collection.GetValueOrDefault(key) : null;

    public int Count(string resource) => _collections.TryGetValue(resource, out var collection) ? collection.Count : 0;

    /// <summary>Objects in order of their keys; of one namespace, or of all for null.</summary>
    public IEnumerable<StoredObject> List(string resource, string? namespaceName)
    {
        if (!_collections.TryGetValue(resource, out var collection)) return [];
        return namespaceName is null ? collection.Values : collection.Values.Where(o => o.Key.Namespace == namespaceName);
    }

    /// <summary>Objects as they were at an older version, in order of their keys.</summary>
    public IEnumerable<StoredObject> ListAt(string resource, string? namespaceName, long version)
    {
        if (version >= Version) return List(resource, namespaceName);
        SortedDictionary<StorageKey, StoredObject>? then = null;
        for (var i = _history.Count - 1; i >= 0 && _history[i].Version > version; i--)
        {
            var entry = _history[i];
            if (entry.Resource != resource) continue;
            then ??= _collections.TryGetValue(resource, out var now) ? new(now) : new();
            if (entry.Previous is null) then.Remove(entry.Current.Key);
            else then[entry.Current.Key] = entry.Previous;
        }

        if (then is null) return List(resource, namespaceName);
        return namespaceName is null ? then.Values : then.Values.Where(o => o.Key.Namespace == namespaceName);
    }

    /// <summary>Whether <see cref="ListAt"/> can still go back so far.</summary>
    public bool CanListAt(long version) => version >= _forgottenVersion;

    /// <summary>Stores a new state; its <c>resourceVersion</c> is set here.</summary>
    public StoredObject Put(string resource, StorageKey key, JsonObject value)
    {
        var previous = Get(resource, key);
        var version = ++Version;
        value.Metadata()["resourceVersion"] = version.ToString();
        var stored = new StoredObject(key, value, version, previous);
        if (!_collections.TryGetValue(resource, out var collection)) _collections[resource] = collection = [];
        collection[key] = stored;
        Remember(new(resource, previous is null ? "ADDED" : "MODIFIED", stored, previous));
        return stored;
    }

    /// <summary>Removes an object. The answer is its last state with the version of the deletion.</summary>
    public StoredObject Remove(string resource, StorageKey key, JsonObject? last = null)
    {
        var previous = Get(resource, key)!;
        var version = ++Version;
        var value = last ?? previous.Value.CopyObject();
        value.Metadata()["resourceVersion"] = version.ToString();
        var stored = new StoredObject(key, value, version, previous);
        _collections[resource].Remove(key);
        Remember(new(resource, "DELETED", stored, previous));
        return stored;
    }

    /// <summary>The changes of a collection after a version, oldest first; null when they are no longer all known.</summary>
    public List<HistoryEntry>? Since(string resource, long version)
    {
        if (version < CompactedVersion) return null;
        var result = new List<HistoryEntry>();
        for (var i = _history.Count - 1; i >= 0 && _history[i].Version > version; i--)
        {
            if (_history[i].Resource == resource) result.Add(_history[i]);
        }

        result.Reverse();
        return result;
    }

    /// <summary>Makes the server answer as if it had forgotten all changes so far. (Pages that were begun can still be finished.)</summary>
    public void Compact() => CompactedVersion = Version;

    /// <summary>Calls <paramref name="observer"/> for each change, under the gate.</summary>
    public void Observe(Action<HistoryEntry> observer) => _observers.Add(observer);

    public void StopObserving(Action<HistoryEntry> observer) => _observers.Remove(observer);

    /// <summary>Takes in a saved state as it is. Nothing is announced.</summary>
    public void Load(string resource, StorageKey key, JsonObject value)
    {
        var version = long.TryParse(value.Object("metadata").Text("resourceVersion"), out var parsed) ? parsed : Version + 1;
        Load(resource, new StoredObject(key, value, version, null));
    }

    /// <summary>Takes in a state that another store has or had.</summary>
    public void Load(string resource, StoredObject stored)
    {
        if (!_collections.TryGetValue(resource, out var collection)) _collections[resource] = collection = [];
        Version = Math.Max(Version, stored.Version);
        CompactedVersion = _forgottenVersion = Version;
        collection[stored.Key] = stored;
    }

    /// <summary>Moves the number line forward, as other traffic would.</summary>
    public void AdvanceTo(long version)
    {
        if (version <= Version) return;
        Version = version;
        CompactedVersion = _forgottenVersion = version;
    }

    private void Remember(HistoryEntry entry)
    {
        _history.Add(entry);
        if (_history.Count > historyLength * 2)
        {
            var drop = _history.Count - historyLength;
            _forgottenVersion = _history[drop - 1].Version;
            CompactedVersion = Math.Max(CompactedVersion, _forgottenVersion);
            _history.RemoveRange(0, drop);
        }

        // An observer may make changes of its own: all others hear of them after the change that caused them.
        _unannounced.Enqueue(entry);
        if (_announcing) return;
        _announcing = true;
        try
        {
            while (_unannounced.TryDequeue(out var next))
            {
                foreach (var observer in _observers.ToArray()) observer(next);
            }
        }
        finally
        {
            _announcing = false;
        }
    }
}
