using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>The shapes of kinds as documents for clients: of each kind its own and all it refers to.</summary>
internal static class PublishedShapes
{
    private const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>The shapes of the kinds, by name; references are <paramref name="referencePrefix"/> and a name.</summary>
    public static JsonObject Of(IEnumerable<ServedKind> kinds, string referencePrefix)
    {
        var shapes = new JsonObject();
        var wanted = new Queue<string>();
        var identities = new Dictionary<string, JsonArray>(StringComparer.Ordinal);
        foreach (var served in kinds)
        {
            var kind = served.Kind;
            if (served.Custom?.SchemaJson is { } custom)
            {
                var shape = (JsonObject)custom.DeepClone();
                if (shape["properties"] is not JsonObject properties) shape["properties"] = properties = [];
                properties["apiVersion"] = new JsonObject { ["type"] = "string" };
                properties["kind"] = new JsonObject { ["type"] = "string" };
                properties["metadata"] = new JsonObject { ["$ref"] = referencePrefix + ObjectMeta };
                wanted.Enqueue(ObjectMeta);
                shape["x-kubernetes-group-version-kind"] = Identity(kind);
                shapes[string.Join('.', kind.Group.Split('.').Reverse()) + "." + kind.Version + "." + kind.Kind] = shape;
            }
            else if (KubernetesKinds.SchemaNames.TryGetValue(kind, out var name))
            {
                identities[name] = Identity(kind);
                wanted.Enqueue(name);
            }
        }

        while (wanted.TryDequeue(out var name))
        {
            if (shapes.ContainsKey(name)) continue;
            var shape = (JsonObject)KubernetesSchema.ByName(name).Source.DeepClone();
            shapes[name] = shape;
            Link(shape, referencePrefix, wanted);
            if (identities.TryGetValue(name, out var identity)) shape["x-kubernetes-group-version-kind"] = identity;
        }

        return shapes;
    }

    private static JsonArray Identity(KubernetesKind kind) => new(new JsonObject { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind });

    private static void Link(JsonNode? node, string prefix, Queue<string> wanted)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list) Link(item, prefix, wanted);
                break;
            case JsonObject shape:
                if (shape["$ref"] is JsonValue value && value.TryGetValue<string>(out var name))
                {
                    wanted.Enqueue(name);
                    shape.Remove("$ref");
                    // What stands beside a reference would not count.
                    if (shape.Count == 0) shape["$ref"] = prefix + name;
                    else shape["allOf"] = new JsonArray(new JsonObject { ["$ref"] = prefix + name });
                    return;
                }

                foreach (var (_, child) in shape) Link(child, prefix, wanted);
                break;
        }
    }
}
