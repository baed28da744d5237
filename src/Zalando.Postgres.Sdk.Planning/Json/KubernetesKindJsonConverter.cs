using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Json;

/// <summary>Writes where a kind is served, so that a plan can be executed without looking it up.</summary>
public sealed class KubernetesKindJsonConverter : JsonConverter<KubernetesKind>
{
    /// <inheritdoc />
    public override KubernetesKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var value = document.RootElement;
        if (value.ValueKind != JsonValueKind.Object) throw new JsonException("A kind is an object with group, version, kind, plural and namespaced.");
        var kind = new KubernetesKind
        {
            Group = Text(value, "group"),
            Version = Text(value, "version"),
            Kind = Text(value, "kind"),
            Plural = Text(value, "plural"),
            Singular = Text(value, "kind").ToLowerInvariant(),
            Namespaced = !value.TryGetProperty("namespaced", out var namespaced) || namespaced.ValueKind != JsonValueKind.False,
        };
        return KubernetesKinds.All.FirstOrDefault(k => k.Equals(kind)) ?? kind;
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, KubernetesKind value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteString("group", value.Group);
        writer.WriteString("version", value.Version);
        writer.WriteString("kind", value.Kind);
        writer.WriteString("plural", value.Plural);
        writer.WriteBoolean("namespaced", value.Namespaced);
        writer.WriteEndObject();
    }

    internal static JsonObject Schema() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["group"] = new JsonObject { ["type"] = "string" },
            ["version"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["plural"] = new JsonObject { ["type"] = "string" },
            ["namespaced"] = new JsonObject { ["type"] = "boolean" },
        },
        ["required"] = new JsonArray("group", "version", "kind", "plural"),
    };

    private static string Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()!
            : throw new JsonException($"The kind has no text \"{name}\".");
}
