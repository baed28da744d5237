namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Works, but surely not as meant.</summary>
    Warning,

    /// <summary>Cannot work; the operator refuses it.</summary>
    Error,
}
