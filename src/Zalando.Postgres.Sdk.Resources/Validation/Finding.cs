using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>What is wrong or doubtful in a manifest, a configuration or a cluster, in words people can act on. The same record and the same text are used by the command line, plans, Events and the status.</summary>
public sealed record Finding
{
    /// <summary>How bad it is.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>Where: a path such as <c>spec.users.alice[1]</c>, or the name of a parameter; empty when no single field is meant.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>The value as written, never a secret; null when it is missing or must not be shown.</summary>
    public string? Value { get; init; }

    /// <summary>What must hold or what is the matter, for example <c>must be "14" to "18"</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>What to do; null when the rule says it.</summary>
    public string? Advice { get; init; }

    /// <summary>Stable name of the rule in upper camel case, for example <c>CloneTimestamp</c>: for suppressing and counting, and the reason of the Event.</summary>
    public required string Code { get; init; }

    /// <summary>Whether an error only keeps new clusters from being made: the reference operator runs clusters with it, so one that exists is not left alone for it but gets a warning. See <see cref="ForExistingCluster"/>. <value>false</value></summary>
    [JsonIgnore]
    public bool IsTolerated { get; init; }

    /// <summary>Rule and advice as one text.</summary>
    [JsonIgnore]
    public string Message => Advice is null ? Rule : $"{Rule}. {Advice}";

    /// <summary>The finding as it counts for a cluster that exists: a tolerated error is a warning.</summary>
    public Finding ForExistingCluster() => IsTolerated && Severity == FindingSeverity.Error ? this with { Severity = FindingSeverity.Warning } : this;

    /// <summary>One line: path, value, rule, advice.</summary>
    public override string ToString() => FieldPath.Length == 0 ? Message : Value is null ? $"{FieldPath}: {Message}" : $"{FieldPath}: \"{Value}\": {Message}";
}
