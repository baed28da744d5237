using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>One state of one object. Never changes; its JSON text is made once and shared by all who are sent it.</summary>
internal sealed class StoredObject(StorageKey key, JsonObject value, long version, StoredObject? previous)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _texts = new(StringComparer.Ordinal);

    public StorageKey Key { get; } = key;

    public JsonObject Value { get; } = value;

    public long Version { get; } = version;

    /// <summary>Version of the state before; 0 for a new object. Kept for undoing history.</summary>
    public long PreviousVersion { get; } = previous?.Version ?? 0;

    /// <summary>The text of a form of this object (<paramref name="form"/> names it), made by <paramref name="make"/> the first time.</summary>
    public byte[] Text(string form, Func<JsonObject, JsonNode> make)
    {
        lock (_lock)
        {
            if (!_texts.TryGetValue(form, out var text)) _texts[form] = text = JsonText.Write(make(Value));
            return text;
        }
    }
}

/// <summary>Where an object is: its namespace (empty for none) and name.</summary>
internal readonly record struct StorageKey(string Namespace, string Name) : IComparable<StorageKey>
{
    /// <summary>The order of the real server's keys <c>namespace/name</c>.</summary>
    public int CompareTo(StorageKey other)
    {
        if (!string.Equals(Namespace, other.Namespace, StringComparison.Ordinal))
        {
            var common = Math.Min(Namespace.Length, other.Namespace.Length);
            var order = string.CompareOrdinal(Namespace, 0, other.Namespace, 0, common);
            if (order != 0) return order;
            return Namespace.Length < other.Namespace.Length ? '/'.CompareTo(other.Namespace[common]) : Namespace[common].CompareTo('/');
        }

        return string.CompareOrdinal(Name, other.Name);
    }

    public override string ToString() => Namespace.Length == 0 ? Name : Namespace + "/" + Name;
}
