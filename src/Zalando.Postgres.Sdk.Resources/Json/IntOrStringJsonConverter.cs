using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Json;

/// <summary>JSON form of <see cref="IntOrString"/>.</summary>
public sealed class IntOrStringJsonConverter : JsonConverter<IntOrString>
{
    /// <inheritdoc />
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => IntOrString.From(reader.GetString()!),
        JsonTokenType.Number when reader.TryGetInt32(out var number) => IntOrString.From(number),
        JsonTokenType.Number => throw new JsonException("The number does not fit into 32 bits, or is not whole."),
        _ => throw new JsonException($"A number or a text was expected, not {reader.TokenType}."),
    };

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Number is { } number) writer.WriteNumberValue(number);
        else writer.WriteStringValue(value.Text);
    }
}
