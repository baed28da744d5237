using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The operator's parameters cannot be used. Says everything that is wrong at once.</summary>
public sealed class InvalidOperatorConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="findings">What is wrong; at least one error.</param>
    public InvalidOperatorConfigurationException(IReadOnlyList<Finding> findings)
        : base("The operator configuration cannot be used: " + string.Join("; ", findings.Select(static f => f.ToString()))) => Findings = findings;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<Finding> Findings { get; }
}
