using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Json;

/// <summary>JSON form of <see cref="Time"/>.</summary>
public sealed class TimeJsonConverter : JsonConverter<Time>
{
    /// <inheritdoc />
    public override Time Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Rfc3339.TryParse(text, out var value)
            ? new Time(value)
            : throw new JsonException($"\"{text}\" is not an RFC 3339 time such as 2026-01-31T12:00:00Z.");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Time value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
