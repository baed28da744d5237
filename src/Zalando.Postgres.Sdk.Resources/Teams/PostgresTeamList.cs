using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A list of <see cref="PostgresTeam"/>.</summary>
public sealed record PostgresTeamList
{
    /// <summary>Group and version.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? "acid.zalan.do/v1"; init; }

    /// <summary><c>PostgresTeamList</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? "PostgresTeamList"; init; }

    /// <summary>Version of the list, and where it continues.</summary>
    [JsonPropertyName("metadata")]
    public ListMeta? Metadata { get; init; }

    /// <summary>The objects. Never null.</summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<PostgresTeam> Items { get => field ?? []; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
