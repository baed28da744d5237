using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Runs the controllers of the in-memory API server: one work queue, one worker, so that the same changes lead to the same writes in the
/// same order. Works in real time by itself; with a manual clock <see cref="SettleAsync"/> brings everything to rest without waiting.</summary>
public sealed partial class ControllerHost : IAsyncDisposable
{
    private const int MaximumFailures = 100;
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(60);

    private readonly Lock _queueLock = new();
    private readonly Lock _workLock = new();
    private readonly Queue<ApiChange> _changes = new();
    private readonly Queue<(Controller Controller, ObjectKey Key)> _ready = new();
    private readonly HashSet<(Controller, ObjectKey)> _queued = [];
    private readonly Dictionary<(Controller, ObjectKey), DateTimeOffset> _later = [];
    private readonly Dictionary<(Controller, ObjectKey), int> _attempts = [];
    private readonly List<string> _failures = [];
    private readonly SemaphoreSlim _signal = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ControllerContext _context;
    private readonly IReadOnlyList<Controller> _controllers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private IDisposable? _subscription;
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;
    private bool _disposed;

    /// <summary>A host; <see cref="Start"/> sets it to work.</summary>
    /// <param name="api">The server.</param>
    /// <param name="time">The clock: of time stamps, delays and schedules.</param>
    /// <param name="options">Which controllers; null for the default ones.</param>
    /// <exception cref="ArgumentException">A name in the options is no controller.</exception>
    public ControllerHost(IApiAccess api, TimeProvider time, ControllerHostOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(time);
        options ??= new ControllerHostOptions();
        _time = time;
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<ControllerHost>() ?? NullLogger.Instance;
        _context = new ControllerContext(api, new ObservedState(), time, options);
        _controllers = ControllerCatalogue.Create(_context);
        if (_controllers.OfType<SimulatedNodeController>().FirstOrDefault() is { } node) Node = new SimulatedNode(node, this);
    }

    /// <summary>The controllers that run unless the options say otherwise: those that run beside a recorded kube-apiserver, and the volume binder.</summary>
    public static IReadOnlyList<string> DefaultControllers => ControllerCatalogue.DefaultNames;

    /// <summary>Whether there is a controller of that name, or one that kube-controller-manager calls so.</summary>
    /// <param name="name">Name, for example <c>statefulset</c> or <c>statefulset-controller</c>.</param>
    public static bool IsKnown(string name) => ControllerCatalogue.IsKnown(name);

    /// <summary>The simulated node, to hold back or fail pods; null when the options have none.</summary>
    public SimulatedNode? Node { get; }

