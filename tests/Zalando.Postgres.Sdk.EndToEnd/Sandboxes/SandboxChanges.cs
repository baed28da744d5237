using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.EndToEnd.Sandboxes;

/// <summary>Remembers that something has changed since it was last asked, so that no change between a look and the wait after it is missed.</summary>
public sealed class SandboxChanges : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);
    private readonly SandboxWatch _watch;
    private readonly IDisposable _subscription;

    internal SandboxChanges(SandboxWatch watch, IApiAccess api)
    {
        _watch = watch;
        watch.Happened += Note;
        _subscription = api.Subscribe(_ => Note());
    }

    /// <summary>Waits for the next change; at once when there has been one.</summary>
    public Task NextAsync(CancellationToken cancellationToken) => _changed.WaitAsync(cancellationToken);

    public void Dispose()
    {
        _watch.Happened -= Note;
        _subscription.Dispose();
        _changed.Dispose();
    }

    private void Note()
    {
        try
        {
            if (_changed.CurrentCount == 0) _changed.Release();
        }
        catch (ObjectDisposedException)
        {
            // The last change came while the wait was ending.
        }
    }
}
