using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Processes;
using Zalando.Postgres.Sdk.Sandbox.Progress;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Runs one pod of the node from its assignment to its removal: configure, start, watch, start again, stop.</summary>
internal sealed class PodRunner
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    // States in which Patroni 4 puts the bootstrap labels on its pod; Patroni 3 does not know these labels.
    private static readonly string[] BootstrapStates = ["initializing new cluster", "running custom bootstrap script", "starting after custom bootstrap", "creating replica"];

    private readonly NodeContext _node;
    private readonly Pod _pod;
    private readonly PodStatus _status;
    private readonly Task _predecessor;
    private readonly List<ContainerState> _containers;
    private readonly List<ContainerState> _initContainers;
    private readonly ContainerState? _main;
    private readonly IPodProgramFactory? _factory;
    private readonly TaskCompletionSource<TimeSpan> _deletion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private IReadOnlyDictionary<string, string> _bootstrapLabels = new Dictionary<string, string>(StringComparer.Ordinal);
    private ContainerProcess? _process;
    private bool _removedFromServer;
    private string _phase = "Pending";

    public PodRunner(NodeContext node, Pod pod, IReadOnlyList<IPodProgramFactory> factories, Task predecessor)
    {
        _node = node;
        _pod = pod;
        _predecessor = predecessor;
        Uid = pod.Metadata.Uid ?? string.Empty;
        Address = node.Block.NextPod();
        _status = new PodStatus(node.Api, Namespace, Name, Uid, node.Time);
        _containers = [.. (pod.Spec?.Containers ?? []).Select(c => new ContainerState(c))];
        _initContainers = [.. (pod.Spec?.InitContainers ?? []).Select(c => new ContainerState(c))];
        foreach (var container in _containers)
        {
            if (factories.FirstOrDefault(f => f.Runs(container.Container)) is not { } factory) continue;
            (_main, _factory) = (container, factory);
            break;
        }

        RunDirectory = node.Directory.Create("pods", $"{Address.GetAddressBytes()[2]}.{Address.GetAddressBytes()[3]}");
        Completion = Task.Run(RunAsync, CancellationToken.None);
    }

    public string Namespace => _pod.Metadata.Namespace ?? string.Empty;

    public string Name => _pod.Metadata.Name ?? string.Empty;

    public string Uid { get; }

    public string NodeName => _pod.Spec?.NodeName ?? string.Empty;

    public IPAddress Address { get; }

    public string RunDirectory { get; }

    /// <summary>Ends when no process of the pod is left and the pod has been removed from the API server.</summary>
    public Task Completion { get; }

    public int Restarts => _main?.Restarts ?? 0;

    public bool Ready => _main?.Ready ?? false;

    public string Phase => _phase;

    /// <summary>What runs now; null when nothing does.</summary>
    public ContainerProcess? Process
    {
        get
        {
            lock (_lock) return _process;
        }
    }

    /// <summary>How <c>exec</c> finds its way; null when nothing runs.</summary>
    public PodProgram? Program { get; private set; }

    /// <summary>Name of the container that runs; null when the pod is refused.</summary>
    public string? MainContainer => _main?.Container.Name;

    public PodLog? Log { get; private set; }

    public PodLog? PreviousLog { get; private set; }

    /// <summary>Takes notice of a change of the pod: a deletion, or a new status of Patroni.</summary>
    public void Changed(JsonObject pod)
    {
        if (pod["metadata"] is not JsonObject metadata) return;
        if (metadata["deletionTimestamp"] is not null)
        {
            var grace = metadata["deletionGracePeriodSeconds"] is JsonValue value && value.TryGetValue<long>(out var seconds) ? seconds : _pod.Spec?.TerminationGracePeriodSeconds ?? 30;
            Stop(TimeSpan.FromSeconds(grace));
        }
        else
        {
            MarkBootstrap(metadata);
            _status.Resize(pod);
        }
    }

    /// <summary>The pod has been removed by force: its processes end at once.</summary>
    public void Removed()
    {
        _removedFromServer = true;
        Stop(TimeSpan.Zero);
    }

    /// <summary>Stops the processes; the pod stays as it is in the API server, which ends too.</summary>
    public void End(TimeSpan grace)
    {
        _removedFromServer = true;
        Stop(grace);
    }

    /// <summary>Stops the processes and removes the pod.</summary>
    private void Stop(TimeSpan grace)
    {
        if (!_deletion.TrySetResult(grace) && grace == TimeSpan.Zero) Process?.Kill();
        _ending.Cancel();
    }

    private static bool IsBootstrapping(JsonObject metadata)
    {
        if ((string?)metadata["annotations"]?["status"] is not { } text) return false;
        try
        {
            return JsonNode.Parse(text)?["state"] is JsonValue value && value.TryGetValue<string>(out var state) && BootstrapStates.Contains(state, StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Describe(int exitCode) => exitCode switch
    {
        0 => "ended with exit code 0",
        > 128 => string.Create(CultureInfo.InvariantCulture, $"was ended by signal {exitCode - 128}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"ended with exit code {exitCode}"),
    };

    private async Task RunAsync()
    {
        try
        {
            await _predecessor.ConfigureAwait(false);
            ReportNotRun();
            Write();
            if (_main is null || _factory is null)
            {
                await _deletion.Task.ConfigureAwait(false);
            }
            else
            {
                await RunMainAsync(_main, _factory).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // One pod must not take the node with it; what it was is shown where people look.
            Tell(NoticeSeverity.Warning, "SandboxFailure", $"The sandbox failed to run the pod: {exception.Message}");
            Process?.Kill();
            await _deletion.Task.ConfigureAwait(false);
        }

        RemoveFromServer();
        if (!_node.KeepData) SandboxDirectory.Remove(RunDirectory);
    }

    private void ReportNotRun()
    {
        foreach (var container in _containers.Where(c => c != _main))
        {
            const string reason = "ErrImageNeverPull";
            var message = _main is null
                ? $"The sandbox runs database pods (image name contains spilo) and poolers (pgbouncer) as local processes; it has no way to run image \"{container.Container.Image}\"."
                : $"The sandbox does not run the sidecar {container.Container.Name} (image \"{container.Container.Image}\"): only {_main.Container.Name} runs.";
            container.SetWaiting(reason, message);
            Tell(NoticeSeverity.Warning, _main is null ? reason : "SidecarNotRun", message);
        }

        foreach (var container in _initContainers)
        {
            container.SetTerminated(0, "NotRunBySandbox", _node.Time.GetUtcNow(), _node.Time.GetUtcNow());
            Tell(NoticeSeverity.Warning, "InitContainerNotRun", $"The sandbox does not run the init container {container.Container.Name} (image \"{container.Container.Image}\").");
        }
    }

    private async Task RunMainAsync(ContainerState main, IPodProgramFactory factory)
    {
        var crashes = 0;
        while (!_deletion.Task.IsCompleted)
        {
            if (TryStart(main, factory) is not { } process)
            {
                await WaitAsync(RetryPeriod).ConfigureAwait(false);
                continue;
            }

            var started = _node.Time.GetUtcNow();
            var exitCode = await WatchAsync(main, process).ConfigureAwait(false);
            var finished = _node.Time.GetUtcNow();
            lock (_lock) _process = null;
            Log?.End();
            main.SetTerminated(exitCode, exitCode == 0 ? "Completed" : "Error", started, finished);
            if (_deletion.Task.IsCompleted) break;
            Tell(exitCode == 0 ? NoticeSeverity.Normal : NoticeSeverity.Warning, "ContainerEnded", $"Container {main.Container.Name} {Describe(exitCode)}.");
            var policy = _pod.Spec?.RestartPolicy ?? "Always";
            if (policy == "Never" || (policy == "OnFailure" && exitCode == 0))
            {
                _phase = exitCode == 0 ? "Succeeded" : "Failed";
                Write();
                await _deletion.Task.ConfigureAwait(false);
                break;
            }

            crashes = finished - started >= _node.RestartBackOff.ForgottenAfter ? 1 : crashes + 1;
            var wait = _node.RestartBackOff.Wait(crashes);
            main.Remember();
            main.SetWaiting("CrashLoopBackOff", string.Create(CultureInfo.InvariantCulture, $"back-off {wait.TotalSeconds:0.###}s restarting failed container={main.Container.Name} pod={Name}_{Namespace}({Uid})"));
            Write();
            Tell(NoticeSeverity.Warning, "BackOff", string.Create(CultureInfo.InvariantCulture, $"Container {main.Container.Name} starts again in {wait.TotalSeconds:0.###} s."));
            await WaitAsync(wait).ConfigureAwait(false);
            main.Restarts++;
        }
    }

    private ContainerProcess? TryStart(ContainerState main, IPodProgramFactory factory)
    {
        try
        {
            var environment = PodEnvironment.Resolve(_pod, main.Container, Address.ToString(), _node.Block.Node.ToString(), _node.Objects);
            var volumes = PodVolumes.Prepare(_pod, main.Container, _node.Directory, RunDirectory, environment, _node.Objects, ClaimUid);
            var program = factory.Prepare(new PodContext
            {
                Pod = _pod,
                Container = main.Container,
                Address = Address,
                Environment = environment,
                Volumes = volumes,
                RunDirectory = RunDirectory,
            });
            _bootstrapLabels = BootstrapLabels(environment);
            if (main.Restarts == 0)
            {
                foreach (var note in program.Notes) Tell(NoticeSeverity.Normal, "SandboxDiffers", note);
            }

            var log = new PodLog(_node.Time);
            PreviousLog = Log;
            Log = log;
            Program = program;
            var process = ContainerProcess.Start(_node.Directory, _node.Programs, program.Command, Path.Combine(RunDirectory, "again"), (_, line) => log.Add(line));
            lock (_lock) _process = process;
            main.Remember();
            main.ContainerId = $"process://{process.SupervisorId.ToString(CultureInfo.InvariantCulture)}";
            main.SetRunning(_node.Time.GetUtcNow());
            _phase = "Running";
            Write();
            Tell(NoticeSeverity.Normal, "Started", $"Started container {main.Container.Name} at {Address}.");
            return process;
        }
        catch (PodConfigurationException exception)
        {
            Refuse(main, "CreateContainerConfigError", exception.Message);
        }
        catch (SandboxException exception)
        {
            Refuse(main, "CreateContainerError", exception.Message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Refuse(main, "RunContainerError", exception.Message);
        }

        return null;
    }

    private void Refuse(ContainerState main, string reason, string message)
    {
        if (main.Reason != reason) Tell(NoticeSeverity.Warning, "Failed", message);
        main.SetWaiting(reason, message);
        Write();
    }

    /// <summary>Follows readiness until the program ends; a deletion asks it to end.</summary>
    private async Task<int> WatchAsync(ContainerState main, ContainerProcess process)
    {
        using var ended = new CancellationTokenSource();
        var probing = ProbeAsync(main, process, ended.Token);
        await Task.WhenAny(process.Completion, _deletion.Task).ConfigureAwait(false);
        if (!process.Completion.IsCompleted)
        {
            var grace = await _deletion.Task.ConfigureAwait(false);
            if (grace > TimeSpan.Zero)
            {
                if (!_removedFromServer) Tell(NoticeSeverity.Normal, "Killing", $"Stopping container {main.Container.Name}.");
                process.Stop(grace);
            }
            else
            {
                process.Kill();
            }
        }

        var exitCode = await process.Completion.ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await probing.ConfigureAwait(false);
        return exitCode;
    }

    private async Task ProbeAsync(ContainerState main, ContainerProcess process, CancellationToken cancellationToken)
    {
        try
        {
            await _node.Readiness.RunAsync(main.Container, Program!.StartedWhenListening, ready =>
            {
                if (process.Completion.IsCompleted) return;
                main.Ready = ready;
                Write();
                Tell(ready ? NoticeSeverity.Normal : NoticeSeverity.Warning, ready ? "Ready" : "Unready", ready ? "The pod is ready." : "Readiness probe failed.");
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The program has ended.
        }
    }

    private void Write()
    {
        var ready = _main is { Ready: true } && _phase == "Running";
        var message = ready ? null : $"containers with unready status: [{string.Join(' ', _containers.Where(c => !c.Ready).Select(c => c.Container.Name))}]";
        _status.Write(_phase, Address.ToString(), _node.Block.Node.ToString(), _containers, _initContainers, ready, message);
    }

    private string? ClaimUid(string claim) => (string?)_node.Api.Get(KubernetesKinds.PersistentVolumeClaim, Namespace, claim)?["metadata"]?["uid"];

    private IReadOnlyDictionary<string, string> BootstrapLabels(Dictionary<string, string> environment)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (environment.GetValueOrDefault("KUBERNETES_BOOTSTRAP_LABELS") is not { Length: > 0 } text) return labels;
        try
        {
            foreach (var (label, value) in JsonNode.Parse(text) as JsonObject ?? [])
            {
                if (value is JsonValue one && one.TryGetValue<string>(out var given)) labels[label] = given;
            }
        }
        catch (JsonException exception)
        {
            throw new SandboxException($"The environment variable KUBERNETES_BOOTSTRAP_LABELS is not valid JSON: {exception.Message}", exception);
        }

        return labels;
    }

    private void MarkBootstrap(JsonObject metadata)
    {
        if (_bootstrapLabels.Count == 0) return;
        var wanted = IsBootstrapping(metadata);
        var present = _bootstrapLabels.Keys.Any(label => metadata["labels"]?[label] is not null);
        if (wanted == present) return;
        // The operator uses the same label for an upgrade of its own: only what was set here is taken away here.
        if (wanted) _markedBootstrap = true;
        else if (!_markedBootstrap) return;
        else _markedBootstrap = false;
        _status.SetLabels(_bootstrapLabels, wanted);
    }

    private bool _markedBootstrap;

    private void RemoveFromServer()
    {
        if (_removedFromServer) return;
        try
        {
            _phase = _phase is "Succeeded" or "Failed" ? _phase : "Running";
            Write();
            _node.Api.Delete(KubernetesKinds.Pod, Namespace, Name, new JsonObject
            {
                ["gracePeriodSeconds"] = 0,
                ["preconditions"] = new JsonObject { ["uid"] = Uid },
            });
        }
        catch (ApiStatusException)
        {
            // Gone already, or replaced by a new pod of the same name.
        }
    }

    private async Task WaitAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _node.Time, _ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The pod is to be deleted.
        }
    }

    private void Tell(NoticeSeverity severity, string reason, string message) => _node.Events.Record(_pod, severity, reason, message);
}
