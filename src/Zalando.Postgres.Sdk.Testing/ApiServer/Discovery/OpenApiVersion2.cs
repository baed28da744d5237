using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>The document that kubectl before 1.27 validates and explains by, in the only form it takes: protobuf of the OpenAPI 2 specification.</summary>
/// <remarks>It has what clients read: the shapes of the kinds, their patch markers, and which kinds can be patched without effect (dry run).</remarks>
internal static class OpenApiVersion2
{
    public const string ContentType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>What clients ask for is not a valid media type; the server answers with one that is.</summary>
    public const string AnswerType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private const string ReferencePrefix = "#/definitions/";

    public static byte[] Document(IReadOnlyCollection<ServedKind> kinds)
    {
        var paths = new ProtobufWriter();
        foreach (var served in kinds.Where(static k => k.Serves("patch")))
        {
            var path = served.Kind.ObjectPath(served.Kind.Namespaced ? "namespace" : null, "name");
            paths.Message(2, new ProtobufWriter().Text(1, path).Message(2, new ProtobufWriter().Message(8, Patch(served.Kind))));
        }

        var definitions = new ProtobufWriter();
        foreach (var (name, shape) in PublishedShapes.Of(kinds, ReferencePrefix)) definitions.Message(1, Named(name, Schema((JsonObject)shape!)));
        return new ProtobufWriter()
            .Text(1, "2.0")
            .Message(2, new ProtobufWriter().Text(1, "Kubernetes").Text(2, "v1.36.2"))
            .Message(8, paths)
            .Message(9, definitions)
            .ToArray();
    }

    private static ProtobufWriter Patch(KubernetesKind kind)
    {
        var dryRun = new ProtobufWriter().Text(2, "query").Text(4, "dryRun").Text(6, "string");
        var parameter = new ProtobufWriter().Message(1, new ProtobufWriter().Message(2, new ProtobufWriter().Message(3, dryRun)));
        return new ProtobufWriter()
            .Text(5, "patch" + kind.Kind)
            .Message(8, parameter)
            .Message(13, Extension("x-kubernetes-action", "patch"))
            .Message(13, Extension("x-kubernetes-group-version-kind", new JsonObject { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind }));
    }

    private static ProtobufWriter Named(string name, ProtobufWriter value) => new ProtobufWriter().Text(1, name).Message(2, value);

    // The value of an extension is YAML, and JSON is YAML.
    private static ProtobufWriter Extension(string name, JsonNode value) => Named(name, new ProtobufWriter().Text(2, value.ToJsonString()));

    private static ProtobufWriter Schema(JsonObject shape)
    {
        var schema = new ProtobufWriter();
        // In this version a reference stands alone, and extensions may stand beside it.
        var reference = shape.Text("$ref") ?? (shape["allOf"] is JsonArray { Count: 1 } all ? (all[0] as JsonObject).Text("$ref") : null);
        schema.Text(1, reference).Text(2, shape.Text("format")).Text(4, shape.Text("description"));
        if (shape["required"] is JsonArray required)
        {
            foreach (var name in required.Texts()) schema.Text(19, name);
        }

        if (shape["additionalProperties"] is JsonObject values) schema.Message(21, new ProtobufWriter().Message(1, Schema(values)));
        if (reference is null && shape.Text("type") is { } type) schema.Message(22, new ProtobufWriter().Text(1, type));
        if (shape["items"] is JsonObject items) schema.Message(23, new ProtobufWriter().Message(1, Schema(items)));
        if (shape["properties"] is JsonObject properties)
        {
            var named = new ProtobufWriter();
            foreach (var (name, property) in properties)
            {
                if (property is JsonObject child) named.Message(1, Named(name, Schema(child)));
            }

            schema.Message(25, named);
        }

        foreach (var (name, value) in shape)
        {
            if (value is not null && name.StartsWith("x-kubernetes-", StringComparison.Ordinal)) schema.Message(31, Extension(name, value));
        }

        return schema;
    }
}
