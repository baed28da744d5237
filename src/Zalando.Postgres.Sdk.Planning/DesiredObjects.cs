using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>The objects a cluster should have, whatever exists.</summary>
public sealed record DesiredObjects
{
    /// <summary>The objects in the order in which they are made; empty when the manifest is refused.</summary>
    public required IReadOnlyList<DesiredObject> Objects { get; init; }

    /// <summary>What the owner should know; an error means a refusal.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Builds them.</summary>
    /// <param name="input">Manifest and configuration. Of what is observed only what they refer to is used: existing passwords, environment secrets.</param>
    public static DesiredObjects Build(PlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var context = new ClusterContext(input);
        var objects = DesiredCluster.Build(context);
        return new() { Objects = context.IsRefused ? [] : objects, Findings = context.Findings };
    }
}
