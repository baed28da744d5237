using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Which object, and which state of it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ObjectIdentity(string? Namespace, string? Name, string? Uid, string? ResourceVersion)
{
    public static ObjectIdentity Of(JsonObject? value)
    {
        if (value?["metadata"] is not JsonObject metadata) return default;
        return new ObjectIdentity(Text(metadata, "namespace"), Text(metadata, "name"), Text(metadata, "uid"), Text(metadata, "resourceVersion"));
    }

    private static string? Text(JsonObject metadata, string field) => metadata[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
