using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Protobuf;

/// <summary>Turns a body in the API server's binary form into the JSON it stands for: newer kubectl and other Go clients send it for built-in kinds.</summary>
/// <remarks>Names and types come from the published schemas, numbers from <see cref="ProtobufFields"/>. Answers are JSON, which these clients take as well.</remarks>
internal static class ProtobufBody
{
    public const string ContentType = "application/vnd.kubernetes.protobuf";

    private const int DeepestMessage = 64;

    // Kinds that are only bodies of subresources or options of a request.
    private static readonly FrozenDictionary<string, string> SchemaNames = KubernetesKinds.SchemaNames.Select(static pair => KeyValuePair.Create($"{pair.Key.ApiVersion}/{pair.Key.Kind}", pair.Value))
        .Concat(
        [
            new("policy/v1/Eviction", "io.k8s.api.policy.v1.Eviction"),
            new("authentication.k8s.io/v1/TokenRequest", "io.k8s.api.authentication.v1.TokenRequest"),
            new("autoscaling/v1/Scale", "io.k8s.api.autoscaling.v1.Scale"),
        ])
        .ToFrozenDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);

    /// <summary>The JSON of a body.</summary>
    /// <exception cref="ApiStatusException">The body is no such message (400), or has fields that are not known here (415: send JSON).</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> body)
    {
        try
        {
            if (!body.StartsWith("k8s\0"u8)) throw new FormatException("it does not begin with the mark of the format");
            var (apiVersion, kind, raw) = Envelope(body[4..]);
            var schemaName = kind == "DeleteOptions" ? "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
                : SchemaNames.GetValueOrDefault($"{apiVersion}/{kind}") ?? throw NotKnown($"{apiVersion} {kind}");
            var value = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
            ReadInto(value, raw, KubernetesSchema.ByName(schemaName), schemaName, 0);
            return JsonSerializer.SerializeToUtf8Bytes(value, KubernetesJsonContext.Default.JsonObject);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw StatusErrors.BadRequest($"the object provided is unrecognized: it is no protobuf of an object: {exception.Message}");
        }
    }

    private static (string ApiVersion, string Kind, byte[] Raw) Envelope(ReadOnlySpan<byte> envelope)
    {
        string apiVersion = "", kind = "";
        byte[] raw = [];
        var reader = new ProtobufReader(envelope);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    var type = new ProtobufReader(reader.Bytes);
                    while (type.Next())
                    {
                        if (type.Field == 1) apiVersion = type.Text;
                        else if (type.Field == 2) kind = type.Text;
                    }

                    break;
                case 2:
                    raw = reader.Bytes.ToArray();
                    break;
            }
        }

        return (apiVersion, kind, raw);
    }

    private static void ReadInto(JsonObject target, ReadOnlySpan<byte> message, KubernetesSchema schema, string messageName, int depth)
    {
        if (depth > DeepestMessage) throw new FormatException("messages are nested too deeply");
        var fields = ProtobufFields.Of(messageName) ?? throw NotKnown(messageName);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (!fields.TryGetValue(reader.Field, out var field)) throw NotKnown($"{messageName}, field {reader.Field}");
            if (field.IsInline)
            {
                ReadInto(target, reader.Bytes, schema, field.Name, depth + 1);
                continue;
            }

            var property = schema.Properties.GetValueOrDefault(field.Name) ?? throw NotKnown($"{messageName}.{field.Name}");
            if (property.Type == "array")
            {
                if (target[field.Name] is not JsonArray list) target[field.Name] = list = [];
                list.AddNode(Value(reader, property.Items!, depth));
            }
            else if (property is { AdditionalProperties: { } values, Type: "object" })
            {
                if (target[field.Name] is not JsonObject map) target[field.Name] = map = [];
                ReadEntry(map, reader.Bytes, values, depth);
            }
            else if (Value(reader, property, depth) is { } value && (field.KeepsZero || !IsZero(value) || schema.Required.Contains(field.Name)))
            {
                target[field.Name] = value;
            }
        }
    }

    private static void ReadEntry(JsonObject map, ReadOnlySpan<byte> entry, KubernetesSchema values, int depth)
    {
        var key = "";
        JsonNode? value = values.Type == "string" ? "" : null;
        var reader = new ProtobufReader(entry);
        while (reader.Next())
        {
            if (reader.Field == 1) key = reader.Text;
            else if (values.Type == "array") value = Items(reader.Bytes, values.Items!, depth);
            else value = Value(reader, values, depth);
        }

        map[key] = value;
    }

    private static JsonArray Items(ReadOnlySpan<byte> message, KubernetesSchema items, int depth)
    {
        var list = new JsonArray();
        var reader = new ProtobufReader(message);
        while (reader.Next()) list.AddNode(Value(reader, items, depth));
        return list;
    }

    private static JsonNode? Value(ProtobufReader reader, KubernetesSchema schema, int depth)
    {
        if (schema.IsIntOrString) return IntOrString(reader.Bytes);
        if (schema.IsQuantity) return First(reader.Bytes);
        if (schema.Format == "date-time") return Time(reader.Bytes, schema.Name?.EndsWith("MicroTime", StringComparison.Ordinal) == true);
        switch (schema.Type)
        {
            case "string":
                return schema.Format == "byte" ? Convert.ToBase64String(reader.Bytes) : reader.Text;
            case "boolean":
                return reader.Number != 0;
            case "integer":
                return (long)reader.Number;
            case "number":
                return BitConverter.UInt64BitsToDouble(reader.Number);
        }

        if (schema.Name is null or "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1" or "io.k8s.apimachinery.pkg.runtime.RawExtension")
            return First(reader.Bytes) is { Length: > 0 } json ? JsonNode.Parse(json) : null;
        var value = new JsonObject();
        ReadInto(value, reader.Bytes, schema, schema.Name, depth + 1);
        return value;
    }

    private static string First(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        return reader.Next() && reader.Field == 1 ? reader.Text : "";
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> message)
    {
        var isText = false;
        long number = 0;
        var text = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) isText = reader.Number == 1;
            else if (reader.Field == 2) number = (int)reader.Number;
            else text = reader.Text;
        }

        return isText ? text : number;
    }

    private static JsonNode? Time(ReadOnlySpan<byte> message, bool isMicro)
    {
        long seconds = 0, nanoseconds = 0;
        var isSet = false;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            isSet = true;
            if (reader.Field == 1) seconds = (long)reader.Number;
            else if (reader.Field == 2) nanoseconds = (int)reader.Number;
        }

        if (!isSet) return null;
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -62_135_596_800, 253_402_300_799)).AddTicks(nanoseconds / 100);
        return time.ToString(isMicro ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    // A field that is no pointer in the sender's memory is sent even when nobody has set it.
    private static bool IsZero(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>().Length == 0,
        JsonValueKind.False => true,
        JsonValueKind.Number => value.AsValue().TryGetValue<long>(out var number) ? number == 0 : value.GetValue<double>() == 0,
        _ => false,
    };

    private static ApiStatusException NotKnown(string what) =>
        new(415, "UnsupportedMediaType", $"the body is protobuf, and its part {what} is not known here; send it as JSON or YAML");
}
