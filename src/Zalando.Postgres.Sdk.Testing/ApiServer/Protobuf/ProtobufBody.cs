using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Protobuf;

/// <summary>Bodies that clients of compiled kinds send as protobuf, as JSON. Answers are always JSON: all these clients take it as well.</summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";
    private const int DeepestMessage = 100;

    /// <summary>The JSON text of a body.</summary>
    /// <exception cref="ApiStatusException">400: no such message; 415: a kind whose messages are not known.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8)) throw StatusErrors.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        try
        {
            var (apiVersion, kind, raw) = Envelope(body[4..]);
            var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
            var group = slash < 0 ? "core" : apiVersion[..slash].Split('.')[0];
            var version = slash < 0 ? apiVersion : apiVersion[(slash + 1)..];
            var message = kind is "DeleteOptions" ? "meta.v1.DeleteOptions" : $"{group}.{version}.{kind}";
            if (MessageShapes.Find(message) is null)
                throw new ApiStatusException(415, "UnsupportedMediaType", $"protobuf bodies of the kind {kind} in version {StatusErrors.Quote(apiVersion)} are not read here: send application/json");
            var value = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion };
            Read(raw, message, value, 0);
            return JsonText.Write(value);
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }
        catch (JsonException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }
    }

    private static (string ApiVersion, string Kind, byte[] Raw) Envelope(ReadOnlySpan<byte> data)
    {
        var (apiVersion, kind) = ("", "");
        byte[] raw = [];
        var envelope = new MessageReader(data);
        while (envelope.Next())
        {
            if (envelope.Number == 2) raw = envelope.Content.ToArray();
            if (envelope.Number != 1) continue;
            var type = new MessageReader(envelope.Content);
            while (type.Next())
            {
                if (type.Number == 1) apiVersion = type.Text;
                else if (type.Number == 2) kind = type.Text;
            }
        }

        return (apiVersion, kind, raw);
    }

    private static void Read(ReadOnlySpan<byte> data, string message, JsonObject into, int depth)
    {
        if (depth > DeepestMessage) throw new FormatException("the message is nested too deeply");
        var shape = MessageShapes.Find(message) ?? throw new FormatException($"the message {message} is not known");
        var metadata = message == "meta.v1.ObjectMeta";
        var reader = new MessageReader(data);
        while (reader.Next())
        {
            // Nothing is lost silently: the client can send JSON instead.
            if (!shape.TryGetValue(reader.Number, out var field))
                throw new ApiStatusException(415, "UnsupportedMediaType", string.Create(CultureInfo.InvariantCulture, $"field {reader.Number} of {message} is not known here: send application/json"));
            if (field.IsInline)
            {
                Read(reader.Content, field.Type, into, depth + 1);
            }
            else if (field.IsMap)
            {
                var (key, value) = Entry(reader.Content, field.Type, depth);
                into.Ensure(field.Name)[key] = value;
            }
            else if (field.IsList)
            {
                if (into[field.Name] is not JsonArray list) into[field.Name] = list = [];
                list.AddNode(Value(ref reader, field.Type, depth));
            }
            else if (!(metadata && reader.Content.IsEmpty && reader.Value == 0))
            {
                // Plain fields come even when they are empty; of those of the metadata none means anything then.
                into[field.Name] = Value(ref reader, field.Type, depth);
            }
        }
    }

    private static (string Key, JsonNode? Value) Entry(ReadOnlySpan<byte> data, string type, int depth)
    {
        var key = "";
        JsonNode? value = type is "string" or "bytes" ? "" : null;
        var reader = new MessageReader(data);
        while (reader.Next())
        {
            if (reader.Number == 1) key = reader.Text;
            else if (reader.Number == 2) value = Value(ref reader, type, depth);
        }

        return (key, value);
    }

    private static JsonNode? Value(ref MessageReader reader, string type, int depth)
    {
        switch (type)
        {
            case "string": return reader.Text;
            case "bytes": return Convert.ToBase64String(reader.Content);
            case "bool": return reader.Value != 0;
            case "int32": return JsonText.Number((int)reader.Value);
            case "int64": return JsonText.Number((long)reader.Value);
            case "uint32" or "uint64": return JsonText.Number((long)reader.Value);
            case "double": return BitConverter.UInt64BitsToDouble(reader.Value);
            case "resource.Quantity": return Texts(reader.Content);
            case "intstr.IntOrString": return IntOrString(reader.Content);
            case "meta.v1.Time" or "meta.v1.Timestamp": return Time(reader.Content, "yyyy-MM-dd'T'HH:mm:ss'Z'");
            case "meta.v1.MicroTime": return Time(reader.Content, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
            case "meta.v1.FieldsV1" or "runtime.RawExtension":
                var raw = new MessageReader(reader.Content);
                return raw.Next() && !raw.Content.IsEmpty ? JsonText.Parse(raw.Content) : null;
            case "authentication.v1.ExtraValue" or "authorization.v1.ExtraValue" or "meta.v1.Verbs":
                var items = new JsonArray();
                var item = new MessageReader(reader.Content);
                while (item.Next()) items.AddNode(item.Text);
                return items;
            default:
                var value = new JsonObject();
                Read(reader.Content, type, value, depth + 1);
                return value;
        }
    }

    private static JsonNode Texts(ReadOnlySpan<byte> data)
    {
        var reader = new MessageReader(data);
        return reader.Next() ? reader.Text : "0";
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> data)
    {
        var (isText, number, text) = (false, 0L, "");
        var reader = new MessageReader(data);
        while (reader.Next())
        {
            switch (reader.Number)
            {
                case 1: isText = reader.Value != 0; break;
                case 2: number = (int)reader.Value; break;
                case 3: text = Encoding.UTF8.GetString(reader.Content); break;
            }
        }

        return isText ? text : JsonText.Number(number);
    }

    private static JsonNode? Time(ReadOnlySpan<byte> data, string form)
    {
        var (seconds, nanoseconds) = (0L, 0L);
        if (data.IsEmpty) return null;
        var reader = new MessageReader(data);
        while (reader.Next())
        {
            if (reader.Number == 1) seconds = (long)reader.Value;
            else if (reader.Number == 2) nanoseconds = (int)reader.Value;
        }

        if (seconds is < -62_135_596_800 or > 253_402_300_799) throw new FormatException("the time is out of range");
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100).ToString(form, CultureInfo.InvariantCulture);
    }
}
