using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Database.Tests.Injection;

/// <summary>Every place of a resource where its author can write text, read from the types themselves: a new field is found here before anybody thinks of it.</summary>
internal static class InputPaths
{
    /// <summary>The paths below a type: <c>.name</c> for a property, <c>[]</c> for an item of a list, <c>{}</c> for a value of a map and <c>{key}</c> for a key.
    /// What Kubernetes itself defines is one place: it goes to the API server as it is.</summary>
    public static IReadOnlyList<string> Of(Type type)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        Walk(type, "", paths, []);
        return [.. paths];
    }

    /// <summary>A copy of a document with a text at a place; what is missing on the way is made.</summary>
    public static JsonObject With(JsonObject document, string path, string text)
    {
        var copy = (JsonObject)document.DeepClone();
        JsonNode current = copy;
        var steps = Steps(path);
        for (var i = 0; i < steps.Count; i++)
        {
            var isLast = i == steps.Count - 1;
            JsonNode Next() => isLast ? JsonValue.Create(text)! : steps[i + 1] == "[]" ? new JsonArray() : new JsonObject();
            switch (steps[i])
            {
                case "[]":
                    var list = (JsonArray)current;
                    if (list.Count == 0) list.Add(Next());
                    else if (isLast || list[0] is null) list[0] = Next();
                    current = list[0]!;
                    break;
                case "{key}":
                    var renamed = (JsonObject)current;
                    var value = renamed.Count == 0 ? null : renamed.First().Value?.DeepClone();
                    if (renamed.Count > 0) renamed.Remove(renamed.First().Key);
                    renamed[text] = value;
                    return copy;
                default:
                    var map = (JsonObject)current;
                    var name = steps[i] == "{}" ? map.Select(m => m.Key).FirstOrDefault() ?? "key" : steps[i][1..];
                    if (isLast || map[name] is null) map[name] = Next();
                    current = map[name]!;
                    break;
            }
        }

        return copy;
    }

    private static List<string> Steps(string path)
    {
        var steps = new List<string>();
        for (var i = 0; i < path.Length;)
        {
            var end = path[i] == '.' ? path.IndexOfAny(['.', '[', '{'], i + 1) : path.IndexOfAny([']', '}'], i) + 1;
            if (end <= 0) end = path.Length;
            steps.Add(path[i..end]);
            i = end;
        }

        return steps;
    }

    private static void Walk(Type type, string path, SortedSet<string> paths, HashSet<Type> above)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(bool) || type.IsPrimitive) return;
        if (type.Namespace == "Zalando.Postgres.Sdk.Resources.Kubernetes" || type == typeof(string) || !above.Add(type))
        {
            paths.Add(path);
            return;
        }

        var info = PostgresJsonContext.Default.GetTypeInfo(type);
        if (info is null || info.Kind == JsonTypeInfoKind.None) paths.Add(path);
        else if (info.Kind == JsonTypeInfoKind.Dictionary)
        {
            paths.Add(path + "{key}");
            Walk(info.ElementType!, path + "{}", paths, above);
        }
        else if (info.Kind == JsonTypeInfoKind.Enumerable) Walk(info.ElementType!, path + "[]", paths, above);
        else
        {
            foreach (var property in info.Properties.Where(p => !p.IsExtensionData)) Walk(property.PropertyType, $"{path}.{property.Name}", paths, above);
        }

        above.Remove(type);
    }
}
