namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>What is wrong or doubtful in a manifest or a configuration, in words people can act on. The same text is shown by the command line, in Events and in the status.</summary>
public sealed record Finding
{
    /// <summary>How bad it is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Where: a path such as <c>spec.users.alice[1]</c>; empty for the whole object.</summary>
    public required string FieldPath { get; init; }

    /// <summary>The value as written; null when it is missing or must not be shown.</summary>
    public string? Value { get; init; }

    /// <summary>What must hold, for example <c>must be "14" to "18"</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>What to do.</summary>
    public string? Advice { get; init; }

    /// <summary>Short stable name of the rule, for example <c>clone-timestamp</c>, for suppressing and counting.</summary>
    public required string RuleId { get; init; }

    /// <summary>One line: path, value, rule, advice.</summary>
    public override string ToString()
    {
        var subject = FieldPath.Length == 0 ? "" : Value is null ? $"{FieldPath}: " : $"{FieldPath}: \"{Value}\": ";
        return Advice is null ? subject + Rule : $"{subject}{Rule}. {Advice}";
    }
}
