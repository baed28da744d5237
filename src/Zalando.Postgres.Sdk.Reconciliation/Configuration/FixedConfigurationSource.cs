using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Configuration;

/// <summary>A configuration held by the process: for hosts that make it themselves, and for tests.</summary>
/// <param name="configuration">The configuration in force from the start.</param>
public sealed class FixedConfigurationSource(OperatorConfiguration configuration) : IOperatorConfigurationSource
{
    private OperatorConfiguration _current = configuration;

    /// <inheritdoc />
    public event Action? Changed;

    /// <inheritdoc />
    public OperatorConfiguration? Current => Volatile.Read(ref _current);

    /// <summary>Puts another configuration in force.</summary>
    /// <param name="configuration">The new configuration.</param>
    public void Replace(OperatorConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Volatile.Write(ref _current, configuration);
        Changed?.Invoke();
    }

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
