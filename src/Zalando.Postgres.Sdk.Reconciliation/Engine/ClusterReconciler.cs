using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Deletion;
using Zalando.Postgres.Sdk.Reconciliation.Events;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.History;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Reconciliation.Statuses;
using Zalando.Postgres.Sdk.Reconciliation.Telemetry;
using Zalando.Postgres.Sdk.Reconciliation.Volumes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Engine;

/// <summary>One pass over one cluster: observe, plan, execute, tell. Level-triggered: it starts from what is there and not from what happened, so
/// it may be cut off between any two calls, and the next one goes on from there.</summary>
internal sealed partial class ClusterReconciler
{
    private const int MostStalePasses = 20;

    // A pause of a minute becomes more than a day; the resync period ends it long before.
    private const int MostDoublings = 11;
    private static readonly TimeSpan BetweenScheduledLooks = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan JustAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgainAtPatroni = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgainAtMembers = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceForStreams = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgainForDefinition = TimeSpan.FromMinutes(1);

    private readonly ReconcileEngineServices _services;
    private readonly ReconcileEngineOptions _options;
    private readonly ObjectStore _store;
    private readonly ClusterObserver _observer;
    private readonly PlanExecutor _executor;
    private readonly ClusterStatusWriter _statuses;
    private readonly ClusterEventWriter _events;
    private readonly DeletionRecords _deletions;
    private readonly OrphanCare _orphans;
    private readonly HistoryWriter _history;
    private readonly ServerVersions? _versions;
    private readonly RestPatroni? _restPatroni;
    private readonly Func<WorkerSlots?> _slots;
    private readonly Func<bool, EventStreamKnowledge> _eventStreams;
    private readonly Func<VolumeKnowledge> _volumeKnowledge;
    private readonly Func<bool> _offersPodResize;
    private readonly VolumeMemory _volumes;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ClusterKey, ClusterMemory> _memory = new();

    public ClusterReconciler(ReconcileEngineServices services, ReconcileEngineOptions options, ObjectStore store, Func<WorkerSlots?> slots, Func<bool, EventStreamKnowledge> eventStreams, Func<VolumeKnowledge> volumeKnowledge, Func<bool> offersPodResize)
    {
        _offersPodResize = offersPodResize;
        _volumeKnowledge = volumeKnowledge;
        _eventStreams = eventStreams;
        _slots = slots;
        _services = services;
        _options = options;
        _store = store;
        _logger = services.Logging.CreateLogger("Zalando.Postgres.Sdk.Reconciliation");
        _observer = new ClusterObserver(store, options.OperatorNamespace);
        _volumes = new VolumeMemory(services.VolumeResizers, services.Time, options.CallTimeout, _logger);
        _executor = new PlanExecutor(
            [new KubernetesChangeExecutor(services.Kubernetes, store, services.Time), new VolumeChangeExecutor(services.Kubernetes, store, _volumes), new MajorUpgradeExecutor(services.Kubernetes, store, services.Time, services.Patroni, services.PatroniAddresses), .. services.Executors], services.Policies, services.Time, options.CallTimeout, _logger);
        _statuses = new ClusterStatusWriter(services.Kubernetes, store);
        _events = new ClusterEventWriter(services.Kubernetes, services.Time, options.CallTimeout, _logger);
        _deletions = new DeletionRecords(services.Kubernetes, store, options.ControllerId, options.CallTimeout, services.Time);
        _orphans = new OrphanCare(services, options, store, _deletions, _events, _logger);
        _versions = services.Patroni is { } patroni ? new ServerVersions(patroni, services.PatroniAddresses ?? PatroniEndpoint.Of) : null;
        _restPatroni = services.Patroni is { } rest ? new RestPatroni(rest, services.PatroniAddresses ?? PatroniEndpoint.Of) : null;
        _history = new HistoryWriter(services.Kubernetes, store, services.Time, options.CallTimeout, _logger);
    }

    /// <summary>Remembers the last state of a manifest whose object is gone, so that its other objects can be deleted.</summary>
    public void Depart(ClusterKey key, JsonObject last)
    {
        var memory = MemoryOf(key);
        if (Read(memory, last) is not { } manifest || !IsOurs(manifest)) return;
        var metadata = manifest.Metadata with { Finalizers = null };
        if (metadata.DeletionTimestamp is null) metadata = metadata with { DeletionTimestamp = new Time(_services.Time.GetUtcNow()) };
        memory.Departed = manifest with { Metadata = metadata };
        memory.IsDepartureCertain = false;
    }

    /// <summary>Takes up deletions that were begun by a process that is no more, and cares for objects whose cluster is gone without a trace.</summary>
    /// <returns>Clusters to look at.</returns>
    public async Task<IReadOnlyList<ClusterKey>> FindDeparturesAsync(CancellationToken cancellationToken)
    {
        var departures = await _orphans.FindAsync(IsDeparting, cancellationToken).ConfigureAwait(false);
        var taken = new List<ClusterKey>();
        foreach (var (key, manifest) in departures)
        {
            if (!IsOurs(manifest)) continue;
            var memory = MemoryOf(key);
            memory.Departed = manifest;
            memory.IsDepartureCertain = false;
            taken.Add(key);
        }

        return taken;
    }

