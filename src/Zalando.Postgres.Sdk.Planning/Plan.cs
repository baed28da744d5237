using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What has to be done so that a cluster becomes what its manifest and the operator configuration say, and why.</summary>
/// <remarks>A plan is data: nothing has happened yet. Changes are executed in the order of <see cref="Changes"/>; after a failed one the
/// cluster is observed and planned again, never resumed in the middle. Write and read it with <see cref="PlanJson"/>.</remarks>
public sealed record Plan
{
    /// <summary>Version of the JSON form; raised when a reader of the old form could misunderstand the new one.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Version of the JSON form this plan was made for.</summary>
    /// <value>Default: <see cref="CurrentSchemaVersion"/>.</value>
    [JsonPropertyOrder(-3)]
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>The cluster.</summary>
    [JsonPropertyOrder(-2)]
    public required ClusterKey Cluster { get; init; }

    /// <summary>What to do now, in this order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>What has to be done but cannot be done now, and what each waits for.</summary>
    public IReadOnlyList<PendingChange> Pending { get; init; } = [];

    /// <summary>What the owner of the cluster should know: refusals, adjusted values, things that were not observed.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Whether there is nothing to do now. Pending changes and findings do not count.</summary>
    [JsonIgnore]
    public bool IsEmpty => Changes.Count == 0;

    /// <summary>Whether the manifest cannot be followed at all: a finding is an error, and nothing is planned.</summary>
    [JsonIgnore]
    public bool IsRefused => Findings.Any(f => f.Severity == FindingSeverity.Error);

    /// <summary>The worst that any of the <see cref="Changes"/> does to the users of the database.</summary>
    [JsonPropertyOrder(-1)]
    public Disruption Disruption => Changes.Count == 0 ? Disruption.None : Changes.Max(c => c.Disruption);

    /// <summary>SHA-256 (64 hexadecimal digits) over the changes: equal for two plans that do the same to the same cluster. Use it to approve a plan.</summary>
    /// <remarks>Secret values do not enter it, so it may be shown to everybody.</remarks>
    [JsonPropertyOrder(1)]
    public string Hash => PlanJson.HashOf(this);
}
