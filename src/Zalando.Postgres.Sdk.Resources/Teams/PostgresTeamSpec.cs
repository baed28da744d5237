using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Which further teams and users a team's clusters get. The keys are team ids.</summary>
public sealed record PostgresTeamSpec
{
    internal static readonly PostgresTeamSpec Empty = new();

    /// <summary>Teams whose members become superusers in the clusters of the team; needs <c>enable_postgres_team_crd_superusers</c>. Default: none.</summary>
    [JsonPropertyName("additionalSuperuserTeams")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>?>? AdditionalSuperuserTeams { get; init; }

    /// <summary>Teams whose members get a login in the clusters of the team. Default: none.</summary>
    [JsonPropertyName("additionalTeams")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>?>? AdditionalTeams { get; init; }

    /// <summary>Users that count as members of the team. Default: none.</summary>
    [JsonPropertyName("additionalMembers")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>?>? AdditionalMembers { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
