using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Patching;

/// <summary>Strategic merge patch: lists merged by the keys the kind's schema names, with the <c>$</c> directives.</summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    /// <summary>Changes <paramref name="target"/> and returns it.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch, KubernetesSchema? schema)
    {
        switch (patch.Text(Directive))
        {
            case "replace":
                var replacement = patch.CopyObject();
                replacement.Remove(Directive);
                return Clean(replacement);
            case "delete": return [];
            case null or "merge": break;
            case var other: throw StatusErrors.BadRequest($"Unknown patch type found: {other}");
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            var kept = retained.Texts().ToHashSet(StringComparer.Ordinal);
            foreach (var (key, value) in patch)
            {
                if (!key.StartsWith('$') && value is not null && !kept.Contains(key))
                    throw StatusErrors.BadRequest("The keys in the patch must be a subset of the keys in the $retainKeys list");
            }

            foreach (var key in target.Select(static p => p.Key).Where(k => !kept.Contains(k)).ToArray()) target.Remove(key);
        }

        CheckOrders(patch, schema);
        var originals = new Dictionary<string, JsonArray>(StringComparer.Ordinal);
        foreach (var (key, value) in patch)
        {
            if (key is Directive or RetainKeys) continue;
            if (key.StartsWith(DeletePrefix, StringComparison.Ordinal))
            {
                if (target[key[DeletePrefix.Length..]] is JsonArray list && value is JsonArray gone)
                {
                    for (var i = list.Count - 1; i >= 0; i--)
                    {
                        if (gone.Any(g => JsonNode.DeepEquals(g, list[i]))) list.RemoveAt(i);
                    }
                }

                continue;
            }

            if (key.StartsWith(OrderPrefix, StringComparison.Ordinal)) continue;
            var below = schema is null ? null : schema.Properties.TryGetValue(key, out var known) ? known : schema.AdditionalProperties;
            if (value is null) target.Remove(key);
            else if (value is JsonObject map)
            {
                var old = target[key] as JsonObject;
                if (old is not null) target[key] = null;
                if (map.Text(Directive) == "delete") target.Remove(key);
                else target[key] = below is not null && below.PatchStrategies.Contains("replace") && !map.ContainsKey(Directive) && old is not null
                    ? Clean(map.CopyObject())
                    : Apply(old ?? [], map, below);
            }
            else if (value is JsonArray array && below is not null && below.PatchStrategies.Contains("merge"))
            {
                var before = target[key] as JsonArray;
                var merged = MergeList(before, array, below);
                if (!patch.ContainsKey(OrderPrefix + key)) merged = Ordered(merged, array, below.PatchMergeKey, before);
                else if (before is not null) originals[key] = (JsonArray)before.DeepClone();
                target[key] = merged;
            }
            else target[key] = value is JsonArray replaced ? CleanList(replaced) : value.DeepClone();
        }

        foreach (var (key, value) in patch)
        {
            if (key.StartsWith(OrderPrefix, StringComparison.Ordinal) && value is JsonArray order)
            {
                var name = key[OrderPrefix.Length..];
                if (target[name] is not JsonArray list) continue;
                var mergeKey = schema is not null && schema.Properties.TryGetValue(name, out var known) ? known.PatchMergeKey : null;
                target[name] = Ordered(list, order, mergeKey, originals.GetValueOrDefault(name) ?? list);
            }
        }

        return target;
    }

    /// <summary>An order must name all that the patch adds or changes, in the same order.</summary>
    private static void CheckOrders(JsonObject patch, KubernetesSchema? schema)
    {
        foreach (var (key, value) in patch)
        {
            if (!key.StartsWith(OrderPrefix, StringComparison.Ordinal)) continue;
            if (value is not JsonArray order) throw StatusErrors.Internal($"expected a []interface {{}}, but received a {(value is null ? "%!s(<nil>)" : GoText(value))}");
            var name = key[OrderPrefix.Length..];
            if (patch[name] is not JsonArray list) continue;
            var mergeKey = schema is not null && schema.Properties.TryGetValue(name, out var known) ? known.PatchMergeKey : null;
            JsonNode? KeyOf(JsonNode? element) => mergeKey is null ? element : (element as JsonObject)?[mergeKey];
            var at = 0;
            foreach (var element in list.Where(static e => (e as JsonObject)?.ContainsKey(Directive) != true))
            {
                while (at < order.Count && !JsonNode.DeepEquals(KeyOf(order[at]), KeyOf(element))) at++;
                if (at < order.Count) continue;
                throw StatusErrors.Internal($"The order in patch list:\n{GoText(list)}\n doesn't match $setElementOrder list:\n{GoText(order)}\n");
            }
        }
    }

    private static string GoText(JsonNode? node) => node switch
    {
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => $"{p.Key}:{GoText(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(GoText))}]",
        _ => node.Text() ?? node?.ToJsonString() ?? "<nil>",
    };

    private static JsonArray MergeList(JsonArray? old, JsonArray patch, KubernetesSchema schema)
    {
        if (schema.PatchMergeKey is not { } mergeKey)
        {
            // A list of plain values: a union that keeps the order.
            var union = new JsonArray();
            foreach (var element in (old ?? []).Concat(patch))
            {
                if (!union.Any(u => JsonNode.DeepEquals(u, element))) union.Add(element?.DeepClone());
            }

            return union;
        }

        var result = new JsonArray();
        foreach (var element in old ?? []) result.Add(element?.DeepClone());
        if (patch.OfType<JsonObject>().Any(e => e.Text(Directive) == "replace"))
            return CleanList(new JsonArray([.. patch.OfType<JsonObject>().Where(e => e.Text(Directive) != "replace" ).Select(static e => e.DeepClone())]));
        foreach (var element in patch)
        {
            if (element is not JsonObject map) throw StatusErrors.BadRequest("Invalid value: \"null\": expected an object in a merging list");
            var at = IndexOf(result, mergeKey, map[mergeKey]);
            switch (map.Text(Directive))
            {
                case "delete":
                    if (!map.ContainsKey(mergeKey)) throw MissingKey(map, mergeKey);
                    for (; at >= 0; at = IndexOf(result, mergeKey, map[mergeKey])) result.RemoveAt(at);
                    continue;
                case "merge" or null: break;
                case var other: throw StatusErrors.BadRequest($"Unknown patch type found: {other}");
            }

            if (!map.ContainsKey(mergeKey)) throw MissingKey(map, mergeKey);
            if (at < 0) result.AddNode(Clean(map.CopyObject()));
            else
            {
                var before = (JsonObject)result[at]!;
                result[at] = null;
                result[at] = Apply(before, map, schema.Items);
            }
        }

        return result;
    }

    private static ApiStatusException MissingKey(JsonObject map, string mergeKey) =>
        StatusErrors.Internal($"map: {GoText(map)} does not contain declared merge key: {mergeKey}");

    private static int IndexOf(JsonArray list, string mergeKey, JsonNode? value)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject map && JsonNode.DeepEquals(map[mergeKey], value)) return i;
        }

        return -1;
    }

    /// <summary>Elements named in the order come in that order; one that is not named keeps its place before a named one that stood behind it.</summary>
    private static JsonArray Ordered(JsonArray list, JsonArray order, string? mergeKey, JsonArray? before)
    {
        JsonNode? KeyOf(JsonNode? element) => mergeKey is null ? element : (element as JsonObject)?[mergeKey];
        int Rank(JsonNode? key, List<JsonNode?> keys) => keys.FindIndex(k => JsonNode.DeepEquals(k, key));
        var wanted = order.Select(KeyOf).ToList();
        var old = (before ?? []).Select(KeyOf).ToList();
        var named = list.Where(e => Rank(KeyOf(e), wanted) >= 0).OrderBy(e => Rank(KeyOf(e), wanted)).ToList();
        var others = list.Where(e => Rank(KeyOf(e), wanted) < 0).ToList();
        var result = new JsonArray();
        var next = 0;
        foreach (var element in named)
        {
            var place = Rank(KeyOf(element), old);
            while (place >= 0 && next < others.Count && Rank(KeyOf(others[next]), old) is var other and >= 0 && other < place) result.AddNode(others[next++]?.DeepClone());
            result.AddNode(element?.DeepClone());
        }

        while (next < others.Count) result.AddNode(others[next++]?.DeepClone());
        return result;
    }

    /// <summary>A part of a patch that became content: without directives and without nulls.</summary>
    private static JsonObject Clean(JsonObject map)
    {
        foreach (var key in map.Select(static p => p.Key).ToArray())
        {
            if (key is Directive or RetainKeys || key.StartsWith(DeletePrefix, StringComparison.Ordinal) || key.StartsWith(OrderPrefix, StringComparison.Ordinal) || map[key] is null)
            {
                map.Remove(key);
            }
            else if (map[key] is JsonObject below)
            {
                if (below.Text(Directive) == "delete") map.Remove(key);
                else Clean(below);
            }
            else if (map[key] is JsonArray list) map[key] = CleanList(list);
        }

        return map;
    }

    private static JsonArray CleanList(JsonArray list)
    {
        var result = new JsonArray();
        foreach (var element in list)
        {
            if (element is not JsonObject map) result.Add(element?.DeepClone());
            else if (map.Text(Directive) is not ("delete" or "replace" or "merge") || map.Count > 1 && map.Text(Directive) != "delete") result.AddNode(Clean(map.CopyObject()));
        }

        return result;
    }
}
