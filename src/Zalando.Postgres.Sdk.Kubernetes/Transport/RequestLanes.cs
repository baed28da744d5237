using Zalando.Postgres.Sdk.Kubernetes.Client;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Hands out a limited number of request slots; waiting requests of a higher priority go first, and some slots are kept for the highest.</summary>
internal sealed class RequestLanes(int maximum, int maximumBackground, int reserved)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource>[] _waiting = [new(), new(), new()];
    private int _used;
    private int _usedInBackground;

    public async ValueTask<Slot> EnterAsync(RequestPriority priority, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_lock)
        {
            if (IsFree(priority))
            {
                Take(priority);
                return new Slot(this, priority);
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[(int)priority].Enqueue(waiter);
        }

        await using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter).ConfigureAwait(false))
        {
            await waiter.Task.ConfigureAwait(false);
        }

        return new Slot(this, priority);
    }

    private bool IsFree(RequestPriority priority) => priority switch
    {
        RequestPriority.High => _used < maximum,
        RequestPriority.Normal => _used < maximum - reserved,
        _ => _used < maximum - reserved && _usedInBackground < maximumBackground,
    };

    private void Take(RequestPriority priority)
    {
        _used++;
        if (priority == RequestPriority.Background) _usedInBackground++;
    }

    private void Leave(RequestPriority priority)
    {
        lock (_lock)
        {
            _used--;
            if (priority == RequestPriority.Background) _usedInBackground--;
            for (var lane = RequestPriority.High; lane >= RequestPriority.Background; lane--)
            {
                while (IsFree(lane) && _waiting[(int)lane].TryDequeue(out var waiter))
                {
                    if (waiter.TrySetResult()) Take(lane);
                }
            }
        }
    }

    /// <summary>A slot in use; disposing it once gives it back.</summary>
    public readonly struct Slot(RequestLanes lanes, RequestPriority priority) : IDisposable
    {
        public void Dispose() => lanes.Leave(priority);
    }
}
