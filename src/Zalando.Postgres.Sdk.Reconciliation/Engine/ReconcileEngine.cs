using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Engine;

/// <summary>The operator without a host: watches the API server, and brings every cluster to what its manifest says, a fixed number at a time.</summary>
/// <remarks>Run one engine per set of clusters: who runs it is decided outside (leader election). It keeps nothing that is not in the cluster.</remarks>
public sealed partial class ReconcileEngine : IDisposable
{
    private static readonly KubernetesKind[] Labelled =
    [
        KubernetesKinds.StatefulSet, KubernetesKinds.Pod, KubernetesKinds.Service, KubernetesKinds.Endpoints, KubernetesKinds.Secret, KubernetesKinds.ConfigMap,
        KubernetesKinds.PodDisruptionBudget, KubernetesKinds.PersistentVolumeClaim, KubernetesKinds.Deployment, KubernetesKinds.CronJob,
    ];

    private static readonly TimeSpan DeparturePeriod = TimeSpan.FromMinutes(5);

    /// <summary>Not a cluster: the look at what clusters have left behind.</summary>
    private static readonly ClusterKey Departures = new("", "");

    private readonly ReconcileEngineServices _services;
    private readonly ReconcileEngineOptions _options;
    private readonly ObjectStore _store = new();
    private readonly ReconcileQueue _queue;
    private readonly ClusterReconciler _reconciler;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly List<ObjectWatch> _watches = [];
    private readonly List<Task> _streamWatches = [];
    private readonly HashSet<(string Kind, string Namespace, string Selector)> _referenced = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ObjectWatch> _eventStreamWatches = [];
    private Action? _startStreamWatch;
    private Action? _startTeamWatch;
    private WorkerSlots? _slots;
    private long _passes;

    /// <summary>An engine that does nothing yet.</summary>
    /// <param name="services">What it works with.</param>
    /// <param name="options">Settings of the process.</param>
    public ReconcileEngine(ReconcileEngineServices services, ReconcileEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        _services = services;
        _options = options ?? new ReconcileEngineOptions();
        _logger = services.Logging.CreateLogger("Zalando.Postgres.Sdk.Reconciliation");
        _queue = new ReconcileQueue(services.Time, _options.Queue, services.Random);
        _reconciler = new ClusterReconciler(services, _options, _store, () => _slots, EventStreamsAreKnown);
        _store.Changed += OnChanged;
    }

    /// <summary>Completes when everything was listed once and the workers run.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Clusters that wait for a pass, that pause, and whose pass runs.</summary>
    public ReconcileQueue Queue => _queue;

    /// <summary>The operator's view of the API server.</summary>
    public ObjectStore Store => _store;

    /// <summary>How many passes have ended.</summary>
    public long Passes => Interlocked.Read(ref _passes);

    /// <summary>What the watches last stumbled over, by kind; empty when all of them run.</summary>
    public IReadOnlyList<string> WatchFailures
    {
        get
        {
            lock (_lock) return [.. _watches.Select(w => w.LastFailure).OfType<string>()];
        }
    }

    /// <summary>Runs until cancelled. Running passes end at their next call.</summary>
    /// <param name="cancellationToken">Ends the engine.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var background = new List<Task>();
        _services.Configuration.Changed += OnConfigurationChanged;
        try
        {
            background.Add(_services.Configuration.RunAsync(stopping.Token));
            var settings = await FirstSettingsAsync(background[0], stopping.Token).ConfigureAwait(false);
            _store.ClusterLabel = settings.Kubernetes.ClusterNameLabel;
            var spaces = SpacesOf(settings);
            StartWatches(settings, spaces, background, stopping.Token);
            await Task.WhenAll(_watches.Select(w => w.Listed)).WaitAsync(stopping.Token).ConfigureAwait(false);
            var workers = Math.Max(1, _options.Workers ?? settings.Workers);
            Started(_logger, workers, spaces is [null] ? "all namespaces" : string.Join(", ", spaces));
            // Only after everything was listed: before that, a cluster seems to be missing whose manifest has just not been read yet.
            _queue.Add(Departures, ReconcilePriority.Resync);
            _slots = new WorkerSlots(workers);
            background.Add(WorkAsync(_slots, stopping.Token));
            background.Add(ResyncAsync(stopping.Token));
            _ready.TrySetResult();
            var ended = await Task.WhenAny(background).ConfigureAwait(false);
            // Only a fault ends one of them early.
            await ended.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            _services.Configuration.Changed -= OnConfigurationChanged;
            await stopping.CancelAsync().ConfigureAwait(false);
            lock (_lock) (_startStreamWatch, _startTeamWatch) = (null, null);
            foreach (var task in background) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var task in _streamWatches) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks for a look at every cluster.</summary>
    /// <param name="priority">How urgent it is.</param>
    public void EnqueueAll(ReconcilePriority priority)
    {
        foreach (var manifest in _store.List(Postgresql.Descriptor)) _queue.Add(KeyOf(manifest), priority);
    }