    /// <summary>Whether a cluster's object is gone while its other objects are still being deleted.</summary>
    public bool IsDeparting(ClusterKey key) => _memory.TryGetValue(key, out var memory) && memory.Departed is not null;

    /// <summary>Forgets what a storage provider said of a volume that is gone.</summary>
    public void ForgetVolume(string name) => _volumes.Forget(name);

    /// <summary>Makes the next pass look at the databases, whatever is remembered of them.</summary>
    public void ForgetDatabases(ClusterKey key)
    {
        if (_memory.TryGetValue(key, out var memory)) memory.DatabaseFingerprint = null;
    }

    /// <summary>Ends what the running pass of a cluster waits for outside, because something newer has come.</summary>
    public void Interrupt(ClusterKey key)
    {
        if (!_memory.TryGetValue(key, out var memory)) return;
        try
        {
            memory.Interruption?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    /// <summary>One pass. Failures are part of the result; only the end of the process is an exception.</summary>
    public async Task<ReconcileResult> ReconcileAsync(ClusterKey key, int failuresBefore, CancellationToken cancellationToken)
    {
        var started = _services.Time.GetTimestamp();
        using var activity = ReconciliationTelemetry.Source.StartActivity("reconcile", ActivityKind.Internal);
        activity?.SetTag("postgres_operator.cluster", key.ToString());
        ReconciliationTelemetry.Running.Add(1);
        var result = ReconcileResult.Failure;
        try
        {
            result = await PassAsync(key, failuresBefore, cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            result = ReconcileResult.ObserveAgain;
            return result;
        }
        catch (Exception e)
        {
            // Whatever goes wrong with one cluster stays with it.
            PassFailed(_logger, e, key);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            await TryTellAsync(key, e, failuresBefore, cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            ReconciliationTelemetry.Running.Add(-1);
            ReconciliationTelemetry.Passes.Add(1, new KeyValuePair<string, object?>("outcome", result.Failed ? "failed" : "done"));
            ReconciliationTelemetry.PassDuration.Record(_services.Time.GetElapsedTime(started).TotalSeconds);
        }
    }

    // A new process asks for the list of event streams with the first cluster that has some, and wakes all clusters when it has come. Looking at one in between
    // would write a status that is taken back at once. Where the list does not come, the cluster is looked after without it.
    private TimeSpan? AwaitStreams(ClusterMemory memory, Postgresql manifest, OperatorSettings settings, ObservedCluster observed)
    {
        if (memory.StreamsAwaitedUntil is { } past && past <= _services.Time.GetUtcNow()) return null;
        if (!StreamUse.Concerns(manifest, settings, observed) || StreamsKnown(observed, areConcerned: true) != EventStreamKnowledge.NotListed) return null;
        var until = memory.StreamsAwaitedUntil ??= _services.Time.GetUtcNow() + PatienceForStreams;
        return until - _services.Time.GetUtcNow();
    }

    // What the snapshot was made of counts, not what has been listed since.
    private EventStreamKnowledge StreamsKnown(ObservedCluster observed, bool areConcerned) =>
        _eventStreams(areConcerned) is var known && known == EventStreamKnowledge.Listed && areConcerned ? observed.EventStreams : known;

    private async Task<ReconcileResult> PassAsync(ClusterKey key, int failuresBefore, CancellationToken cancellationToken)
    {
        if (_services.Configuration.Current is not { } configuration) return ReconcileResult.After(TimeSpan.FromSeconds(1));
        var stored = _store.Get(Postgresql.Descriptor, key.Namespace, key.Name);
        if (stored is null && !IsDeparting(key))
        {
            _memory.TryRemove(key, out _);
            _statuses.Forget(key);
            _history.Forget(key);
            return ReconcileResult.Done;
        }

        var memory = MemoryOf(key);
        if (stored is not null) memory.Departed = null;
        var manifest = memory.Departed ?? Read(memory, stored!);
        if (manifest is null) return await RefuseUnreadableAsync(key, stored!, memory, cancellationToken).ConfigureAwait(false);
        if (!IsOurs(manifest)) return ReconcileResult.Done;
        // A cluster of the same name was created again: what its predecessor left is taken over, and no restart may take the deletion up again.
        if (stored is not null && _deletions.Find(key) is not null) await _deletions.EndAsync(key, cancellationToken).ConfigureAwait(false);

        var settings = OperatorSettings.From(configuration);
        var observed = _observer.Observe(manifest, settings);
        if (AwaitStreams(memory, manifest, settings, observed) is { } patience) return ReconcileResult.After(patience);
        observed = await WithPatroniAsync(manifest, settings, observed, cancellationToken).ConfigureAwait(false);
        observed = await WithVersionAsync(memory, manifest, settings, observed, cancellationToken).ConfigureAwait(false);
        observed = observed with { EventStreams = StreamsKnown(observed, StreamUse.Concerns(manifest, settings, observed)), StreamTables = memory.StreamTables, OffersPodResize = _offersPodResize() };
        var now = _services.Time.GetUtcNow();
        var input = new PlanningInput
        {
            Manifest = manifest,
            ManifestFindings = memory.Read.Findings ?? [],
            Configuration = configuration,
            Observed = observed,
            Now = now,
            PasswordSeed = PasswordSeed.FromBytes(_services.PasswordBytes()),
            OperatorNamespace = _options.OperatorNamespace,
            Memory = memory.Planning,
            RestartPolicy = _options.RestartPolicy,
            ResizePolicy = _options.ResizePolicy,
            Filters = [.. _services.Filters.Select(f => (Func<DesiredObject, DesiredObject>)(desired => Filtered(f, desired, manifest)))],
        };
        if (settings.Kubernetes.StorageResizeMode is "ebs" or "mixed")
        {
            observed = await WithVolumesAsync(input, cancellationToken).ConfigureAwait(false);
            input = input with { Observed = observed };
        }

        var plan = _services.Planner(input);
        var context = new PassContext { Manifest = manifest, Settings = settings, Observed = observed, Plan = plan, OperatorNamespace = _options.OperatorNamespace };
        context = context with { Make = (change, executor, token) => _executor.MakeAsync(context, change, executor, token) };
        if (manifest.Metadata.DeletionTimestamp is not null)
            return await DeleteAsync(key, memory, context, configuration, failuresBefore, cancellationToken).ConfigureAwait(false);

        await TellFindingsAsync(memory, manifest, plan.Findings, cancellationToken).ConfigureAwait(false);
        var status = new StatusInput
        {
            Manifest = manifest, Settings = settings, Observed = observed, Plan = WithPending(plan, memory), Databases = memory.Databases, Now = now, LastRestart = memory.LastRestart, Trouble = memory.DatabaseTrouble,
        };
        if (plan.IsRefused)
        {
            await WriteStatusAsync(key, status, cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        bool IsInterrupted() => HasChanged(key, manifest);
        var isPaused = ClusterPause.IsPaused(manifest, now, out var pausedUntil);
        var stepFailure = isPaused ? null : await RunStepsAsync(ReconcileStage.BeforeChanges, key, context, configuration, cancellationToken).ConfigureAwait(false);
        var report = ExecutionReport.Nothing;
        if (!plan.IsEmpty && stepFailure is null)
        {
            await WriteStatusAsync(key, status with { Failure = failuresBefore > 0 ? FormerFailure(manifest) : null }, cancellationToken).ConfigureAwait(false);
            // Written down before it is done, so that no cause is lost. Where a policy may say no, only what was done is told.
            if (_services.Policies.Count == 0) await _history.RecordAsync(key, manifest, settings, plan.Changes, cancellationToken).ConfigureAwait(false);
            report = await _executor.ExecuteAsync(context, IsInterrupted, cancellationToken, OutsideAsync).ConfigureAwait(false);
            if (_services.Policies.Count > 0)
                await _history.RecordAsync(key, manifest, settings, report.Results.Where(r => r.Outcome is ChangeOutcome.Done or ChangeOutcome.InProgress).Select(r => r.Change), cancellationToken).ConfigureAwait(false);
            memory.LastRestart = LastRestartOf(report, memory.LastRestart ?? manifest.Status?.LastRestart, now) ?? memory.LastRestart;
            status = status with { LastRestart = memory.LastRestart };
            await TellChangesAsync(manifest, report, cancellationToken).ConfigureAwait(false);
        }

        var stopped = report.Stopped;
        // Whoever meets the same surprise again and again fights with somebody, or with itself: not without pauses.
        memory.StalePasses = stopped is { Outcome: ChangeOutcome.Stale } ? memory.StalePasses + 1 : 0;
        if (memory.StalePasses > MostStalePasses) stopped = stopped! with { Outcome = ChangeOutcome.Failed, Message = $"{stopped.Change.Target} is never as it was when the change was planned.", IsTransient = true };
        if (stopped is { Outcome: ChangeOutcome.Interrupted or ChangeOutcome.Stale }) return ReconcileResult.ObserveAgain;
        // During an upgrade PostgreSQL stops and starts by itself.
        var isUpgrading = manifest.Metadata.Annotations?.ContainsKey(ClusterAnnotations.MajorUpgrade) == true;
        var databases = !isPaused && !isUpgrading && MayLookAtDatabases(report, stepFailure)
            ? await LookAtDatabasesAsync(memory, context, configuration, now, IsInterrupted, cancellationToken).ConfigureAwait(false)
            : null;
        if (databases is { IsInterrupted: true }) return ReconcileResult.ObserveAgain;
        if (databases is { Changes.Count: > 0 } changed)
        {
            await _history.RecordAsync(key, manifest, settings, changed.Changes, cancellationToken).ConfigureAwait(false);
            await TellAsync(manifest, "Databases", changed.Changes, cancellationToken).ConfigureAwait(false);
        }

        status = status with { Plan = WithPending(plan, memory) };
        if (databases is not null) await TellFindingsAsync(memory, manifest, databases.Findings, cancellationToken, ofDatabases: true).ConfigureAwait(false);
        foreach (var held in databases?.HeldBack ?? [])
            await _events.RecordAsync(manifest, isWarning: false, "HeldBack", $"{held.Change.Target}: {held.Message}", cancellationToken).ConfigureAwait(false);

        if (stepFailure is null && plan.IsEmpty && memory.DatabaseFailure is null && !isPaused)
            stepFailure = await RunStepsAsync(ReconcileStage.AfterChanges, key, context, configuration, cancellationToken).ConfigureAwait(false);

        // What a storage provider refuses is part of the next plan, which says so until the wish changes or it is time to ask again.
        var wereVolumesAsked = report.Results.Any(static r => r is { Change: ModifyVolume, Outcome: not ChangeOutcome.Done });
        var passedOver = report.PassedOver.Where(static r => r is { Outcome: ChangeOutcome.Failed, Change: not ModifyVolume }).Select(r => r.Message).FirstOrDefault();
        var failure = stepFailure ?? (stopped is { Outcome: ChangeOutcome.Failed } ? stopped.Message : null) ?? memory.DatabaseFailure ?? passedOver;
        // What was found in the databases may be what an object waits for.
        var hasNews = databases is not null && plan.Pending.Any(p => p.WaitsFor is WaitReason.ReplicationSlot or WaitReason.NotObserved && p.Change.Stage == ChangeStage.Streams) && !AreSame(observed.StreamTables, memory.StreamTables);
        if (failure is null && (report.Made > 0 || hasNews || wereVolumesAsked || databases is { HasMoreToDo: true }) && stopped is null) return ReconcileResult.ObserveAgain;
        var isLasting = failure is not null && (stopped is { Outcome: ChangeOutcome.Failed, IsTransient: false } || failuresBefore + 1 >= _options.FailuresUntilShown);
        await WriteStatusAsync(key, status with { Report = report, Databases = memory.Databases, Trouble = memory.DatabaseTrouble, Failure = failure, IsLastingFailure = isLasting }, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            if (isLasting)
            {
                await _history.RecordFailureAsync(key, manifest, settings, stopped is null ? "look after the cluster" : PlanText.Describe(stopped.Change), failure, cancellationToken).ConfigureAwait(false);
                await _events.RecordAsync(manifest, isWarning: true, FailureReason(manifest), failure, cancellationToken).ConfigureAwait(false);
            }

            return ReconcileResult.Failure;
        }

        // One that is due already waits for what kept this pass from looking.
        TimeSpan? soonest = memory.DatabasesDueAt > now ? memory.DatabasesDueAt - now : null;
        foreach (var passed in report.PassedOver)
            if (passed.LookAgainAfter is { } pause) soonest = Sooner(soonest, pause);
        // A volume that is being changed tells nobody when it is done.
        if (plan.Pending.Any(static p => p.WaitsFor == WaitReason.VolumeProvider) && observed.Volumes.Values.Min(static v => v.AskAgainAt) is { } look) soonest = Sooner(soonest, look - now);
        // Nothing in Kubernetes changes when another member becomes the primary.
        if (_restPatroni is not null && RestPatroni.Applies(settings)) soonest = Sooner(soonest, LookAgainAtMembers);
        return Next(plan, stopped, now, Earlier(pausedUntil, soonest is { } after ? now + after : null));
    }

    private async Task<ObservedCluster> WithVersionAsync(ClusterMemory memory, Postgresql manifest, OperatorSettings settings, ObservedCluster observed, CancellationToken cancellationToken)
    {
        if (_versions is not { } versions || manifest.Metadata.DeletionTimestamp is not null) return observed;
        using var deadline = new CancellationTokenSource(_options.CallTimeout, _services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            (observed, memory.ServerVersion) = await OutsideAsync(() => versions.AddAsync(manifest, settings, observed, memory.ServerVersion, both.Token).WaitAsync(both.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A Patroni that hangs is one that does not say which version it has.
        }

        return observed;
    }

    private async Task<ObservedCluster> WithVolumesAsync(PlanningInput input, CancellationToken cancellationToken)
    {
        var observed = input.Observed with { VolumeKnowledge = _volumeKnowledge() };
        if (observed.VolumeKnowledge != VolumeKnowledge.Listed || ClusterPlanner.Volumes(input) is not { Count: > 0 } volumes) return observed;
        return observed with
        {
            Volumes = _volumes.IsKnown(volumes)
                ? await _volumes.ObserveAsync(volumes, cancellationToken).ConfigureAwait(false)
                : await OutsideAsync(() => _volumes.ObserveAsync(volumes, cancellationToken)).ConfigureAwait(false),
        };
    }

    private async Task<ObservedCluster> WithPatroniAsync(Postgresql manifest, OperatorSettings settings, ObservedCluster observed, CancellationToken cancellationToken)
    {
        if (_restPatroni is not { } patroni || !RestPatroni.Applies(settings) || observed.Patroni is not null || manifest.Metadata.DeletionTimestamp is not null) return observed;
        using var deadline = new CancellationTokenSource(_options.CallTimeout, _services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await OutsideAsync(() => patroni.AddAsync(manifest, settings, observed, both.Token).WaitAsync(both.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody answers: nothing is planned that has to know the members.
            return observed;
        }
    }

    private static Plan WithPending(Plan plan, ClusterMemory memory) => memory.DatabasePending.Count == 0 ? plan : plan with { Pending = [.. plan.Pending, .. memory.DatabasePending] };

    private static bool AreSame(IReadOnlyDictionary<string, IReadOnlyList<string>>? first, IReadOnlyDictionary<string, IReadOnlyList<string>>? second) =>
        ReferenceEquals(first, second) || (first is not null && second is not null && first.Count == second.Count && first.All(f => second.TryGetValue(f.Key, out var other) && f.Value.SequenceEqual(other, StringComparer.Ordinal)));

    private static DateTimeOffset? Earlier(DateTimeOffset? first, DateTimeOffset? second) => first is null || second < first ? second ?? first : first;

    private static DesiredObject Filtered(IManifestFilter filter, DesiredObject desired, Postgresql manifest)
    {
        try
        {
            return filter.Apply(desired, manifest);
        }
        catch (Exception e)
        {
            // Whoever reads the status has to know whose fault it is.
            throw new InvalidOperationException($"The filter {filter.GetType().Name} failed for {desired.Kind.Kind} {desired.Name}, so nothing is changed: {e.Message}", e);
        }
    }

    private Task<T> OutsideAsync<T>(Func<Task<T>> wait) => _slots() is { } slots ? slots.OutsideAsync(wait) : wait();

    private static RestartStatus? LastRestartOf(ExecutionReport report, RestartStatus? known, DateTimeOffset now)
    {
        var last = report.Results.LastOrDefault(r => r.Outcome is ChangeOutcome.Done or ChangeOutcome.InProgress && r.Change is RecreatePod or RestartPostgres or Switchover or UpgradeMajorVersion { Step: not UpgradeStep.Check });
        if (last is null) return null;
        var causes = string.Join("; ", last.Change.Reasons.Take(3).Select(r => r.ToString()).Where(r => r.Length > 0));
        var result = new RestartStatus
        {
            Member = last.Change is Switchover switchover ? switchover.Leader : last.Change.Target.Name,
            Time = new Time(now),
            Cause = PlanText.Describe(last.Change) + (causes.Length == 0 ? "" : ": " + causes),
        };
        // What goes on for several passes is one restart.
        return last.Outcome == ChangeOutcome.InProgress && known is not null && known.Member == result.Member && known.Cause == result.Cause ? known : result;
    }

    private static bool MayLookAtDatabases(ExecutionReport report, string? stepFailure) => stepFailure is null && report.Stopped is null;

    private async Task<ReconcileResult> DeleteAsync(
        ClusterKey key, ClusterMemory memory, PassContext context, OperatorConfiguration configuration, int failuresBefore, CancellationToken cancellationToken)
    {
        var manifest = context.Manifest;
        var plan = context.Plan;
        await TellFindingsAsync(memory, manifest, plan.Findings, cancellationToken).ConfigureAwait(false);
        if (plan.IsEmpty)
        {
            // Pods on their way out may bring objects of Patroni back, so the cluster is not forgotten before the last one.
            if (memory.Departed is not null && plan.Pending.Count == 0 && !context.Observed.List(KubernetesKinds.Pod, key.Namespace).Any(p => p.Metadata("deletionTimestamp") is not null))
            {
                await _deletions.EndAsync(key, cancellationToken).ConfigureAwait(false);
                _memory.TryRemove(key, out _);
                _statuses.Forget(key);
            _history.Forget(key);
                return ReconcileResult.Done;
            }

            return Next(plan, null, _services.Time.GetUtcNow());
        }

        if (memory is { Departed: not null, IsDepartureCertain: false })
        {
            var departure = await _deletions.ConfirmAsync(key, cancellationToken).ConfigureAwait(false);
            if (departure == Departure.WithDefinition)
            {
                DefinitionGone(_logger, key);
                memory.Departed = null;
                return ReconcileResult.Done;
            }

            if (departure == Departure.None) return ReconcileResult.ObserveAgain;
            await _deletions.BeginAsync(key, manifest, context.Settings, cancellationToken).ConfigureAwait(false);
            memory.IsDepartureCertain = true;
        }

        var stepFailure = await RunStepsAsync(ReconcileStage.BeforeDeletion, key, context, configuration, cancellationToken).ConfigureAwait(false);
        var report = ExecutionReport.Nothing;
        if (stepFailure is null)
        {
            var uid = manifest.Metadata.Uid;
            report = await _executor.ExecuteAsync(context, () => IsReplaced(key, uid), cancellationToken).ConfigureAwait(false);
            if (report.Made > 0)
                await _events.RecordAsync(manifest, isWarning: false, "Delete", ChangeSummary.Of(report.Results.Where(r => r.Outcome == ChangeOutcome.Done).Select(r => r.Change)), cancellationToken).ConfigureAwait(false);
        }

        var stopped = report.Stopped;
        var failure = stepFailure ?? (stopped is { Outcome: ChangeOutcome.Failed } ? stopped.Message : null);
        if (failure is not null)
        {
            if (stopped is not { IsTransient: true } || failuresBefore + 1 >= _options.FailuresUntilShown)
                await _events.RecordAsync(manifest, isWarning: true, "Delete", failure, cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Failure;
        }

        return stopped is { Outcome: ChangeOutcome.InProgress or ChangeOutcome.HeldBack } ? Next(plan, stopped, _services.Time.GetUtcNow()) : ReconcileResult.ObserveAgain;
    }

    private async Task<DatabaseReport?> LookAtDatabasesAsync(
        ClusterMemory memory, PassContext context, OperatorConfiguration configuration, DateTimeOffset now, Func<bool> isInterrupted, CancellationToken cancellationToken)
    {
        if (_services.Databases is not { } databases || !databases.IsManaged(context))
        {
            memory.Databases = DatabaseState.NotManaged;
            memory.DatabaseFailure = null;
            memory.DatabasePending = [];
            return null;
        }

        if (!HasReadyPrimary(context))
        {
            // Nobody to ask. What was known stays known; what failed is tried again when a primary is there.
            if (memory.Databases is DatabaseState.NotManaged or DatabaseState.Failed) memory.Databases = DatabaseState.Unknown;
            memory.DatabaseFailure = null;
            return null;
        }

        var fingerprint = databases.Fingerprint(context);
        var period = _options.ResyncPeriod ?? context.Settings.ResyncPeriod;
        if (memory.Databases == DatabaseState.UpToDate && memory.DatabaseFingerprint == fingerprint && now - memory.DatabasesLookedAt < period && !(now >= memory.DatabasesDueAt)) return null;
        DatabaseReport report;
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        memory.Interruption = interruption;
        try
        {
            report = isInterrupted()
                ? new DatabaseReport { IsInterrupted = true }
                : await OutsideAsync(() => databases.ReconcileAsync(context, isInterrupted, interruption.Token).WaitAsync(interruption.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            report = new DatabaseReport { IsInterrupted = true };
        }
        finally
        {
            memory.Interruption = null;
        }

        if (report.IsInterrupted) return report;
        memory.DatabaseFailure = report.Failure;
        memory.DatabaseTrouble = report.Trouble;
        memory.DatabasePending = report.Pending;
        memory.StreamTables = report.StreamTables ?? memory.StreamTables;
        // What a policy holds back, and a rotation under way, is looked at again in the next pass.
        var isDone = report is { Failure: null, HasMoreToDo: false, HeldBack.Count: 0 };
        // Whoever does not answer for long is asked less and less often, so that one silent service does not cost each cluster a look every minute.
        var isInVain = report is { LookAgainAfter: not null, Changes.Count: 0 } && memory.DatabaseFingerprint == fingerprint;
        memory.DatabaseLooksInVain = isInVain ? memory.DatabaseLooksInVain + 1 : 0;
        memory.Databases = report.Failure is not null ? DatabaseState.Failed : report.HeldBack.Count > 0 ? DatabaseState.Unknown : DatabaseState.UpToDate;
        memory.DatabaseFingerprint = isDone ? fingerprint : null;
        memory.DatabasesLookedAt = now;
        memory.DatabasesDueAt = Earlier(
            report.LookAgainAfter is { } pause ? now + Sooner(pause * Math.Pow(2, Math.Min(memory.DatabaseLooksInVain, MostDoublings)), period) : null, Scheduled(report.NextDueAt, now, period));
        return report;
    }

    // What has a date is looked at right after it, however rarely others are asked. What is past has been tried, and what is later than two resyncs is seen in the second:
    // the first may come just before everything is looked at again.
    private static DateTimeOffset? Scheduled(DateTimeOffset? due, DateTimeOffset now, TimeSpan period)
    {
        if (due is not { } at || at < now || at - now >= 2 * period) return null;
        var soonest = now + BetweenScheduledLooks;
        return at + JustAfter > soonest ? at + JustAfter : soonest;
    }

    private static bool HasReadyPrimary(PassContext context)
    {
        var settings = context.Settings.Kubernetes;
        return context.Observed.List(KubernetesKinds.Pod, context.Plan.Cluster.Namespace).Any(p =>
            p.Label(settings.PodRoleLabel) == "master" && p.Label(settings.ClusterNameLabel) == context.Plan.Cluster.Name
            && settings.ClusterLabels.All(l => p.Label(l.Key) == l.Value) && p.IsReadyPod() && p.Metadata("deletionTimestamp") is null);
    }

    private async Task<string?> RunStepsAsync(
        ReconcileStage stage, ClusterKey key, PassContext context, OperatorConfiguration configuration, CancellationToken cancellationToken)
    {
        foreach (var step in _services.Steps)
        {
            if (step.Stage != stage) continue;
            using var deadline = new CancellationTokenSource(_options.CallTimeout, _services.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                var stepContext = new ReconcileStepContext
                {
                    Cluster = key, Manifest = context.Manifest, Observed = context.Observed, Plan = context.Plan, Configuration = configuration,
                };
                // A step that ignores its token must not hold the worker.
                await OutsideAsync(async () =>
                {
                    await step.RunAsync(stepContext, both.Token).WaitAsync(both.Token).ConfigureAwait(false);
                    return true;
                }).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return $"The step {step.Name} did not end within {_options.CallTimeout.TotalSeconds:0} s.";
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                StepFailed(_logger, e, step.Name, key);
                return $"The step {step.Name} failed: {e.Message}";
            }
        }

        return null;
    }

    private static ReconcileResult Next(Plan plan, ChangeResult? stopped, DateTimeOffset now, DateTimeOffset? also = null)
    {
        TimeSpan? delay = stopped?.LookAgainAfter;
        if (also is { } end) delay = Sooner(delay, end - now);
        foreach (var pending in plan.Pending)
        {
            if (pending.Until is { } until) delay = Sooner(delay, until - now);
            // What the watches do not show has to be asked for.
            else if (pending.WaitsFor is WaitReason.PatroniState or WaitReason.ReplicaLag or WaitReason.NotObserved) delay = Sooner(delay, LookAgainAtPatroni);
            else if (pending.WaitsFor == WaitReason.Definition) delay = Sooner(delay, LookAgainForDefinition);
        }

        return delay is { } after ? ReconcileResult.After(after > TimeSpan.FromSeconds(1) ? after : TimeSpan.FromSeconds(1)) : ReconcileResult.Done;
    }

    private static TimeSpan Sooner(TimeSpan? first, TimeSpan second) => first is { } value && value < second ? value : second;

    private Task<bool> WriteStatusAsync(ClusterKey key, StatusInput input, CancellationToken cancellationToken) =>
        _statuses.WriteAsync(key, ClusterStatusBuilder.Build(input), cancellationToken);

    private async Task<ReconcileResult> RefuseUnreadableAsync(ClusterKey key, JsonObject stored, ClusterMemory memory, CancellationToken cancellationToken)
    {
        // The object cannot be read as a cluster: say so on the object itself, through the parts of it that can be read.
        var message = memory.Read.Failure ?? "The manifest cannot be read.";
        var about = new Postgresql
        {
            Metadata = new ObjectMeta
            {
                Name = key.Name, Namespace = key.Namespace, Uid = stored.Metadata("uid"), ResourceVersion = stored.Metadata("resourceVersion"),
                Generation = stored.Child("metadata").Number("generation"),
            },
        };
        if (stored.Annotation(ControllerAnnotation) is { } owner ? owner != _options.ControllerId : _options.ControllerId.Length > 0) return ReconcileResult.Done;
        var plan = new Plan { Cluster = key, Findings = [new Finding { Severity = FindingSeverity.Error, Code = "Unreadable", Rule = message }] };
        await TellFindingsAsync(memory, about, plan.Findings, cancellationToken).ConfigureAwait(false);
        var settings = OperatorSettings.From(_services.Configuration.Current!);
        await WriteStatusAsync(
            key, new StatusInput { Manifest = about, Settings = settings, Observed = ObservedCluster.Empty, Plan = plan, Now = _services.Time.GetUtcNow() }, cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private async Task TryTellAsync(ClusterKey key, Exception failure, int failuresBefore, CancellationToken cancellationToken)
    {
        if (failuresBefore + 1 < _options.FailuresUntilShown && failure is KubernetesApiException { IsTransient: true }) return;
        if (_store.Get(Postgresql.Descriptor, key.Namespace, key.Name) is not { } stored || Read(MemoryOf(key), stored) is not { } manifest) return;
        try
        {
            if (_services.Configuration.Current is { } configuration && manifest.Metadata.DeletionTimestamp is null)
            {
                var settings = OperatorSettings.From(configuration);
                await WriteStatusAsync(
                    key,
                    new StatusInput
                    {
                        Manifest = manifest, Settings = settings, Observed = _observer.Observe(manifest, settings), Databases = MemoryOf(key).Databases,
                        Failure = failure.Message, IsLastingFailure = true, Now = _services.Time.GetUtcNow(),
                    },
                    cancellationToken).ConfigureAwait(false);
            }

            await _events.RecordAsync(manifest, isWarning: true, FailureReason(manifest), failure.Message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            NotTold(_logger, key, e.Message);
        }
    }

    private async Task TellFindingsAsync(ClusterMemory memory, Postgresql manifest, IReadOnlyList<Finding> findings, CancellationToken cancellationToken, bool ofDatabases = false)
    {
        // Findings are told before the status is written, so a generation that the status shows was told of by a former process: of databases, when nothing was left to do.
        var wasTold = (ofDatabases ? memory.AreDatabasesNew && manifest.Status?.PostgresClusterStatus == ClusterStatusText.Running : memory.IsNew)
            && manifest.Status?.ObservedGeneration is { } observed && observed == manifest.Metadata.Generation;
        if (ofDatabases) memory.AreDatabasesNew = false;
        else memory.IsNew = false;
        foreach (var finding in findings)
        {
            if (finding.Severity == FindingSeverity.Information) continue;
            var text = finding.ToString();
            if (!memory.Told.Add($"{manifest.Metadata.Generation}/{finding.Code}/{text}")) continue;
            if (wasTold && finding.Severity == FindingSeverity.Warning) continue;
            await _events.RecordAsync(manifest, isWarning: true, finding.Code, text, cancellationToken).ConfigureAwait(false);
        }

        if (memory.Told.Count > 1000) memory.Told.Clear();
    }

    private async Task TellChangesAsync(Postgresql manifest, ExecutionReport report, CancellationToken cancellationToken)
    {
        foreach (var group in report.Results.Where(r => r.Outcome is ChangeOutcome.Done or ChangeOutcome.InProgress).GroupBy(r => ReasonOf(r.Change), StringComparer.Ordinal))
            await TellAsync(manifest, group.Key, group.Select(g => g.Change), cancellationToken).ConfigureAwait(false);
        if (report.Stopped is { Outcome: ChangeOutcome.HeldBack } heldBack)
            await _events.RecordAsync(manifest, isWarning: false, "HeldBack", $"{heldBack.Change.Target}: {heldBack.Message}", cancellationToken).ConfigureAwait(false);
    }

    private Task TellAsync(Postgresql manifest, string reason, IEnumerable<PlannedChange> changes, CancellationToken cancellationToken) =>
        _events.RecordAsync(manifest, isWarning: false, reason, ChangeSummary.Of(changes), cancellationToken);

    private static string ReasonOf(PlannedChange change) => change switch
    {
        Switchover => "Switchover",
        RecreatePod or RestartPostgres => "Update",
        UpgradeMajorVersion => "MajorVersionUpgrade",
        ReplaceObject or DeleteObject when change.Stage != ChangeStage.Cleanup => "Update",
        _ => change.Stage switch
        {
            ChangeStage.Services => "Services",
            ChangeStage.Secrets => "Secrets",
            ChangeStage.StatefulSet => "StatefulSet",
            ChangeStage.Databases => "Databases",
            ChangeStage.Cleanup => "Delete",
            _ => change is CreateObject ? "Create" : "Update",
        },
    };

    private static string FailureReason(Postgresql manifest) => manifest.Status?.PostgresClusterStatus switch
    {
        null or "" or ClusterStatusText.Creating or ClusterStatusText.CreateFailed => "Create",
        ClusterStatusText.Updating or ClusterStatusText.UpdateFailed => "Update",
        _ => "Sync",
    };

    // A cluster that fails keeps saying so until a pass has succeeded.
    private static string? FormerFailure(Postgresql manifest) =>
        manifest.Status?.Conditions?.FirstOrDefault(c => c.Type == "Degraded" && c.Status == "True")?.Message;

    private bool HasChanged(ClusterKey key, Postgresql manifest)
    {
        var now = _store.Get(Postgresql.Descriptor, key.Namespace, key.Name);
        return now is null || now.Metadata("uid") != manifest.Metadata.Uid || now.Metadata("deletionTimestamp") is not null
            || now.Child("metadata").Number("generation") != manifest.Metadata.Generation;
    }

    private bool IsReplaced(ClusterKey key, string? uid) =>
        _store.Get(Postgresql.Descriptor, key.Namespace, key.Name) is { } now && now.Metadata("uid") != uid;

    private const string ControllerAnnotation = "acid.zalan.do/controller";

    private bool IsOurs(Postgresql manifest) =>
        (manifest.Metadata.Annotations?.GetValueOrDefault(ControllerAnnotation) ?? "") == _options.ControllerId;

    private ClusterMemory MemoryOf(ClusterKey key) => _memory.GetOrAdd(key, static _ => new ClusterMemory());

    private static Postgresql? Read(ClusterMemory memory, JsonObject stored)
    {
        var version = stored.Metadata("resourceVersion");
        if (memory.Read.Version == version && version is not null) return memory.Read.Manifest;
        try
        {
            var manifest = DeprecatedFields.Translate(stored.Deserialize(PostgresJsonContext.Default.Postgresql)!, out var findings);
            memory.Read = (version, manifest, findings, null);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            memory.Read = (version, null, null, e is JsonException { Path: { } path } ? $"{path.TrimStart('$', '.')}: {e.Message}" : e.Message);
        }

        return memory.Read.Manifest;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: the pass failed")]
    private static partial void PassFailed(ILogger logger, Exception exception, ClusterKey cluster);

    [LoggerMessage(Level = LogLevel.Error, Message = "The step {Step} failed for {Cluster}")]
    private static partial void StepFailed(ILogger logger, Exception exception, string step, ClusterKey cluster);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: its manifest vanished together with the definition of its kind; nothing of the cluster is deleted")]
    private static partial void DefinitionGone(ILogger logger, ClusterKey cluster);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Cluster}: the failure could not be told: {Message}")]
    private static partial void NotTold(ILogger logger, ClusterKey cluster, string message);
}
