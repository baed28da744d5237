using System.Diagnostics;
using Npgsql;

namespace Zalando.Postgres.Sdk.EndToEnd.Sandboxes;

/// <summary>An application that commits one row after the other, and connects again when its connection breaks. It remembers what the server confirmed.</summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    private static int s_tables;

    private readonly SandboxWatch _watch;
    private readonly Func<CancellationToken, Task<NpgsqlConnection>> _connect;
    private readonly string _table = $"public.written_{Interlocked.Increment(ref s_tables)}";
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _mayWrite = new(1);
    private readonly Lock _lock = new();
    private readonly List<(int Number, long At)> _confirmed = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly Task _running;

    private RowWriter(SandboxWatch watch, Func<CancellationToken, Task<NpgsqlConnection>> connect)
    {
        _watch = watch;
        _connect = connect;
        _running = Task.Run(RunAsync);
    }

    /// <summary>How many rows were confirmed.</summary>
    public int Committed
    {
        get
        {
            lock (_lock) return _confirmed.Count;
        }
    }

    public TimeSpan LongestGap
    {
        get
        {
            lock (_lock) return _confirmed.Zip(_confirmed.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a.At, b.At)).DefaultIfEmpty().Max();
        }
    }

    /// <summary>The confirmed rows, in order.</summary>
    public IReadOnlyList<int> Rows
    {
        get
        {
            lock (_lock) return [.. _confirmed.Select(c => c.Number)];
        }
    }

    /// <summary>Starts to write into a table of its own.</summary>
    /// <param name="watch">Tells when it is worth to try again.</param>
    /// <param name="connect">One attempt to connect to the primary, as somebody who may make tables.</param>
    public static RowWriter Start(SandboxWatch watch, Func<CancellationToken, Task<NpgsqlConnection>> connect) => new(watch, connect);

    /// <summary>Waits until so many rows are confirmed.</summary>
    public Task CommittedAsync(int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_confirmed.Count >= count) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(TimeSpan.FromMinutes(3), cancellationToken);
        }
    }

    /// <summary>Waits until the server has confirmed some rows more.</summary>
    public Task GoesOnAsync(CancellationToken cancellationToken) => CommittedAsync(Committed + 20, cancellationToken);

    /// <summary>Rows confirmed behind the longest gap since a moment: those of the new primary. What the old one confirmed in its last moments may not have been replicated.</summary>
    public IReadOnlyList<int> RowsOfTheNewPrimary(Stopwatch primaryGoneAt)
    {
        var gone = Stopwatch.GetTimestamp() - primaryGoneAt.ElapsedTicks;
        lock (_lock)
        {
            var after = _confirmed.Where(c => c.At > gone).ToList();
            if (after.Count == 0) return [];
            var gap = after.Zip(after.Skip(1), (a, b) => (b.Number, Length: b.At - a.At)).OrderByDescending(g => g.Length).FirstOrDefault();
            return [.. after.Where(c => c.Number >= gap.Number).Select(c => c.Number)];
        }
    }

    /// <summary>Holds the writer back; the answer are the rows confirmed until now.</summary>
    public async Task<IReadOnlyList<int>> PauseAsync(CancellationToken cancellationToken)
    {
        await _mayWrite.WaitAsync(cancellationToken);
        return Rows;
    }

    public void Resume() => _mayWrite.Release();

    /// <summary>Rows of a list that a server does not have.</summary>
    public async Task<IReadOnlyList<int>> MissingAsync(NpgsqlConnection connection, IReadOnlyList<int> rows, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select n from unnest($1::int[]) as n where not exists (select from {_table} where number = n)", connection) { Parameters = { new() { Value = rows.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var missing = new List<int>();
        while (await reader.ReadAsync(cancellationToken)) missing.Add(reader.GetInt32(0));
        return missing;
    }

    /// <summary>The last row that a server has; 0 without any.</summary>
    public async Task<int> LastAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (int)(await connection.ScalarAsync($"select coalesce(max(number), 0) from {_table}", cancellationToken))!;

    /// <summary>Ends writing.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
        _mayWrite.Dispose();
    }

    private async Task RunAsync()
    {
        var number = 0;
        using var changes = _watch.Changes();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _connect(_end.Token);
                // A commit that gives up waiting for the synchronous standby succeeds, with a warning: its row is not confirmed.
                var warned = false;
                connection.Notice += (_, e) => warned |= e.Notice.SqlState == PostgresErrorCodes.Warning;
                if (Committed == 0) await connection.ScalarAsync($"create table if not exists {_table} (number int primary key)", _end.Token);
                using var pace = new PeriodicTimer(Pace, TimeProvider.System);
                do
                {
                    await _mayWrite.WaitAsync(_end.Token);
                    try
                    {
                        // A number that was sent and not confirmed is never used again: whether it is there does not matter.
                        await using var insert = new NpgsqlCommand($"insert into {_table} values ($1)", connection) { Parameters = { new() { Value = ++number } } };
                        warned = false;
                        await insert.ExecuteNonQueryAsync(_end.Token);
                        if (!warned) Confirm(number);
                    }
                    finally
                    {
                        _mayWrite.Release();
                    }
                }
                while (await pace.WaitForNextTickAsync(_end.Token));
            }
            catch (Exception exception) when (_end.IsCancellationRequested && (SandboxWatch.IsPassing(exception) || exception is OperationCanceledException))
            {
                return;
            }
            catch (Exception exception) when (SandboxWatch.IsPassing(exception) || exception is OperationCanceledException)
            {
                // The primary is gone or does not take writes yet: again when something has changed.
                try
                {
                    await changes.NextAsync(_end.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private void Confirm(int number)
    {
        lock (_lock)
        {
            _confirmed.Add((number, Stopwatch.GetTimestamp()));
            foreach (var (_, reached) in _waiting.Where(w => w.Count <= _confirmed.Count)) reached.TrySetResult();
            _waiting.RemoveAll(w => w.Count <= _confirmed.Count);
        }
    }
}
