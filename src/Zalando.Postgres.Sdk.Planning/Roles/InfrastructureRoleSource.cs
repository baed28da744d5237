using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>One Secret with infrastructure roles and the ConfigMap of the same name, as far as they exist.</summary>
public sealed record InfrastructureRoleSource
{
    /// <summary>Values of the Secret, decoded; null when it cannot be read.</summary>
    public IReadOnlyDictionary<string, string>? Secret { get; init; }

    /// <summary>Entries of the ConfigMap, each parsed from YAML; null for an entry that is no mapping. Null when there is no ConfigMap.</summary>
    public IReadOnlyDictionary<string, JsonObject?>? ConfigMap { get; init; }

    /// <summary>Does not show values.</summary>
    public override string ToString() => $"{Secret?.Count ?? 0} keys, {ConfigMap?.Count ?? 0} entries";
}
