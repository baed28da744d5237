using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Ownership;

/// <summary>A set of field paths, in the form of <c>fieldsV1</c>: <c>f:name</c>, <c>k:{"name":"x"}</c>, <c>v:"x"</c>.</summary>
internal sealed class FieldTree
{
    private readonly SortedDictionary<string, FieldTree> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path itself is in the set.</summary>
    public bool IsMember { get; set; }

    public bool IsEmpty => !IsMember && _children.Values.All(static c => c.IsEmpty);

    public IEnumerable<KeyValuePair<string, FieldTree>> Children => _children;

    public FieldTree? Find(string element) => _children.GetValueOrDefault(element);

    public FieldTree Ensure(string element)
    {
        if (!_children.TryGetValue(element, out var child)) _children[element] = child = new FieldTree();
        return child;
    }

    public static FieldTree Parse(JsonObject? fields)
    {
        var tree = new FieldTree();
        foreach (var (key, value) in fields ?? [])
        {
            if (key == ".")
            {
                tree.IsMember = true;
                continue;
            }

            var child = Parse(value as JsonObject);
            if (value is not JsonObject { Count: > 0 }) child.IsMember = true;
            tree._children[key] = child;
        }

        return tree;
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && _children.Values.Any(static c => !c.IsEmpty)) json["."] = new JsonObject();
        foreach (var (key, child) in _children)
        {
            if (!child.IsEmpty) json[key] = child.ToJson();
        }

        return json;
    }

    /// <summary>All paths of the set.</summary>
    public IEnumerable<string[]> Paths()
    {
        if (IsMember) yield return [];
        foreach (var (key, child) in _children)
        {
            foreach (var path in child.Paths()) yield return [key, .. path];
        }
    }

    public bool Has(ReadOnlySpan<string> path)
    {
        var tree = this;
        foreach (var element in path)
        {
            if (tree.Find(element) is not { } child) return false;
            tree = child;
        }

        return tree.IsMember;
    }

    public void Add(FieldTree other)
    {
        IsMember |= other.IsMember;
        foreach (var (key, child) in other._children) Ensure(key).Add(child);
    }

    public void Remove(ReadOnlySpan<string> path)
    {
        if (path.Length == 0)
        {
            IsMember = false;
            return;
        }

        Find(path[0])?.Remove(path[1..]);
    }

    /// <summary>Removes a path and all below it.</summary>
    public void RemoveWhole(ReadOnlySpan<string> path)
    {
        if (path.Length == 1) _children.Remove(path[0]);
        else if (path.Length > 1) Find(path[0])?.RemoveWhole(path[1..]);
    }

    public static string Key(JsonObject keys) => "k:" + JsonText.WriteText(new JsonObject(keys.OrderBy(static k => k.Key, StringComparer.Ordinal).Select(static k => KeyValuePair.Create(k.Key, k.Value?.DeepClone()))));

    public static string Value(JsonNode? value) => "v:" + JsonText.WriteText(value);

    /// <summary>A path as conflicts show it: <c>.spec.containers[name="a"].image</c>.</summary>
    public static string Show(IEnumerable<string> path)
    {
        var text = new System.Text.StringBuilder();
        foreach (var element in path)
        {
            if (element.StartsWith("f:", StringComparison.Ordinal)) text.Append('.').Append(element.AsSpan(2));
            else if (element.StartsWith("k:", StringComparison.Ordinal))
            {
                var keys = (JsonObject)JsonText.Parse(element[2..])!;
                text.Append('[').AppendJoin(',', keys.Select(static k => $"{k.Key}={JsonText.WriteText(k.Value)}")).Append(']');
            }
            else text.Append("[=").Append(element.AsSpan(2)).Append(']');
        }

        return text.ToString();
    }
}
