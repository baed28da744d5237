using System.Diagnostics;
using Npgsql;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>An application that commits one row after the other, and connects again when its connection breaks. It remembers what was confirmed.</summary>
internal sealed class RowWriter(Func<CancellationToken, Task<NpgsqlConnection>> connect)
{
    private readonly List<(int Id, long At)> _committed = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _mayWrite = new(1);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Committed
    {
        get
        {
            lock (_gate) return _committed.Count;
        }
    }

    public TimeSpan LongestGap
    {
        get
        {
            lock (_gate) return _committed.Zip(_committed.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a.At, b.At)).DefaultIfEmpty().Max();
        }
    }

    /// <summary>Rows confirmed after the longest gap: those of the new primary.</summary>
    public IReadOnlyList<int> CommittedAfter(Stopwatch primaryGoneAt)
    {
        var killed = Stopwatch.GetTimestamp() - primaryGoneAt.ElapsedTicks;
        lock (_gate)
        {
            var after = _committed.Where(c => c.At > killed).ToList();
            if (after.Count == 0) return [];
            // What was confirmed within the last moments of the old primary may not have been replicated; everything behind the gap was confirmed by the new one.
            var gap = after.Zip(after.Skip(1), (a, b) => (b.Id, Length: b.At - a.At)).OrderByDescending(g => g.Length).FirstOrDefault();
            return [.. after.Where(c => c.Id >= gap.Id).Select(c => c.Id)];
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var id = 1;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connect(cancellationToken);
                while (true)
                {
                    await _mayWrite.WaitAsync(cancellationToken);
                    try
                    {
                        await using var insert = new NpgsqlCommand("insert into public.written values ($1) on conflict do nothing", connection) { Parameters = { new() { Value = id } } };
                        await insert.ExecuteNonQueryAsync(cancellationToken);
                        Confirm(id++);
                    }
                    finally
                    {
                        _mayWrite.Release();
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or OperationCanceledException)
            {
                // The primary is gone or does not take writes yet: try again, as an application would.
                await Task.Yield();
            }
        }
    }

    /// <summary>Waits until so many rows have been confirmed.</summary>
    public async Task CommittedAsync(int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_committed.Count >= count) return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(90), cancellationToken);
        }
    }

    /// <summary>Holds the writer back; the answer is the last confirmed row.</summary>
    public async Task<int> PauseAsync(CancellationToken cancellationToken)
    {
        await _mayWrite.WaitAsync(cancellationToken);
        return Committed;
    }

    public void Resume() => _mayWrite.Release();

    private void Confirm(int id)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _committed.Add((id, Stopwatch.GetTimestamp()));
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }
}
