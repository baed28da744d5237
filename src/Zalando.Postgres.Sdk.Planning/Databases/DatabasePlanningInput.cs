using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>What roles and databases of a cluster are planned from.</summary>
public sealed record DatabasePlanningInput
{
    /// <summary>The cluster.</summary>
    public required Postgresql Manifest { get; init; }

    /// <summary>The operator's settings.</summary>
    public required OperatorSettings Settings { get; init; }

    /// <summary>What exists: the Secrets with the passwords and, for a plan, the catalogue.</summary>
    public required ObservedCluster Observed { get; init; }

    /// <summary>Infrastructure roles and members of teams.</summary>
    /// <value>Default: none.</value>
    public RoleInputs Roles { get; init; } = RoleInputs.None;

    /// <summary>The time, for the end of retentions.</summary>
    public required DateTimeOffset Now { get; init; }
}
