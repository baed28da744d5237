using System.Text.Json.Nodes;
using static Zalando.Postgres.Sdk.Resources.Schemas.SchemaBuilder;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>Schema of <see cref="PostgresTeam"/>. Tests hold it to the record types: same fields, same kinds of value, same words.</summary>
internal static class PostgresTeamSchema
{
    internal static JsonObject Root() => RootOf("Further teams and users for the clusters of a team.", ("spec", PostgresTeamSpec("The teams and users.")))
        .Requiring("metadata", "spec");

    private static JsonObject PostgresTeamSpec(string? description) => ObjectOf(
        description,
        ("additionalSuperuserTeams", MapOf("Teams whose members become superusers in the clusters of the team; needs `enable_postgres_team_crd_superusers`. Default: none.", ListOf(null, Text(null)))),
        ("additionalTeams", MapOf("Teams whose members get a login in the clusters of the team. Default: none.", ListOf(null, Text(null)))),
        ("additionalMembers", MapOf("Users that count as members of the team. Default: none.", ListOf(null, Text(null)))));
}
