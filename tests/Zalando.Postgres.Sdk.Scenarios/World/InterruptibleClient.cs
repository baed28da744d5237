using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>The API server as one operator process sees it. Counts the calls and, if wanted, the openings of watches and their events, kills the
/// process right before or right after a given one, and makes calls fail at random.</summary>
internal sealed class InterruptibleClient(IKubernetesClient inner) : IKubernetesClient
{
    private readonly CancellationTokenSource _killed = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private int _calls;

    /// <summary>How many calls were begun.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What the calls were.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Number of the call, from 1, at which the process ends; 0 for never.</summary>
    public int KillAt { get; init; }

    /// <summary>Whether it ends after the server has done what was asked, before the answer arrives.</summary>
    public bool KillAfter { get; init; }

    /// <summary>Whether the lists that watches begin with count as calls.</summary>
    public bool CountsFirstLists { get; init; }

    /// <summary>Whether the opening of a watch, and each event that it delivers, count as calls.</summary>
    public bool CountsWatches { get; init; }

    /// <summary>Decides whether a call fails: null for no, else the failure, and whether the server does what was asked all the same.</summary>
    public Func<(Exception Failure, bool Happens)?>? Fault { get; set; }

    /// <summary>Awaited before a kind is listed for a watch; it may throw.</summary>
    public Func<KubernetesKind, Task>? BeforeList { get; init; }

    /// <summary>Decides for each event of a watch whether the watch breaks instead.</summary>
    public Func<Exception?>? WatchFault { get; set; }

    /// <summary>Cancelled when the process has ended.</summary>
    public CancellationToken Killed => _killed.Token;

