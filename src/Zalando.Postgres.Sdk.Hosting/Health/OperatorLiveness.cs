using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zalando.Postgres.Sdk.Hosting.Services;

namespace Zalando.Postgres.Sdk.Hosting.Health;

/// <summary>Whether the process should go on: it should unless its background work has ended for good. A standby lives; trouble with the API server is no reason to restart.</summary>
internal sealed class OperatorLiveness(PostgresOperatorService service) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(service.ExecuteTask is { IsFaulted: true } task
            ? HealthCheckResult.Unhealthy("The operator has stopped.", task.Exception)
            : HealthCheckResult.Healthy());
}
