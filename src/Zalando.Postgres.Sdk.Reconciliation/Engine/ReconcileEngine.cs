using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
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

    // Servers are upgraded while operators run.
    private static readonly TimeSpan OffersPeriod = TimeSpan.FromHours(1);
    private const int MostSecretWatches = 100;
    private static readonly TimeSpan PatienceElsewhere = TimeSpan.FromSeconds(10);
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
    private readonly Dictionary<string, ObjectWatch> _secretsElsewhere = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ObjectWatch> _eventStreamWatches = [];
    private Action? _startStreamWatch;
    private Action? _startTeamWatch;
    private Action? _startVolumeWatch;
    private ObjectWatch? _volumeWatch;
    private Action<string, string>? _startCertificateWatch;
    private Action<OperatorSettings>? _watchReferenced;
    private Action<string>? _startSecretWatch;
    private Task _referencedListed = Task.CompletedTask;
    private WorkerSlots? _slots;
    private long _passes;
    private volatile bool _offersPodResize;

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
        _reconciler = new ClusterReconciler(services, _options, _store, () => _slots, EventStreamsAreKnown, VolumesAreKnown, () => _offersPodResize);
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
            // The manifests are known now, and with them where else their Secrets are. Without the right to list them there, things go on after a while.
            foreach (var manifest in _store.List(Postgresql.Descriptor)) WatchSecretsElsewhere(manifest);
            await Task.WhenAny(Task.WhenAll(SecretsElsewhere()), Task.Delay(PatienceElsewhere, _services.Time, stopping.Token)).ConfigureAwait(false);
            stopping.Token.ThrowIfCancellationRequested();
            // Known before the first plan: without it a changed amount would make pods again that can be resized.
            await LookAtOffersAsync(stopping.Token).ConfigureAwait(false);
            background.Add(FollowOffersAsync(stopping.Token));
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
            lock (_lock) (_startStreamWatch, _startTeamWatch, _startVolumeWatch, _startCertificateWatch, _watchReferenced, _startSecretWatch) = (null, null, null, null, null, null);
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
            _startVolumeWatch = () => StartVolumes(cancellationToken);
            _startCertificateWatch = (space, name) =>
                _streamWatches.Add(new ObjectWatch(_services.Kubernetes, KubernetesKinds.Secret, space, null, "metadata.name=" + name, _store, _services.Time, _services.Random, _logger).RunAsync(cancellationToken));
        }

        WatchVolumesIfWanted(settings);
        WatchTeamsIfWanted(settings);
        foreach (var space in spaces)
        {
            Start(Postgresql.Descriptor, space, null, null);
            foreach (var kind in Labelled) Start(kind, space, selector, null);
            Start(KubernetesKinds.RoleBinding, space, null, null);
        }

        // Nodes may be hidden from an operator with rights in its namespaces only; then it cannot see a node go, and nothing else changes.
        var nodes = new ObjectWatch(_services.Kubernetes, KubernetesKinds.Node, null, null, null, _store, _services.Time, _services.Random, _logger);
        _streamWatches.Add(nodes.RunAsync(cancellationToken));
        foreach (var (kind, space, name) in Referenced(settings, spaces)) Start(kind, space, null, "metadata.name=" + name);
        lock (_lock)
        {
            _watchReferenced = changed => StartReferenced(changed, spaces, cancellationToken);
            if (spaces is not [null])
            {
                _startSecretWatch = space =>
                {
                    if (spaces.Contains(space)) return;
                    var watch = new ObjectWatch(_services.Kubernetes, KubernetesKinds.Secret, space, selector, null, _store, _services.Time, _services.Random, _logger);
                    _secretsElsewhere[space] = watch;
                    _streamWatches.Add(watch.RunAsync(cancellationToken));
                };
            }
        }

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

    // What plans read because the configuration names it.
    private IEnumerable<(KubernetesKind Kind, string? Space, string Name)> Referenced(OperatorSettings settings, IReadOnlyList<string?> spaces)
    {
        foreach (var (kind, space, name) in ReferencedObjects.OfOperator(settings, _options.OperatorNamespace)) yield return (kind, space, name);
        foreach (var space in spaces) yield return (KubernetesKinds.ServiceAccount, space, settings.Kubernetes.PodServiceAccountName);
        if (settings.Kubernetes.PodEnvironmentConfigMap is { Name.Length: > 0 } map)
            foreach (var space in map.Namespace is { } fixedSpace ? [fixedSpace] : spaces is [null] ? spaces : spaces.Append(_options.OperatorNamespace)) yield return (KubernetesKinds.ConfigMap, space, map.Name);
        foreach (var secret in new[] { settings.Kubernetes.PodEnvironmentSecret, settings.LogicalBackup.CronJobEnvironmentSecret })
        {
            if (secret is not { Length: > 0 }) continue;
            foreach (var space in spaces) yield return (KubernetesKinds.Secret, space, secret);
        }
    }

    // An operator that watches some namespaces only does not see the Secrets that its clusters have in others.
    private void WatchSecretsElsewhere(JsonObject manifest)
    {
        if (_services.Configuration.Current is not { } configuration || !OperatorSettings.From(configuration).Kubernetes.EnableCrossNamespaceSecret) return;
        lock (_lock)
        {
            if (_startSecretWatch is not { } start) return;
            foreach (var space in SpacesOfSecrets(manifest))
            {
                // A manifest may name any number of namespaces; those beyond are read when a Secret is found to be there.
                if (!_secretsElsewhere.ContainsKey(space) && _secretsElsewhere.Count < MostSecretWatches) start(space);
            }
        }
    }

    private static IEnumerable<string> SpacesOfSecrets(JsonObject manifest)
    {
        var spec = manifest.Child("spec");
        var users = (spec.Child("users") ?? []).Where(u => u.Key.IndexOf('.', StringComparison.Ordinal) > 0).Select(u => u.Key[..u.Key.IndexOf('.', StringComparison.Ordinal)]);
        var prepared = (spec.Child("preparedDatabases") ?? []).Select(d => (d.Value as JsonObject).Text("secretNamespace")).OfType<string>();
        // A name becomes part of a path.
        return users.Concat(prepared).Where(n => n.Length is > 0 and <= 63 && n.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
    }

    private IReadOnlyList<Task> SecretsElsewhere()
    {
        lock (_lock) return [.. _secretsElsewhere.Values.Select(w => w.Listed)];
    }

    // A configuration that changes may name objects that were of no interest before. Until they are listed they seem to be missing: passes wait for that.
    private void StartReferenced(OperatorSettings settings, IReadOnlyList<string?> spaces, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var started = new List<ObjectWatch>();
            foreach (var (kind, space, name) in Referenced(settings, spaces))
            {
                var selector = "metadata.name=" + name;
                if (!_referenced.Add((kind.Kind, space ?? "", selector))) continue;
                var watch = new ObjectWatch(_services.Kubernetes, kind, space, null, selector, _store, _services.Time, _services.Random, _logger);
                _watches.Add(watch);
                started.Add(watch);
                _streamWatches.Add(watch.RunAsync(cancellationToken));
            }

            if (started.Count > 0) _referencedListed = Task.WhenAll([_referencedListed, .. started.Select(w => w.Listed)]);
        }
    }

    private async Task ReferencedAreListedAsync(CancellationToken cancellationToken)
    {
        Task listed;
        lock (_lock) listed = _referencedListed;
        if (listed.IsCompleted) return;
        try
        {
            await listed.WaitAsync(_options.CallTimeout, _services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Not to be had: the plan says what it misses, and nobody waits again.
            lock (_lock)
            {
                if (_referencedListed == listed) _referencedListed = Task.CompletedTask;
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
        bool isForbidden;
        lock (_lock)
        {
            if (_eventStreamWatches.Any(w => w.HasNoDefinition)) return EventStreamKnowledge.NoDefinition;
            isForbidden = _eventStreamWatches.Any(w => w.IsForbidden);
        }

        if (areConcerned && isForbidden) return EventStreamKnowledge.Forbidden;
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

    // PersistentVolumes belong to the whole Kubernetes cluster, so they are watched only where the operator changes volumes itself. An operator without the right
    // to see them goes on without; nothing waits for their list.
    private void StartVolumes(CancellationToken cancellationToken)
    {
        var watch = new ObjectWatch(_services.Kubernetes, KubernetesKinds.PersistentVolume, null, null, null, _store, _services.Time, _services.Random, _logger);
        lock (_lock) _volumeWatch = watch;
        _streamWatches.Add(watch.RunAsync(cancellationToken));
        _streamWatches.Add(CompleteVolumesAsync(watch, cancellationToken));
    }

    private async Task CompleteVolumesAsync(ObjectWatch watch, CancellationToken cancellationToken)
    {
        await watch.Listed.WaitAsync(cancellationToken).ConfigureAwait(false);
        _store.MarkComplete(KubernetesKinds.PersistentVolume);
        EnqueueAll(ReconcilePriority.Observed);
    }

    private void WatchVolumesIfWanted(OperatorSettings settings)
    {
        if (settings.Kubernetes.StorageResizeMode is not ("ebs" or "mixed")) return;
        Action? start;
        lock (_lock) (start, _startVolumeWatch) = (_startVolumeWatch, null);
        start?.Invoke();
    }

    private VolumeKnowledge VolumesAreKnown()
    {
        if (_store.IsComplete(KubernetesKinds.PersistentVolume)) return VolumeKnowledge.Listed;
        lock (_lock) return _volumeWatch is { IsForbidden: true } ? VolumeKnowledge.NotReadable : VolumeKnowledge.NotObserved;
    }

    private void OnVolumeChanged(StoreChange change)
    {
        if (change.Current is null) _reconciler.ForgetVolume(change.Object.Metadata("name") ?? "");
        if (!RelevantChange.Matters(change) || change.Object.Child("spec").Child("claimRef") is not { } claim) return;
        var space = claim.Text("namespace") ?? "";
        if (_store.Get(KubernetesKinds.PersistentVolumeClaim, space, claim.Text("name") ?? "")?.Label(_store.ClusterLabel) is { } cluster
            && _store.Get(Postgresql.Descriptor, space, cluster) is not null) _queue.Add(new ClusterKey(space, cluster), ReconcilePriority.Observed);
    }

    private void WatchStreamsIfWanted(JsonObject manifest)
    {
        if (manifest.Child("spec").Items("streams") is { Count: > 0 }) WatchStreams();
    }

    // A renewed certificate has to reach the poolers. Its Secret is the owner's and has no label of the cluster; nothing waits for it.
    private void WatchCertificate(JsonObject manifest)
    {
        var spec = manifest.Child("spec");
        if (spec.Child("tls") is not { } tls || (spec.Child("connectionPooler") is null && !spec.Flag("enableConnectionPooler") && !spec.Flag("enableReplicaConnectionPooler"))) return;
        foreach (var name in new[] { tls.Text("secretName"), tls.Text("caSecretName") })
        {
            if (name is not { Length: > 0 } || !IsObjectName(name)) continue;
            lock (_lock)
            {
                if (_startCertificateWatch is not { } start || !_referenced.Add(("Secret", manifest.Metadata("namespace") ?? "", "metadata.name=" + name))) continue;
                start(manifest.Metadata("namespace") ?? "", name);
            }
        }

        // It becomes part of a query.
        static bool IsObjectName(string name) => name.Length <= 253 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
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
            await ReferencedAreListedAsync(cancellationToken).ConfigureAwait(false);
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

    // A server that gives no answer offers nothing; it is asked again.
    private async Task LookAtOffersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var deadline = new CancellationTokenSource(_options.CallTimeout, _services.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            _offersPodResize = await _services.Kubernetes.OffersAsync(KubernetesKinds.Pod, "resize", both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is KubernetesApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            OffersUnknown(_logger, e.Message);
        }
    }

    private async Task FollowOffersAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(OffersPeriod, _services.Time, cancellationToken).ConfigureAwait(false);
                await LookAtOffersAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void OnConfigurationChanged()
    {
        if (_services.Configuration.Current is not { } current) return;
        var settings = OperatorSettings.From(current);
        _store.ClusterLabel = settings.Kubernetes.ClusterNameLabel;
        WatchTeamsIfWanted(settings);
        WatchVolumesIfWanted(settings);
        Action<OperatorSettings>? watchReferenced;
        lock (_lock) watchReferenced = _watchReferenced;
        watchReferenced?.Invoke(settings);
        foreach (var manifest in _store.List(Postgresql.Descriptor)) WatchSecretsElsewhere(manifest);
        EnqueueAll(ReconcilePriority.Observed);
    }

    private void OnChanged(StoreChange change)
    {
        if (change.Kind.Kind == Postgresql.Descriptor.Kind)
        {
            OnManifestChanged(change);
            return;
        }

        if (change.Kind.Equals(KubernetesKinds.PersistentVolume))
        {
            OnVolumeChanged(change);
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
        WatchCertificate(change.Object);
        if (change.Current is not null) WatchSecretsElsewhere(change.Current);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the API server offers is not known, so no pod is resized in place: {Message}")]
    private static partial void OffersUnknown(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Information, Message = "The engine looks after the clusters of {Namespaces} with {Workers} workers")]
    private static partial void Started(ILogger logger, int workers, string namespaces);
}