    public Task<T?> GetAsync<T>(string? namespaceName, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => CallAsync($"get {T.Descriptor.Plural} {name}", () => inner.GetAsync<T>(namespaceName, name, cancellationToken));

    public Task<KubernetesList<T>> ListAsync<T>(string? namespaceName, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ListAsync<T>(namespaceName, options, cancellationToken);

    public IAsyncEnumerable<KubernetesListPage<T>> ListPagesAsync<T>(string? namespaceName, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.ListPagesAsync<T>(namespaceName, options, cancellationToken);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => inner.WatchAsync<T>(namespaceName, options, cancellationToken);

    public Task<T> CreateAsync<T>(T value, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => CallAsync($"create {T.Descriptor.Plural} {value.Metadata.Name}", () => inner.CreateAsync(value, options, cancellationToken));

    public Task<T> ReplaceAsync<T>(T value, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => CallAsync($"replace {T.Descriptor.Plural} {value.Metadata.Name}", () => inner.ReplaceAsync(value, subresource, options, cancellationToken));

    public Task<T> PatchAsync<T>(string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => CallAsync($"patch {T.Descriptor.Plural} {name}", () => inner.PatchAsync<T>(namespaceName, name, patch, subresource, options, cancellationToken));

    public Task<bool> DeleteAsync<T>(string? namespaceName, string name, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => CallAsync($"delete {T.Descriptor.Plural} {name}", () => inner.DeleteAsync<T>(namespaceName, name, options, cancellationToken));

    public Task<JsonObject?> GetAsync(KubernetesKind kind, string? namespaceName, string name, CancellationToken cancellationToken) =>
        CallAsync($"get {kind.Plural} {name}", () => inner.GetAsync(kind, namespaceName, name, cancellationToken));

    /// <summary>Whether a list or watch of a kind is open: without one the process hears of nothing before its own pause has passed.</summary>
    public bool Listens(string kind)
    {
        lock (_lock) return _open.GetValueOrDefault(kind) > 0;
    }

    public Task<KubernetesList<JsonObject>> ListAsync(KubernetesKind kind, string? namespaceName, ListOptions? options, CancellationToken cancellationToken) =>
        CallAsync($"list {kind.Plural}", () => inner.ListAsync(kind, namespaceName, options, cancellationToken));

    public async IAsyncEnumerable<KubernetesListPage<JsonObject>> ListPagesAsync(
        KubernetesKind kind, string? namespaceName, ListOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Open(kind, 1);
        try
        {
            if (CountsFirstLists) await CallAsync($"list {kind.Plural}", static () => Task.FromResult(true));
            if (BeforeList is { } before) await before(kind);
            await foreach (var page in inner.ListPagesAsync(kind, namespaceName, options, cancellationToken)) yield return page;
        }
        finally
        {
            Open(kind, -1);
        }
    }

    public async IAsyncEnumerable<WatchEvent<JsonObject>> WatchAsync(
        KubernetesKind kind, string? namespaceName, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Open(kind, 1);
        try
        {
            var opening = CountsWatches ? Begin($"watch {kind.Plural}") : 0;
            var events = inner.WatchAsync(kind, namespaceName, options, cancellationToken);
            End(opening);
            await foreach (var change in events)
            {
                if (WatchFault?.Invoke() is { } fault) throw fault;
                var number = CountsWatches ? Begin($"event {kind.Plural} {change.Type} {(string?)change.Object?["metadata"]?["name"]}") : 0;
                yield return change;
                // The receiver has it and asks for the next one.
                End(number);
            }
        }
        finally
        {
            Open(kind, -1);
        }
    }

    private void Open(KubernetesKind kind, int by)
    {
        lock (_lock) _open[kind.Kind] = _open.GetValueOrDefault(kind.Kind) + by;
    }

    public Task<JsonObject> CreateAsync(KubernetesKind kind, JsonObject value, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        CallAsync($"create {kind.Plural} {(string?)value["metadata"]?["name"]}", () => inner.CreateAsync(kind, value, subresource, options, cancellationToken));

    public Task<JsonObject> ReplaceAsync(KubernetesKind kind, JsonObject value, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        CallAsync($"replace {kind.Plural} {(string?)value["metadata"]?["name"]}", () => inner.ReplaceAsync(kind, value, subresource, options, cancellationToken));

    public Task<JsonObject> PatchAsync(KubernetesKind kind, string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        CallAsync($"patch {kind.Plural} {name} {subresource}", () => inner.PatchAsync(kind, namespaceName, name, patch, subresource, options, cancellationToken));

    public Task<bool> DeleteAsync(KubernetesKind kind, string? namespaceName, string name, DeleteOptions? options, CancellationToken cancellationToken) =>
        CallAsync($"delete {kind.Plural} {name}", () => inner.DeleteAsync(kind, namespaceName, name, options, cancellationToken));

    // Asked once in a life, beside the passes.
    public Task<bool> OffersAsync(KubernetesKind kind, string? subresource, CancellationToken cancellationToken) => inner.OffersAsync(kind, subresource, cancellationToken);

    public Task<ExecResult> ExecAsync(string namespaceName, string podName, string container, IReadOnlyList<string> command, ExecOptions? options, CancellationToken cancellationToken) =>
        CallAsync($"exec {podName}", () => inner.ExecAsync(namespaceName, podName, container, command, options, cancellationToken));

    public Task<Stream> OpenLogAsync(string namespaceName, string podName, string? container, LogOptions? options, CancellationToken cancellationToken) =>
        inner.OpenLogAsync(namespaceName, podName, container, options, cancellationToken);

    /// <summary>A call of the process to somebody else than the API server.</summary>
    public Task<T> ElsewhereAsync<T>(string what, Func<Task<T>> call) => CallAsync(what, call);

    private int Begin(string what)
    {
        lock (_lock)
        {
            // Several workers may be here: a dead process makes no further call.
            if (_killed.IsCancellationRequested) throw new ProcessKilledException();
            var number = ++_calls;
            Log.Add(what);
            if (number == KillAt && !KillAfter) Kill();
            return number;
        }
    }

    private void End(int number)
    {
        if (number == 0 || number != KillAt) return;
        lock (_lock) Kill();
    }

    private async Task<T> CallAsync<T>(string what, Func<Task<T>> call)
    {
        var number = Begin(what);
        var fault = Fault?.Invoke();
        if (fault is { Happens: false }) throw fault.Value.Failure;
        var answer = await call();
        End(number);
        return fault is null ? answer : throw fault.Value.Failure;
    }

    private void Kill()
    {
        _killed.Cancel();
        throw new ProcessKilledException();
    }
}
