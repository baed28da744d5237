using Microsoft.Extensions.Hosting;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>The lifetime of a web host that somebody else starts and stops: it listens to no signal.</summary>
internal sealed class UnattendedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
