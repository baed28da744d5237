namespace Zalando.Postgres.Sdk.Reconciliation.Engine;

/// <summary>Bounds how many passes work at the same time. A pass that waits for something outside (a database, Patroni, a plugin) gives its place to another
/// meanwhile, so that clusters whose outside hangs never keep the others waiting.</summary>
internal sealed class WorkerSlots(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count, count);

    /// <summary>Waits for a free place.</summary>
    public Task TakeAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    /// <summary>Gives a place back.</summary>
    public void Release() => _free.Release();

    /// <summary>Waits for something outside without a place, and takes one again afterwards.</summary>
    public async Task<T> OutsideAsync<T>(Func<Task<T>> wait)
    {
        _free.Release();
        try
        {
            return await wait().ConfigureAwait(false);
        }
        finally
        {
            // Places come free whatever happens, so this ends; a pass never ends without its place.
            await _free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => _free.Dispose();
}