    /// <summary>Ends the engine's timers.</summary>
    public void Dispose()
    {
        _store.Changed -= OnChanged;
        _queue.Dispose();
        _slots?.Dispose();
    }

    private static ClusterKey KeyOf(JsonObject manifest) => new(manifest.Metadata("namespace") ?? "", manifest.Metadata("name") ?? "");

    private async Task<OperatorSettings> FirstSettingsAsync(Task source, CancellationToken cancellationToken)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnArrived() => arrived.TrySetResult();
        _services.Configuration.Changed += OnArrived;
        try
        {
            if (_services.Configuration.Current is null)
            {
                var first = await Task.WhenAny(arrived.Task, source).WaitAsync(cancellationToken).ConfigureAwait(false);
                if (first == source) await source.ConfigureAwait(false);
            }
        }
        finally
        {
            _services.Configuration.Changed -= OnArrived;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return OperatorSettings.From(_services.Configuration.Current ?? throw new InvalidOperationException("The configuration source ended without a configuration."));
    }

    private IReadOnlyList<string?> SpacesOf(OperatorSettings settings)
    {
        if (_options.Namespaces.Count > 0) return _options.Namespaces.Contains("*", StringComparer.Ordinal) ? [null] : [.. _options.Namespaces];
        return settings.Kubernetes.WatchedNamespace switch { "*" => [null], "" => [_options.OperatorNamespace], var one => [one] };
    }

    private void StartWatches(OperatorSettings settings, IReadOnlyList<string?> spaces, List<Task> background, CancellationToken cancellationToken)
    {
        var selector = settings.Kubernetes.ClusterNameLabel;
        // Event streams are optional: their definition need not be installed until a manifest asks for one, and nothing waits for their list.
        lock (_lock)
        {
            _startStreamWatch = () => StartStreams(spaces, selector, cancellationToken);
            _startTeamWatch = () => StartTeams(spaces, cancellationToken);
        }

        WatchTeamsIfWanted(settings);
        foreach (var space in spaces)
        {
            Start(Postgresql.Descriptor, space, null, null);
            foreach (var kind in Labelled) Start(kind, space, selector, null);
            Start(KubernetesKinds.ServiceAccount, space, null, "metadata.name=" + settings.Kubernetes.PodServiceAccountName);
            Start(KubernetesKinds.RoleBinding, space, null, null);
        }

        // Nodes may be hidden from an operator with rights in its namespaces only; then it cannot see a node go, and nothing else changes.
        var nodes = new ObjectWatch(_services.Kubernetes, KubernetesKinds.Node, null, null, null, _store, _services.Time, _services.Random, _logger);
        _streamWatches.Add(nodes.RunAsync(cancellationToken));
        foreach (var (kind, space, name) in ReferencedObjects.OfOperator(settings, _options.OperatorNamespace)) Start(kind, space, null, "metadata.name=" + name);
        if (settings.Kubernetes.PodEnvironmentConfigMap is { Name.Length: > 0 } map)
            foreach (var space in map.Namespace is { } fixedSpace ? [fixedSpace] : spaces) Start(KubernetesKinds.ConfigMap, space, null, "metadata.name=" + map.Name);
        if (settings.Kubernetes.PodEnvironmentSecret is { Length: > 0 } secret)
            foreach (var space in spaces) Start(KubernetesKinds.Secret, space, null, "metadata.name=" + secret);

        void Start(KubernetesKind kind, string? space, string? labelSelector, string? fieldSelector)
        {
            lock (_lock)
            {
                if (fieldSelector is not null && !_referenced.Add((kind.Kind, space ?? "", fieldSelector))) return;
                var watch = new ObjectWatch(_services.Kubernetes, kind, space, labelSelector, fieldSelector, _store, _services.Time, _services.Random, _logger);
                _watches.Add(watch);
                background.Add(watch.RunAsync(cancellationToken));
            }
        }
    }

