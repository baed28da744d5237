using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Source-generated JSON contracts of the kinds of this project: null members are left out, unknown fields are kept.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Postgresql))]
[JsonSerializable(typeof(PostgresqlList))]
[JsonSerializable(typeof(OperatorConfiguration))]
[JsonSerializable(typeof(OperatorConfigurationList))]
[JsonSerializable(typeof(PostgresTeam))]
[JsonSerializable(typeof(PostgresTeamList))]
[JsonSerializable(typeof(FabricEventStream))]
[JsonSerializable(typeof(FabricEventStreamList))]
public sealed partial class PostgresJsonContext : JsonSerializerContext;
