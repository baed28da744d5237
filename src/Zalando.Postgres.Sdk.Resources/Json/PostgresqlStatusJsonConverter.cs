using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Json;

/// <summary>Reads the status of a cluster, which old operators wrote as a plain text.</summary>
public sealed class PostgresqlStatusJsonConverter : JsonConverter<PostgresqlStatus>
{
    /// <inheritdoc />
    public override PostgresqlStatus? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? new PostgresqlStatus { PostgresClusterStatus = reader.GetString() }
            : JsonSerializer.Deserialize(ref reader, PostgresJsonContext.Default.PostgresqlStatus);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, PostgresqlStatus value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, PostgresJsonContext.Default.PostgresqlStatus);
}
