namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Something the owner of a cluster should know. Shown in status, Events and the command line.</summary>
public sealed record Finding
{
    /// <summary>How bad it is. An error means that nothing is planned.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>Stable word in upper camel case, usable as the reason of an Event, for example <c>ResourceLimits</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Field of the manifest or the configuration, for example <c>spec.resources.limits.cpu</c>; empty when no single field is meant.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>The value that was found, never a secret; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>What is the matter, the rule, and what to do.</summary>
    public required string Message { get; init; }

    /// <summary><c>Error ResourceLimits spec.resources: message</c>.</summary>
    public override string ToString() => FieldPath.Length == 0 ? $"{Severity} {Code}: {Message}" : $"{Severity} {Code} {FieldPath}: {Message}";
}
