using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Ownership;

/// <summary>Field sets, comparison, merge and removal of objects, by the list and map types of their schema.</summary>
internal static class TypedFields
{
    /// <summary>The fields of an applied object.</summary>
    public static FieldTree Of(JsonObject value, KubernetesSchema? schema)
    {
        var tree = new FieldTree();
        Collect(value, schema, tree, "", true);
        return tree;
    }

    /// <summary>What differs: fields that came or changed, and fields that went.</summary>
    public static (FieldTree Changed, FieldTree Removed) Compare(JsonObject old, JsonObject value, KubernetesSchema? schema)
    {
        var changed = new FieldTree();
        var removed = new FieldTree();
        Compare(old, value, schema, changed, removed, true);
        return (changed, removed);
    }

    /// <summary>Puts the applied fields into the live object.</summary>
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, KubernetesSchema? schema)
    {
        switch (applied)
        {
            case JsonObject map when live is JsonObject target && !IsAtomicMap(schema):
                foreach (var (key, value) in map)
                {
                    var old = target[key];
                    if (old is not null) target[key] = null;
                    target[key] = Merge(old, value, Below(schema, key));
                }

                return target;
            case JsonArray list when live is JsonArray target && schema?.ListType is "map" or "set":
                foreach (var element in list)
                {
                    var key = ElementOf(element, schema);
                    var at = -1;
                    for (var i = 0; i < target.Count && at < 0; i++)
                    {
                        if (ElementOf(target[i], schema) == key) at = i;
                    }

                    if (at < 0) target.AddNode(element?.DeepClone());
                    else
                    {
                        var old = target[at];
                        target[at] = null;
                        target[at] = Merge(old, element, schema.Items);
                    }
                }

                return target;
            default: return applied?.DeepClone();
        }
    }

    /// <summary>Takes a field out of an object, if it is there.</summary>
    public static void Remove(JsonNode? node, KubernetesSchema? schema, ReadOnlySpan<string> path)
    {
        if (path.Length == 0 || node is null) return;
        var element = path[0];
        switch (node)
        {
            case JsonObject map when element.StartsWith("f:", StringComparison.Ordinal):
                var name = element[2..];
                if (path.Length == 1) map.Remove(name);
                else Remove(map[name], Below(schema, name), path[1..]);
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (ElementOf(list[i], schema) != element) continue;
                    if (path.Length == 1) list.RemoveAt(i);
                    else Remove(list[i], schema?.Items, path[1..]);
                    break;
                }

                break;
        }
    }

    /// <summary>Whether a path is there.</summary>
    public static bool Exists(JsonNode? node, KubernetesSchema? schema, ReadOnlySpan<string> path)
    {
        if (path.Length == 0) return true;
        switch (node)
        {
            case JsonObject map when path[0].StartsWith("f:", StringComparison.Ordinal): return map.ContainsKey(path[0][2..]) && Exists(map[path[0][2..]], Below(schema, path[0][2..]), path[1..]);
            case JsonArray list:
                foreach (var element in list)
                {
                    if (ElementOf(element, schema) == path[0]) return Exists(element, schema?.Items, path[1..]);
                }

                return false;
            default: return false;
        }
    }

    private static void Collect(JsonNode? node, KubernetesSchema? schema, FieldTree tree, string path, bool root)
    {
        switch (node)
        {
            case JsonObject map when !IsAtomicMap(schema):
                foreach (var (key, value) in map)
                {
                    if (root && key is "apiVersion" or "kind") continue;
                    if (path == ".metadata" && key is "name" or "namespace" or "uid" or "resourceVersion" or "creationTimestamp" or "generation" or "managedFields" or "selfLink" or "deletionTimestamp" or "deletionGracePeriodSeconds") continue;
                    if (schema is { Properties.Count: > 0, AdditionalProperties: null, PreservesUnknownFields: false } && !schema.Properties.ContainsKey(key) && !(root && key == "metadata"))
                        throw new UndeclaredFieldException($"{path}.{key}: field not declared in schema");
                    var child = tree.Ensure("f:" + key);
                    Collect(value, Below(schema, key), child, path + "." + key, false);
                    if (value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || schema?.Properties.ContainsKey(key) != true && path != "" && !(path == ".metadata")) child.IsMember = true;
                }

                break;
            case JsonArray list when schema?.ListType is "map" or "set":
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var element in list)
                {
                    var key = ElementOf(element, schema);
                    if (!seen.Add(key)) throw new UndeclaredFieldException($"{path}: duplicate entries for key {FieldTree.Show([key])}");
                    var child = tree.Ensure(key);
                    child.IsMember = true;
                    if (schema.ListType == "map") Collect(element, schema.Items, child, path + FieldTree.Show([key]), false);
                }

                break;
            default:
                tree.IsMember = true;
                break;
        }
    }

    private static void Compare(JsonNode? old, JsonNode? value, KubernetesSchema? schema, FieldTree changed, FieldTree removed, bool root)
    {
        if (value is JsonObject map && old is null or JsonObject && !IsAtomicMap(schema))
        {
            var before = old as JsonObject;
            foreach (var (key, child) in map)
            {
                if (root && key is "apiVersion" or "kind") continue;
                if (root && key == "metadata")
                {
                    CompareMetadata(before.Object("metadata"), child as JsonObject, schema, changed, removed);
                    continue;
                }

                var there = before is not null && before.ContainsKey(key);
                if (there && JsonNode.DeepEquals(before![key], child)) continue;
                var below = Below(schema, key);
                var path = changed.Ensure("f:" + key);
                if (!there && !(below?.Default is JsonObject && child is JsonObject { Count: > 0 }) && !(child is JsonArray { Count: > 0 } && below?.ListType is "map" or "set" && schema?.Name is not null)) path.IsMember = true;
                if (child is JsonObject && !IsAtomicMap(below) || child is JsonArray && below?.ListType is "map" or "set") Compare(there ? before![key] : null, child, below, path, removed.Ensure("f:" + key), false);
                else path.IsMember = true;
            }

            foreach (var key in before?.Select(static p => p.Key).Where(k => !map.ContainsKey(k)) ?? []) removed.Ensure("f:" + key).IsMember = true;
            return;
        }

        if (value is JsonArray list && old is null or JsonArray && schema?.ListType is "map" or "set")
        {
            var before = (old as JsonArray ?? []).DistinctBy(e => ElementOf(e, schema)).ToDictionary(e => ElementOf(e, schema), static e => e, StringComparer.Ordinal);
            var now = new HashSet<string>(StringComparer.Ordinal);
            foreach (var element in list)
            {
                var key = ElementOf(element, schema);
                now.Add(key);
                if (before.TryGetValue(key, out var same) && JsonNode.DeepEquals(same, element)) continue;
                var path = changed.Ensure(key);
                if (same is null) path.IsMember = true;
                if (schema.ListType == "map") Compare(same, element, schema.Items, path, removed.Ensure(key), false);
                else path.IsMember = true;
            }

            foreach (var key in before.Keys.Where(k => !now.Contains(k))) removed.Ensure(key).IsMember = true;
            return;
        }

        changed.IsMember = true;
    }

    private static void CompareMetadata(JsonObject? old, JsonObject? value, KubernetesSchema? schema, FieldTree changed, FieldTree removed)
    {
        JsonObject Owned(JsonObject? metadata)
        {
            var owned = new JsonObject();
            foreach (var key in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences", "generateName"]) owned.Put(key, metadata?[key]?.DeepClone());
            return owned;
        }

        var metadataSchema = KubernetesSchema.ByName("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        _ = schema;
        var tree = changed.Ensure("f:metadata");
        Compare(Owned(old), Owned(value), metadataSchema, tree, removed.Ensure("f:metadata"), false);
        foreach (var field in (ReadOnlySpan<string>)["f:finalizers", "f:ownerReferences"])
        {
            if (old?.ContainsKey(field[2..]) != true && tree.Find(field) is { } added) added.IsMember = true;
        }
    }

    private static bool IsAtomicMap(KubernetesSchema? schema) => schema?.MapType == "atomic" || schema is { IsQuantity: true } or { IsIntOrString: true };

    private static KubernetesSchema? Below(KubernetesSchema? schema, string key)
    {
        if (schema is null) return null;
        if (schema.Properties.TryGetValue(key, out var property)) return property.Type is null && key == "metadata" ? KubernetesSchema.ByName("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") : property.Properties.Count == 0 && key == "metadata" && schema.Name is null ? KubernetesSchema.ByName("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") : property;
        if (key == "metadata" && schema.Name is null && schema.Properties.ContainsKey("spec")) return KubernetesSchema.ByName("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        return schema.AdditionalProperties;
    }

    private static string ElementOf(JsonNode? element, KubernetesSchema? schema)
    {
        if (schema?.ListType == "set" || element is not JsonObject map || schema is null) return FieldTree.Value(element);
        var keys = new JsonObject();
        foreach (var key in schema.ListMapKeys)
        {
            var value = map[key]?.DeepClone() ?? (schema.Items is { } items && items.Properties.TryGetValue(key, out var property) ? property.Default?.DeepClone() : null);
            if (value is not null) keys[key] = value;
        }

        return FieldTree.Key(keys);
    }
}
