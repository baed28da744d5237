using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>Reads and writes JSON as the server keeps it: fully built nodes (safe to read from several threads), numbers that convert to any
/// numeric type, a repeated key reported instead of refused.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 512 };

    /// <summary>Reads one value; <paramref name="duplicates"/> gets the paths of keys that stand twice.</summary>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null)
    {
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        if (!reader.Read()) throw new JsonException("unexpected end of JSON input");
        var value = ReadValue(ref reader, duplicates, "");
        if (reader.Read()) throw new JsonException("invalid character after top-level value");
        return value;
    }

    public static JsonNode? Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) => (JsonObject)Parse(utf8)!;

    /// <summary>A copy in the server's own form, whatever the numbers of <paramref name="value"/> were made from.</summary>
    public static JsonObject Canonical(JsonObject value) => ParseObject(Write(value));

    public static byte[] Write(JsonNode? node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            if (node is null) writer.WriteNullValue();
            else node.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string WriteText(JsonNode? node) => Encoding.UTF8.GetString(Write(node));

    /// <summary>A number that <c>(int?)node</c> and <c>(long?)node</c> both read.</summary>
    public static JsonNode Number(long value)
    {
        var reader = new Utf8JsonReader(Encoding.ASCII.GetBytes(value.ToString()));
        reader.Read();
        return JsonValue.Create(JsonElement.ParseValue(ref reader))!;
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, List<string>? duplicates, string path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var result = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = reader.GetString()!;
                    reader.Read();
                    var below = duplicates is null ? "" : path.Length == 0 ? key : path + "." + key;
                    var value = ReadValue(ref reader, duplicates, below);
                    if (!result.TryAdd(key, value))
                    {
                        duplicates?.Add(below);
                        result[key] = value;
                    }
                }

                return result;
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    array.Add(ReadValue(ref reader, duplicates, duplicates is null ? "" : $"{path}[{array.Count}]"));
                return array;
            case JsonTokenType.String: return JsonValue.Create(reader.GetString()!);
            case JsonTokenType.True: return JsonValue.Create(true);
            case JsonTokenType.False: return JsonValue.Create(false);
            case JsonTokenType.Null: return null;
            default: return JsonValue.Create(JsonElement.ParseValue(ref reader));
        }
    }
}
