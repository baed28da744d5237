using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Where the operator's configuration comes from. It may change while the operator runs.</summary>
public interface IOperatorConfigurationSource
{
    /// <summary>The configuration in force; null until the first one was read.</summary>
    OperatorConfiguration? Current { get; }

    /// <summary>Why the newest configuration is not in force, with all reasons; null when it is.</summary>
    string? Refusal => null;

    /// <summary>Raised after <see cref="Current"/> has changed; every cluster is then looked at again. Handlers must be quick.</summary>
    event Action? Changed;

    /// <summary>Keeps <see cref="Current"/> up to date until cancelled. A configuration that cannot be used never replaces one that can.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    Task RunAsync(CancellationToken cancellationToken);
}
