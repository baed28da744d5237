using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Processes;
using Zalando.Postgres.Sdk.Sandbox.Progress;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers.Nodes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>The scheduler and the kubelet of the sandbox: gives each new pod a node and a runner, and removes the data of deleted claims.</summary>
internal sealed class NodeAgent(NodeContext context, IReadOnlyList<IPodProgramFactory> factories, NoticeBoard notices, int nodes)
{
    private const int Conflict = 409;

    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>();
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Namespace, string Name), PodRunner> _runners = [];
    private IDisposable? _subscription;
    private Task _running = Task.CompletedTask;
    private bool _stopping;

    public IReadOnlyList<PodRunner> Runners
    {
        get
        {
            lock (_lock) return [.. _runners.Values];
        }
    }

    public void Start()
    {
        for (var i = 1; i <= nodes; i++) CreateNode($"sandbox-{i}", i);
        _subscription = context.Api.Subscribe(change =>
        {
            if (change.Kind == KubernetesKinds.Pod) Queue(change.Object, removed: change.Type == "DELETED");
            else if (change.Kind == KubernetesKinds.PersistentVolumeClaim && change.Type == "DELETED") _changes.Writer.TryWrite(new Change(ClaimKey(change.Object), Uid(change.Object), Removed: true, IsClaim: true));
            else if (change.Kind == KubernetesKinds.Node) RetryPending();
        });
        foreach (var pod in context.Api.List(KubernetesKinds.Pod, null)) Queue(pod, removed: false);
        _running = Task.Run(RunAsync);
    }

    public PodRunner? Find(string namespaceName, string name)
    {
        lock (_lock) return _runners.GetValueOrDefault((namespaceName, name));
    }

    /// <summary>Stops every pod and waits until no process is left.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _subscription?.Dispose();
        List<PodRunner> runners;
        lock (_lock)
        {
            _stopping = true;
            runners = [.. _runners.Values];
        }

        _changes.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        foreach (var runner in runners) runner.End(grace);
        await Task.WhenAll(runners.Select(r => r.Completion)).ConfigureAwait(false);
    }

    private static (string Namespace, string Name) ClaimKey(JsonObject value) => ((string?)value["metadata"]?["namespace"] ?? string.Empty, (string?)value["metadata"]?["name"] ?? string.Empty);

    private static string Uid(JsonObject value) => (string?)value["metadata"]?["uid"] ?? string.Empty;

    private void Queue(JsonObject pod, bool removed) => _changes.Writer.TryWrite(new Change(ClaimKey(pod), Uid(pod), removed, IsClaim: false));

    private void RetryPending()
    {
        // A node that takes pods again may be what a pending pod waits for.
        foreach (var pod in context.Api.List(KubernetesKinds.Pod, null))
        {
            if (pod["spec"]?["nodeName"] is null) Queue(pod, removed: false);
        }
    }

    private async Task RunAsync()
    {
        await foreach (var change in _changes.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                if (change.IsClaim) RemoveClaim(change);
                else Handle(change);
            }
            catch (Exception exception) when (exception is ApiStatusException or JsonException or SandboxException or IOException)
            {
                notices.Post(NoticeSeverity.Warning, $"{change.Key.Namespace}/{change.Key.Name}", "SandboxFailure", exception.Message);
            }
        }
    }

    private void Handle(Change change)
    {
        var runner = Find(change.Key.Namespace, change.Key.Name);
        if (change.Removed)
        {
            if (runner?.Uid == change.Uid) runner.Removed();
            return;
        }

        if (context.Api.Get(KubernetesKinds.Pod, change.Key.Namespace, change.Key.Name) is not { } stored) return;
        if (Uid(stored) == runner?.Uid)
        {
            runner.Changed(stored);
            return;
        }

        if (stored["metadata"]?["deletionTimestamp"] is not null) return;
        if ((string?)stored["spec"]?["nodeName"] is not { Length: > 0 } node)
        {
            Schedule(stored);
            return;
        }

        if (!node.StartsWith("sandbox-", StringComparison.Ordinal)) return;
        var pod = stored.Deserialize(Pod.JsonTypeInfo) ?? throw new JsonException("An empty pod.");
        lock (_lock)
        {
            if (_stopping) return;
            _runners[change.Key] = new PodRunner(context, pod, factories, runner?.Completion ?? Task.CompletedTask);
        }
    }

    private void Schedule(JsonObject stored)
    {
        var pod = stored.Deserialize(Pod.JsonTypeInfo) ?? throw new JsonException("An empty pod.");
        var open = context.Api.List(KubernetesKinds.Node, null).Where(n => ((string?)n["metadata"]?["name"])?.StartsWith("sandbox-", StringComparison.Ordinal) == true).ToList();
        if (PodPlacement.Choose(stored, open, context.Api.List(KubernetesKinds.Pod, null), out var refusal) is not { } name)
        {
            context.Events.Record(pod, NoticeSeverity.Warning, "FailedScheduling", refusal ?? $"0/{nodes} nodes are available.");
            return;
        }

        while (true)
        {
            stored["spec"]!["nodeName"] = name;
            try
            {
                // Through the pod's binding, as a scheduler does: an ordinary update cannot set the node.
                context.Api.Update(KubernetesKinds.Pod, stored, "binding");
                break;
            }
            catch (ApiStatusException exception) when (exception.Code == Conflict && context.Api.Get(KubernetesKinds.Pod, pod.Metadata.Namespace, pod.Metadata.Name!) is { } again && Uid(again) == pod.Metadata.Uid)
            {
                stored = again;
            }
        }

        context.Events.Record(pod, NoticeSeverity.Normal, "Scheduled", $"Successfully assigned {pod.Metadata.Namespace}/{pod.Metadata.Name} to {name}");
    }

    private void RemoveClaim(Change change)
    {
        if (context.KeepData || change.Uid.Length == 0) return;
        SandboxDirectory.Remove(PodVolumes.ClaimDirectory(context.Directory, change.Key.Namespace, change.Key.Name, change.Uid));
    }

    private void CreateNode(string name, int number)
    {
        var now = ContainerState.Stamp(context.Time.GetUtcNow());
        var node = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject
                {
                    ["kubernetes.io/hostname"] = name,
                    ["kubernetes.io/os"] = "linux",
                    ["topology.kubernetes.io/zone"] = $"zone-{number}",
                },
            },
            ["spec"] = new JsonObject(),
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(
                    new JsonObject { ["type"] = "InternalIP", ["address"] = context.Block.Node.ToString() },
                    new JsonObject { ["type"] = "Hostname", ["address"] = name }),
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Ready",
                    ["status"] = "True",
                    ["reason"] = "SandboxReady",
                    ["message"] = "pods run as local processes",
                    ["lastHeartbeatTime"] = now,
                    ["lastTransitionTime"] = now,
                }),
            },
        };
        var created = context.Api.Create(KubernetesKinds.Node, node);
        created["status"] = node["status"]?.DeepClone();
        var ready = context.Api.Update(KubernetesKinds.Node, created, "status");
        // A new node is tainted as not ready; on a real cluster the node controller takes that away once the node reports.
        if (ready["spec"] is JsonObject spec && spec.Remove("taints")) context.Api.Update(KubernetesKinds.Node, ready);
    }

    private sealed record Change((string Namespace, string Name) Key, string Uid, bool Removed, bool IsClaim);
}
