namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>How bad a <see cref="Finding"/> is.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Works, but surely not as meant.</summary>
    Warning,

    /// <summary>Cannot work; the operator plans nothing until it is repaired.</summary>
    Error,
}
