using System.Diagnostics;
using Npgsql;

namespace Zalando.Postgres.Sdk.EndToEnd.Patroni;

/// <summary>A client that writes one row after the other through the service of the primary, and remembers those the server confirmed.</summary>
internal sealed class Writer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly ShopCluster _shop;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<long> _acknowledged = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private readonly Task _running;

    private Writer(ShopCluster shop)
    {
        _shop = shop;
        _running = Task.Run(RunAsync);
    }

    public TimeSpan LongestPause { get; private set; }

    public int Committed
    {
        get
        {
            lock (_lock) return _acknowledged.Count;
        }
    }

    public static Writer Start(ShopCluster shop) => new(shop);

    /// <summary>Waits until so many rows are confirmed.</summary>
    public Task CommittedAsync(int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_acknowledged.Count >= count) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        }
    }

    public async Task<IReadOnlyList<long>> StopAsync()
    {
        await _end.CancelAsync();
        await _running;
        return _acknowledged;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var number = DateTimeOffset.UnixEpoch.Ticks + Stopwatch.GetTimestamp();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _shop.ConnectAsync(_end.Token);
                while (true)
                {
                    // A number that was sent and not confirmed is never used again: whether it is there does not matter.
                    var next = ++number;
                    await using var command = new NpgsqlCommand("insert into written values ($1)", connection);
                    command.Parameters.AddWithValue(next);
                    await command.ExecuteNonQueryAsync(_end.Token);
                    Acknowledge(next);
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, _end.Token);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException or IOException)
            {
                if (_end.IsCancellationRequested) return;
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private void Acknowledge(long number)
    {
        lock (_lock)
        {
            if (_acknowledged.Count > 0 && _sinceLast.Elapsed > LongestPause) LongestPause = _sinceLast.Elapsed;
            _sinceLast.Restart();
            _acknowledged.Add(number);
            foreach (var (_, reached) in _waiting.Where(w => w.Count <= _acknowledged.Count)) reached.TrySetResult();
            _waiting.RemoveAll(w => w.Count <= _acknowledged.Count);
        }
    }
}