    private void StartStreams(IReadOnlyList<string?> spaces, string selector, CancellationToken cancellationToken)
    {
        var watches = spaces.Select(space => new ObjectWatch(_services.Kubernetes, FabricEventStream.Descriptor, space, selector, null, _store, _services.Time, _services.Random, _logger)).ToArray();
        lock (_lock)
        {
            _eventStreamWatches = watches;
            foreach (var watch in watches) _streamWatches.Add(watch.RunAsync(cancellationToken));
            _streamWatches.Add(CompleteStreamsAsync(watches, cancellationToken));
        }
    }

    private async Task CompleteStreamsAsync(IReadOnlyList<ObjectWatch> watches, CancellationToken cancellationToken)
    {
        await Task.WhenAll(watches.Select(w => w.Listed)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _store.MarkComplete(FabricEventStream.Descriptor);
        EnqueueAll(ReconcilePriority.Observed);
    }

    // Streams may be gone from the manifest while the operator was away: then something else than the manifest tells that there were some.
    private EventStreamKnowledge EventStreamsAreKnown(bool areConcerned)
    {
        if (areConcerned) WatchStreams();
        lock (_lock)
        {
            if (_eventStreamWatches.Any(w => w.HasNoDefinition)) return EventStreamKnowledge.NoDefinition;
        }

        return !areConcerned || _store.IsComplete(FabricEventStream.Descriptor) ? EventStreamKnowledge.Listed : EventStreamKnowledge.NotListed;
    }

    // Their definition need not be installed, so nothing waits for their list; until it has come, nobody counts as a former member.
    private void StartTeams(IReadOnlyList<string?> spaces, CancellationToken cancellationToken)
    {
        var watches = spaces.Select(space => new ObjectWatch(_services.Kubernetes, PostgresTeam.Descriptor, space, null, null, _store, _services.Time, _services.Random, _logger)).ToArray();
        foreach (var watch in watches) _streamWatches.Add(watch.RunAsync(cancellationToken));
        _streamWatches.Add(CompleteTeamsAsync(watches, cancellationToken));
    }

    private async Task CompleteTeamsAsync(IReadOnlyList<ObjectWatch> watches, CancellationToken cancellationToken)
    {
        await Task.WhenAll(watches.Select(w => w.Listed)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _store.MarkComplete(PostgresTeam.Descriptor);
        EnqueueAll(ReconcilePriority.Observed);
    }

    private void WatchTeamsIfWanted(OperatorSettings settings)
    {
        if (!settings.TeamsApi.EnablePostgresTeamCrd) return;
        Action? start;
        lock (_lock) (start, _startTeamWatch) = (_startTeamWatch, null);
        start?.Invoke();
    }

    private void WatchStreamsIfWanted(JsonObject manifest)
    {
        if (manifest.Child("spec").Items("streams") is { Count: > 0 }) WatchStreams();
    }

    private void WatchStreams()
    {
        Action? start;
        lock (_lock) (start, _startStreamWatch) = (_startStreamWatch, null);
        start?.Invoke();
    }

    private async Task WorkAsync(WorkerSlots slots, CancellationToken cancellationToken)
    {
        var running = new ConcurrentDictionary<Task, bool>();
        try
        {
            while (true)
            {
                // The cluster first: waiting for one with a place in hand would keep it from a pass that comes back from outside.
                var key = await _queue.TakeAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    await slots.TakeAsync(cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    _queue.Complete(key, ReconcileResult.Failure);
                    throw;
                }

                var pass = PassAsync(slots, key, cancellationToken);
                running[pass] = true;
                _ = pass.ContinueWith(done => running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                if (pass.IsFaulted) await pass.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wanted end.
        }
        finally
        {
            foreach (var pass in running.Keys) await pass.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(WorkerSlots slots, ClusterKey key, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var result = ReconcileResult.Failure;
        try
        {
            result = key == Departures
                ? await FindDeparturesAsync(cancellationToken).ConfigureAwait(false)
                : await _reconciler.ReconcileAsync(key, _queue.FailuresOf(key), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wanted end.
        }
        finally
        {
            if (key != Departures) Interlocked.Increment(ref _passes);
            _queue.Complete(key, result);
            slots.Release();
        }
    }

    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var period = _options.ResyncPeriod ?? (_services.Configuration.Current is { } current ? OperatorSettings.From(current).ResyncPeriod : TimeSpan.FromMinutes(30));
                await Task.Delay(period, _services.Time, cancellationToken).ConfigureAwait(false);
                EnqueueAll(ReconcilePriority.Resync);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<ReconcileResult> FindDeparturesAsync(CancellationToken cancellationToken)
    {
        foreach (var key in await _reconciler.FindDeparturesAsync(cancellationToken).ConfigureAwait(false)) _queue.Add(key, ReconcilePriority.Edit);
        return ReconcileResult.After(DeparturePeriod);
    }

    private void OnConfigurationChanged()
    {
        if (_services.Configuration.Current is not { } current) return;
        var settings = OperatorSettings.From(current);
        _store.ClusterLabel = settings.Kubernetes.ClusterNameLabel;
        WatchTeamsIfWanted(settings);
        EnqueueAll(ReconcilePriority.Observed);
    }

    private void OnChanged(StoreChange change)
    {
        if (change.Kind.Kind == Postgresql.Descriptor.Kind)
        {
            OnManifestChanged(change);
            return;
        }

        if (!RelevantChange.Matters(change)) return;
        if (change.Kind.Kind == PostgresTeam.Descriptor.Kind)
        {
            // It may name a team of any cluster, over any number of other teams.
            if (_store.IsComplete(PostgresTeam.Descriptor)) EnqueueAll(ReconcilePriority.Observed);
            return;
        }

        if (change.Kind.Equals(KubernetesKinds.Node))
        {
            EnqueueNode(change);
            return;
        }

        var space = change.Object.Metadata("namespace") ?? "";
        var name = change.Object.Label(_store.ClusterLabel) ?? change.Previous?.Label(_store.ClusterLabel);
        if (name is null)
        {
            // Nobody's own: an account, a binding, or something the configuration refers to.
            EnqueueSpace(space == _options.OperatorNamespace && change.Kind.Kind is "Secret" or "ConfigMap" ? null : space);
            return;
        }

        var key = new ClusterKey(space, name);
        if (_store.Get(Postgresql.Descriptor, space, name) is not null || _reconciler.IsDeparting(key)) _queue.Add(key, ReconcilePriority.Observed);
        else if (change.Kind.Kind == "Secret") EnqueueNamed(name);
    }

    private void OnManifestChanged(StoreChange change)
    {
        var key = KeyOf(change.Object);
        WatchStreamsIfWanted(change.Object);
        if (change.Current is null)
        {
            _reconciler.Depart(key, change.Object);
            _queue.Add(key, ReconcilePriority.Edit);
            _reconciler.Interrupt(key);
        }
        else if (RelevantChange.IsEdit(change.Previous, change.Current))
        {
            _queue.Add(key, ReconcilePriority.Edit);
            // What the operator notes in annotations of its own ends nothing.
            if (change.Current.Child("metadata").Number("generation") != change.Previous?.Child("metadata").Number("generation") || change.Current.Metadata("deletionTimestamp") is not null) _reconciler.Interrupt(key);
        }
    }

    private void EnqueueSpace(string? space)
    {
        foreach (var manifest in space is null ? _store.List(Postgresql.Descriptor) : _store.ListIn(Postgresql.Descriptor, space)) _queue.Add(KeyOf(manifest), ReconcilePriority.Observed);
    }

    // A node of which nothing was known is of interest only when it goes out of service.
    private void EnqueueNode(StoreChange change)
    {
        if (change.Previous is null && !change.Object.Child("spec").Flag("unschedulable")) return;
        var node = change.Object.Metadata("name");
        foreach (var pod in _store.List(KubernetesKinds.Pod))
        {
            if (pod.Child("spec").Text("nodeName") != node || pod.Label(_store.ClusterLabel) is not { } cluster) continue;
            var key = new ClusterKey(pod.Metadata("namespace") ?? "", cluster);
            if (_store.Get(Postgresql.Descriptor, key.Namespace, key.Name) is not null) _queue.Add(key, ReconcilePriority.Observed);
        }
    }

    private void EnqueueNamed(string name)
    {
        foreach (var manifest in _store.List(Postgresql.Descriptor))
            if (manifest.Metadata("name") == name) _queue.Add(KeyOf(manifest), ReconcilePriority.Observed);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The engine looks after the clusters of {Namespaces} with {Workers} workers")]
    private static partial void Started(ILogger logger, int workers, string namespaces);
}