    /// <summary>What went wrong lately, in the words of the server, newest last. Conflicts are retried and not listed.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_queueLock) return _failures.ToArray();
        }
    }

    /// <summary>Begins: looks at everything that is stored, and from then on at every change.</summary>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_subscription is not null) return;
        _subscription = _context.Api.Subscribe(OnChange);
        foreach (var kind in _context.Api.Kinds)
        {
            if (!kind.Verbs.Contains("list") || !kind.Verbs.Contains("watch") || kind.Kind == "Event") continue;
            foreach (var value in _context.Api.List(kind, null))
            {
                if (!_context.State.AddIfMissing(kind, value)) continue;
                lock (_queueLock) _changes.Enqueue(new ApiChange("ADDED", kind, value, null));
            }
        }

        foreach (var controller in _controllers.OfType<IStartingController>())
        {
            foreach (var key in controller.InitialKeys) Enqueue((Controller)controller, key);
        }

        _loop = Task.Run(RunAsync, CancellationToken.None);
        Wake();
    }

    /// <summary>Works until no controller has anything left to do now. What is due later waits for the clock.</summary>
    /// <param name="cancellationToken">Stops between two looks.</param>
    public Task SettleAsync(CancellationToken cancellationToken = default)
    {
        if (!_disposed) Work(cancellationToken);
        return Task.CompletedTask;
    }

    /// <summary>Whether everything that is due has been done.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_queueLock) return _changes.Count == 0 && _ready.Count == 0 && !_later.Any(l => l.Value <= _time.GetUtcNow());
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        _subscription?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        Wake();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_timer is not null) await _timer.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _signal.Dispose();
    }

    /// <summary>Lets a controller look at a key.</summary>
    internal void Enqueue(Controller controller, ObjectKey key)
    {
        lock (_queueLock)
        {
            if (_queued.Add((controller, key))) _ready.Enqueue((controller, key));
        }

        Wake();
    }

    private void OnChange(ApiChange change)
    {
        // Called by whoever writes, perhaps under the locks of the store: take note and leave.
        _context.State.Apply(change);
        if (change.Kind.Kind == "Event") return;
        lock (_queueLock) _changes.Enqueue(change);
        Wake();
    }

    private void Wake()
    {
        if (_signal.CurrentCount == 0 && !_disposed) _signal.Release();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await _signal.WaitAsync(_stopping.Token).ConfigureAwait(false);
            Work(_stopping.Token);
        }
    }

    private void Work(CancellationToken cancellationToken)
    {
        lock (_workLock)
        {
            while (!cancellationToken.IsCancellationRequested && Next() is { } next)
            {
                if (next.Change is { } change) Observe(change);
                else Reconcile(next.Controller!, next.Key);
            }

            Schedule();
        }
    }

    private (ApiChange? Change, Controller? Controller, ObjectKey Key)? Next()
    {
        lock (_queueLock)
        {
            if (_changes.TryDequeue(out var change)) return (change, null, default);
            if (_later.Count > 0)
            {
                var now = _time.GetUtcNow();
                foreach (var ((controller, key), due) in _later.Where(l => l.Value <= now).OrderBy(static l => l.Value).ThenBy(static l => l.Key.Item2.ToString(), StringComparer.Ordinal).ToArray())
                {
                    _later.Remove((controller, key));
                    if (_queued.Add((controller, key))) _ready.Enqueue((controller, key));
                }
            }

            if (!_ready.TryDequeue(out var ready)) return null;
            _queued.Remove(ready);
            return (null, ready.Controller, ready.Key);
        }
    }

    private void Observe(ApiChange change)
    {
        foreach (var controller in _controllers)
        {
            controller.Observe(change, key =>
            {
                lock (_queueLock)
                {
                    if (_queued.Add((controller, key))) _ready.Enqueue((controller, key));
                }
            });
        }
    }

    private void Reconcile(Controller controller, ObjectKey key)
    {
        TimeSpan? again;
        try
        {
            again = controller.Reconcile(key);
            _attempts.Remove((controller, key));
        }
        catch (ApiStatusException error)
        {
            again = Backoff(controller, key);
            // Somebody else wrote in between: the next look sees it.
            if (error.Code != 409) Report(controller, key, error);
        }
        catch (InvalidOperationException error)
        {
            again = Backoff(controller, key);
            Report(controller, key, error);
        }

        if (again is not { } delay) return;
        lock (_queueLock)
        {
            var due = _time.GetUtcNow() + delay;
            if (!_later.TryGetValue((controller, key), out var earlier) || due < earlier) _later[(controller, key)] = due;
        }
    }

    private TimeSpan Backoff(Controller controller, ObjectKey key)
    {
        var attempt = _attempts.GetValueOrDefault((controller, key));
        _attempts[(controller, key)] = attempt + 1;
        // A first failure is mostly a stale read; looking again at once keeps virtual time out of it.
        return attempt == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(LongestBackoff.Ticks, FirstBackoff.Ticks << Math.Min(attempt, 20)));
    }

    private void Report(Controller controller, ObjectKey key, Exception error)
    {
        lock (_queueLock)
        {
            if (_failures.Count == MaximumFailures) _failures.RemoveAt(0);
            _failures.Add($"{controller.Name} {key}: {error.Message}");
        }

        LogFailure(_logger, controller.Name, key.ToString(), error);
    }

    private void Schedule()
    {
        lock (_queueLock)
        {
            if (_disposed || _later.Count == 0) return;
            var delay = _later.Values.Min() - _time.GetUtcNow();
            if (delay < TimeSpan.FromMilliseconds(1)) delay = TimeSpan.FromMilliseconds(1);
            if (_timer is null) _timer = _time.CreateTimer(static host => ((ControllerHost)host!).Wake(), this, delay, Timeout.InfiniteTimeSpan);
            else _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Controller {Controller} could not finish {Key}.")]
    private static partial void LogFailure(ILogger logger, string controller, string key, Exception error);
}
