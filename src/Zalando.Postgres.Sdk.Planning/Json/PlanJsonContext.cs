using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Planning.Json;

/// <summary>Source-generated JSON contracts of the plan model.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowOutOfOrderMetadataProperties = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(PlannedChange))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class PlanJsonContext : JsonSerializerContext;
