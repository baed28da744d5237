using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Json;

/// <summary>JSON form of <see cref="SensitiveText"/>: the text, because the API server stores it so.</summary>
public sealed class SensitiveTextJsonConverter : JsonConverter<SensitiveText>
{
    /// <inheritdoc />
    public override SensitiveText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new SensitiveText(reader.GetString()!) : throw new JsonException("A secret must be a text.");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, SensitiveText value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Reveal());
    }
}
