using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zalando.Postgres.Sdk.Hosting.Services;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Hosting.Health;

/// <summary>Whether the process does its work: it leads and has listed everything once, or it stands by.</summary>
internal sealed class OperatorReadiness(PostgresOperatorService service, IOperatorConfigurationSource configuration) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (service.IsStandby) return Task.FromResult(HealthCheckResult.Healthy("Another process leads."));
        if (service.Engine is not { } engine) return Task.FromResult(HealthCheckResult.Unhealthy("The operator is starting."));
        if (configuration is { Current: null, Refusal: { } refusal }) return Task.FromResult(HealthCheckResult.Unhealthy($"The operator configuration cannot be used: {refusal}"));
        if (!engine.Ready.IsCompletedSuccessfully) return Task.FromResult(HealthCheckResult.Unhealthy("Waiting for the operator configuration and the first lists."));
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["waiting"] = engine.Queue.ReadyCount, ["pausing"] = engine.Queue.DelayedCount, ["running"] = engine.Queue.RunningCount,
            ["passes"] = engine.Passes.ToString(CultureInfo.InvariantCulture),
        };
        IReadOnlyList<string> troubles = [.. engine.WatchFailures, .. configuration.Refusal is { } kept ? new[] { $"The newest operator configuration cannot be used, the former one stays in force: {kept}" } : []];
        return Task.FromResult(troubles.Count > 0
            ? HealthCheckResult.Degraded(string.Join("; ", troubles), data: data)
            : HealthCheckResult.Healthy(data: data));
    }
}
