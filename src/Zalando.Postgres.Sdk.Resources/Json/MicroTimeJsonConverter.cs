using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Json;

/// <summary>JSON form of <see cref="MicroTime"/>.</summary>
public sealed class MicroTimeJsonConverter : JsonConverter<MicroTime>
{
    /// <inheritdoc />
    public override MicroTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Rfc3339.TryParse(text, out var value)
            ? new MicroTime(value)
            : throw new JsonException($"\"{text}\" is not an RFC 3339 time such as 2026-01-31T12:00:00Z.");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, MicroTime value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
