using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Reconciliation.Engine;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>One life of the operator: everything it has in memory goes with it.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping;
    private readonly Task _running;

    public OperatorProcess(InterruptibleClient client, ReconcileEngineServices services, ReconcileEngineOptions options)
    {
        Client = client;
        Engine = new ReconcileEngine(services with { Kubernetes = client }, options);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(client.Killed);
        _running = Engine.RunAsync(_stopping.Token);
    }

    public InterruptibleClient Client { get; }

    public ReconcileEngine Engine { get; }

    public bool IsDead => Client.Killed.IsCancellationRequested;

    public Task Running => _running;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Engine.Dispose();
        _stopping.Dispose();
    }
}
