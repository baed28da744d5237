namespace Zalando.Postgres.Sdk.Planning;

/// <summary>How bad a <see cref="Finding"/> is.</summary>
public enum FindingSeverity
{
    /// <summary>Good to know.</summary>
    Information,

    /// <summary>Something is not done as it was asked for.</summary>
    Warning,

    /// <summary>The manifest cannot be followed; nothing is planned until it is repaired.</summary>
    Error,
}
