namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>A team whose members get roles in a cluster.</summary>
/// <param name="Team">Its name.</param>
/// <param name="Superusers">Whether its members are super users there.</param>
public readonly record struct ClusterTeam(string Team, bool Superusers);
