using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>A whole Kubernetes cluster in memory, on virtual time, with an operator that can be killed and started again.</summary>
internal sealed class OperatorWorld : IAsyncDisposable
{
    public const string Namespace = "default";

    private static readonly KubernetesKind[] WatchedKinds =
    [
        Postgresql.Descriptor, KubernetesKinds.StatefulSet, KubernetesKinds.Pod, KubernetesKinds.Service, KubernetesKinds.Endpoints, KubernetesKinds.Secret,
        KubernetesKinds.ConfigMap, KubernetesKinds.PodDisruptionBudget, KubernetesKinds.PersistentVolumeClaim, KubernetesKinds.Deployment, KubernetesKinds.CronJob, KubernetesKinds.Node,
    ];

    private readonly KubernetesClient _client;
    private readonly SemaphoreSlim _news = new(0);
    private readonly IDisposable _subscription;
    private readonly Lock _lock = new();
    private int _starting;

    private OperatorWorld(InMemoryApiServer server, ManualTimeProvider time, OperatorParameters parameters, KubernetesClientOptions options)
    {
        Server = server;
        Time = time;
        Configuration = new FixedConfigurationSource(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = parameters });
        Patroni = new SimulatedPatroni(server.Access);
        _client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(server.Url, new SocketsHttpHandler()), options);
        _subscription = server.Access.Subscribe(OnChange);
    }

    public InMemoryApiServer Server { get; }

    public ManualTimeProvider Time { get; }

    public FixedConfigurationSource Configuration { get; }

    public SimulatedPatroni Patroni { get; }

    public IKubernetesClient Client => _client;

    public OperatorProcess? Operator { get; private set; }

    /// <summary>Operators beside that one.</summary>
    public List<OperatorProcess> Others { get; } = [];

    /// <summary>Gives the operator another configuration.</summary>
    public void Configure(OperatorParameters parameters) => Configuration.Replace(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = parameters });

    /// <summary>Starts an operator beside the first one.</summary>
    public OperatorProcess StartAnother(ReconcileEngineOptions options)
    {
        var services = Plugins(new ReconcileEngineServices { Kubernetes = _client, Configuration = Configuration, Time = Time, Random = () => 0.5 });
        var process = new OperatorProcess(new InterruptibleClient(_client), services, options);
        process.Engine.Store.Changed += _ => Tell();
        Others.Add(process);
        return process;
    }

    public ReconcileEngineOptions EngineOptions { get; set; } = new() { Workers = 2, OperatorNamespace = Namespace };

    /// <summary>Whether things may hang until the clock moves (calls that never answer, watches that pause after a failure): then settling gives up after a moment.</summary>
    public bool ThingsMayHang { get; set; }

    /// <summary>Whether the lists that watches begin with are calls at which a process may be killed.</summary>
    public bool CountFirstLists { get; set; }

    /// <summary>Whether the opening of a watch and each of its events are moments at which a process may be killed.</summary>
    public bool CountWatches { get; set; }

    /// <summary>Makes calls of the operator fail.</summary>
    public Func<(Exception Failure, bool Happens)?>? Fault { get; set; }

    /// <summary>Awaited before the operator lists a kind.</summary>
    public Func<KubernetesKind, Task>? BeforeList { get; set; }

    /// <summary>Makes watches of the operator end: called for each event.</summary>
    public Func<Exception?>? WatchFault { get; set; }

    public Func<ReconcileEngineServices, ReconcileEngineServices> Plugins { get; set; } = static s => s;

    /// <summary>The uids that pods of a name had, in order: more than one means that a pod was made again.</summary>
    public Dictionary<string, List<string>> PodLives { get; } = new(StringComparer.Ordinal);

    /// <summary>The passwords that secrets of a name had: more than one means that one was lost.</summary>
    public Dictionary<string, HashSet<string>> Passwords { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts a world without an operator.</summary>
    /// <param name="parameters">The operator's configuration.</param>
    /// <param name="watchDuration">How long watches last before they are opened anew. Over days of virtual time the usual minutes would be most of the work.</param>
    /// <param name="from">What there is from the start; null for nothing.</param>
    /// <param name="nodes">Names of nodes beside node-1.</param>
    /// <param name="stateFile">A file with what there is from the start, definitions of custom kinds included; null for none.</param>
    /// <param name="servesPodResize">Whether the API server resizes running pods.</param>
    /// <param name="clientLog">Takes what the Kubernetes client logs; null for nobody.</param>
    public static async Task<OperatorWorld> StartAsync(
        OperatorParameters? parameters = null, TimeSpan? watchDuration = null, SavedWorld? from = null, IReadOnlyList<string>? nodes = null, string? stateFile = null, bool servesPodResize = true,
        Microsoft.Extensions.Logging.ILogger? clientLog = null)
    {
        var time = new ManualTimeProvider(from?.Time);
        var options = new KubernetesClientOptions { MaximumRetries = 0, Random = () => 0.5, Logger = clientLog ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance };
        var serverOptions = new ApiServerOptions
        {
            TimeProvider = time, SimulatedNode = new SimulatedNodeOptions { FurtherNodeNames = nodes ?? [] }, Random = new Random(from is null ? 17 : 18), Snapshot = from?.Server, StateFile = stateFile,
            ServesPodResize = servesPodResize,
        };
        if (watchDuration is { } duration)
        {
            options = options with { ShortestWatch = duration, LongestWatch = duration };
            serverOptions = serverOptions with { BookmarkInterval = duration };
        }

        var server = await InMemoryApiServer.StartAsync(serverOptions, TestContext.Current.CancellationToken);
        if (from is not null)
        {
            var world = new OperatorWorld(server, time, parameters ?? new OperatorParameters(), options);
            foreach (var (name, lives) in from.PodLives) world.PodLives[name] = [.. lives];
            foreach (var (name, passwords) in from.Passwords) world.Passwords[name] = [.. passwords];
            return world;
        }

        foreach (var definition in stateFile is null ? CustomResourceDefinitions.All : []) server.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
        await server.Controllers!.SettleAsync();
        return new OperatorWorld(server, time, parameters ?? new OperatorParameters(), options);
    }

    /// <summary>What there is now, for worlds that go on from here. No operator may run.</summary>
    public SavedWorld Save()
    {
        Assert.Null(Operator);
        return new SavedWorld(
            Server.TakeSnapshot(), Time.GetUtcNow(), PodLives.ToDictionary(l => l.Key, l => (IReadOnlyList<string>)[.. l.Value]), Passwords.ToDictionary(p => p.Key, p => (IReadOnlySet<string>)p.Value.ToHashSet()));
    }

    /// <summary>Evicts a pod as a drain does; whether the disruption budgets allowed it. Any other answer would end the drain, and is an error.</summary>
    public async Task<bool> EvictAsync(string pod, string space = Namespace)
    {
        try
        {
            await _client.CreateAsync(
                KubernetesKinds.Pod,
                new JsonObject { ["apiVersion"] = "policy/v1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = space } },
                "eviction", null, TestContext.Current.CancellationToken);
            return true;
        }
        catch (KubernetesApiException e) when (e.StatusCode is 429)
        {
            return false;
        }
    }

    public OperatorProcess StartOperator(int killAt = 0, bool killAfter = false)
    {
        var client = new InterruptibleClient(_client) { KillAt = killAt, KillAfter = killAfter, CountsFirstLists = CountFirstLists, CountsWatches = CountWatches, Fault = Fault, WatchFault = WatchFault, BeforeList = BeforeList };
        var seed = 0;
        var services = Plugins(new ReconcileEngineServices
        {
            Kubernetes = client,
            Configuration = Configuration,
            Time = Time,
            Random = () => 0.5,
            PasswordBytes = () =>
            {
                var bytes = new byte[32];
                BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref seed) * 7919 + PodLives.Count);
                return bytes;
            },
        });
        _starting = 0;
        Operator = new OperatorProcess(client, services, EngineOptions);
        Operator.Engine.Store.Changed += _ => Tell();
        return Operator;
    }

    public async Task StopOperatorAsync()
    {
        if (Operator is null) return;
        await Operator.DisposeAsync();
        Operator = null;
    }

    /// <summary>Lets everybody work until nobody has anything to do now. The clock stands still.</summary>
    public async Task SettleAsync()
    {
        if (Others.Count == 0)
        {
            await SettleAsync(Operator);
            return;
        }

        // What one of them does is news for the others.
        for (var before = -1L; before != Passes();)
        {
            before = Passes();
            foreach (var process in Others.Prepend(Operator)) await SettleAsync(process);
        }

        long Passes() => Others.Prepend(Operator).Sum(o => o?.Engine.Passes ?? 0);
    }

    private async Task SettleAsync(OperatorProcess? settling)
    {
        // Not a measure of anything: only what hangs for good runs into it.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5), TimeProvider.System);
        var deaf = 0;
        var fruitless = 0;
        while (true)
        {
            if (ThingsMayHang && fruitless > 3) return;
            do await Server.Controllers!.SettleAsync(patience.Token);
            while (Patroni.Step());
            if (settling is not { IsDead: false } process) return;
            if (process.Running.IsFaulted) await process.Running;
            if (!process.Engine.Ready.IsCompleted)
            {
                // A list that failed is asked for again after a pause; all others come, however slow the machine is.
                if (++_starting > 100 && ThingsMayHang) return;
                await Task.WhenAny(process.Engine.Ready, process.Running, Quiet(process.Client.Killed)).WaitAsync(patience.Token);
                continue;
            }

            var before = process.Engine.Passes;
            if (Behind(process) is { } behind)
            {
                fruitless++;
                // A list or watch that has ended is begun again, at once or after a pause in virtual time, which passes only when this returns.
                deaf = process.Client.Listens(behind.Kind) ? 0 : deaf + 1;
                if (deaf > 10) return;
                await NewsAsync(behind.What, patience.Token);
                continue;
            }

            deaf = 0;
            // What the store has told is in the queue; what it is about to tell is in neither.
            if (process.Engine.Store.HasToldAll && process.Engine.Queue is { RunningCount: 0, ReadyCount: 0 } && Server.Controllers!.IsSettled && process.Engine.Passes == before && Behind(process) is null) return;
            if (process.Engine.Queue.RunningCount > 0) fruitless++;
            await Task.WhenAny(process.Engine.Queue.WhenIdleAsync(patience.Token), Quiet(process.Client.Killed)).WaitAsync(patience.Token);
        }
    }

    /// <summary>Lets virtual time pass, event by event, until something holds.</summary>
    public async Task RunUntilAsync(Func<bool> holds, string what, TimeSpan? within = null)
    {
        var end = Time.GetUtcNow() + (within ?? TimeSpan.FromHours(2));
        while (true)
        {
            await SettleAsync();
            if (holds() || Operator is { IsDead: true }) return;
            if (Time.GetUtcNow() >= end || !Time.AdvanceToNextTimer()) throw new InvalidOperationException($"This did not come about: {what}. {Describe()}");
        }
    }

    public void Apply(JsonObject manifest)
    {
        var name = (string)manifest["metadata"]!["name"]!;
        if (Server.Access.Get(Postgresql.Descriptor, Namespace, name) is { } present)
        {
            present["spec"] = manifest["spec"]!.DeepClone();
            Server.Access.Update(Postgresql.Descriptor, present);
        }
        else
        {
            Server.Access.Create(Postgresql.Descriptor, (JsonObject)manifest.DeepClone());
        }
    }

    public static JsonObject Manifest(string name = "acid-minimal-cluster", int instances = 2) => new()
    {
        ["apiVersion"] = "acid.zalan.do/v1",
        ["kind"] = "postgresql",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
        ["spec"] = new JsonObject
        {
            ["teamId"] = "acid",
            ["volume"] = new JsonObject { ["size"] = "1Gi" },
            ["numberOfInstances"] = instances,
            ["users"] = new JsonObject { ["zalando"] = new JsonArray("superuser", "createdb"), ["foo_user"] = new JsonArray() },
            ["databases"] = new JsonObject { ["foo"] = "zalando" },
            ["postgresql"] = new JsonObject { ["version"] = "17" },
        },
    };

    public Postgresql? Cluster(string name = "acid-minimal-cluster") =>
        Server.Access.Get(Postgresql.Descriptor, Namespace, name)?.Deserialize(PostgresJsonContext.Default.Postgresql);

    public bool IsRunning(string name = "acid-minimal-cluster") =>
        Cluster(name) is { Status: { PostgresClusterStatus: "Running" } status } cluster && status.ObservedGeneration == cluster.Metadata.Generation
        && status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    public IReadOnlyList<string> PodNames() => [.. Server.Access.List(KubernetesKinds.Pod, Namespace).Select(p => (string)p["metadata"]!["name"]!).Order(StringComparer.Ordinal)];

    /// <summary>Changes the present manifest.</summary>
    public void Edit(Action<JsonObject> change, string name = "acid-minimal-cluster", string space = Namespace)
    {
        var present = Server.Access.Get(Postgresql.Descriptor, space, name)!;
        change(present);
        Server.Access.Update(Postgresql.Descriptor, present);
    }

    /// <summary>Sets an annotation of the manifest; null takes it away.</summary>
    public void Annotate(string annotation, string? value) => Edit(manifest =>
    {
        if (manifest["metadata"]!["annotations"] is not JsonObject annotations) manifest["metadata"]!["annotations"] = annotations = [];
        if (value is null) annotations.Remove(annotation);
        else annotations[annotation] = value;
    });

    public string? Annotation(string annotation, string name = "acid-minimal-cluster") =>
        (string?)Server.Access.Get(Postgresql.Descriptor, Namespace, name)!["metadata"]!["annotations"]?[annotation];

    public Condition Condition(string type, string name = "acid-minimal-cluster") => Cluster(name)!.Status!.Conditions!.Single(c => c.Type == type);

    /// <summary>The pods with PostgreSQL, in order of their names.</summary>
    public IReadOnlyList<JsonObject> Members(string name = "acid-minimal-cluster", string space = Namespace) =>
        [.. Server.Access.List(KubernetesKinds.Pod, space).Where(p => (string?)p["metadata"]!["labels"]?["application"] == "spilo" && (string?)p["metadata"]!["labels"]?["cluster-name"] == name)];

    /// <summary>The pods of the poolers.</summary>
    public IReadOnlyList<JsonObject> Poolers() => [.. Server.Access.List(KubernetesKinds.Pod, Namespace).Where(p => (string?)p["metadata"]!["labels"]?["application"] == "db-connection-pooler")];

    /// <summary>Names of the nodes of the pods with PostgreSQL.</summary>
    public IReadOnlyList<string?> Nodes() => [.. Members().Select(p => (string?)p["spec"]!["nodeName"])];

    public void ChangeNode(string name, Action<JsonObject> change)
    {
        var node = Server.Access.Get(KubernetesKinds.Node, "", name)!;
        if (node["spec"] is null) node["spec"] = new JsonObject();
        change(node);
        Server.Access.Update(KubernetesKinds.Node, node);
    }

    public void Cordon(string node, bool isClosed = true) => ChangeNode(node, n => n["spec"]!["unschedulable"] = isClosed);

    public static bool IsReady(JsonObject pod) => pod["status"]?["conditions"] is JsonArray conditions && conditions.Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");

    /// <summary>Everything of clusters that is stored, without what differs from run to run: versions, uids, times, addresses, generated passwords, Events.</summary>
    public IReadOnlyDictionary<string, string> Snapshot()
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var kind in Server.Access.Kinds)
        {
            if (!kind.Namespaced || !kind.Verbs.Contains("list") || kind.Kind is "Event" or "EndpointSlice" or "ControllerRevision" or "Lease") continue;
            foreach (var item in Server.Access.List(kind, Namespace))
            {
                var name = (string?)item["metadata"]?["name"] ?? "";
                var essence = new JsonObject { ["labels"] = item["metadata"]?["labels"]?.DeepClone(), ["spec"] = item["spec"]?.DeepClone() };
                if (kind.Kind == "Secret") essence["keys"] = new JsonArray([.. (item["data"] as JsonObject ?? []).Select(d => (JsonNode)d.Key)]);
                if (kind.Kind == Postgresql.Descriptor.Kind) essence["status"] = (string?)item["status"]?["PostgresClusterStatus"];
                if (essence["labels"] is JsonObject labels) labels.Remove("controller-revision-hash");
                if (essence["spec"] is JsonObject spec)
                    foreach (var field in new[] { "clusterIP", "clusterIPs", "nodeName", "volumeName" }) spec.Remove(field);
                var text = Scrubbed(essence).ToJsonString();
                // Pods of Deployments have random names.
                var key = $"{kind.Kind}/{name}";
                if (kind.Kind == "Pod" && (string?)item["metadata"]?["ownerReferences"]?[0]?["kind"] == "ReplicaSet")
                {
                    key = $"Pod/{item["metadata"]!["ownerReferences"]![0]!["name"]}/";
                    var number = 1;
                    while (result.ContainsKey(key + number)) number++;
                    key += number;
                }

                result[key] = text;
            }
        }

        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        foreach (var other in Others) await other.DisposeAsync();
        _subscription.Dispose();
        _client.Dispose();
        await Server.DisposeAsync();
        _news.Dispose();
    }

    private static JsonObject Scrubbed(JsonObject value)
    {
        // The uid of a cluster is part of object store paths.
        var text = System.Text.RegularExpressions.Regex.Replace(value.ToJsonString(), "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "uid");
        return (JsonObject)JsonNode.Parse(System.Text.RegularExpressions.Regex.Replace(text, "kube-api-access-[a-z0-9]{5}", "kube-api-access"))!;
    }

    // Completes a little later, or when the process ends: a wait for something that gives no sign of its own.
    private static Task Quiet(CancellationToken killed) => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, killed);

    private async Task NewsAsync(string what, CancellationToken patience)
    {
        try
        {
            await _news.WaitAsync(TimeSpan.FromMilliseconds(20), patience);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The operator does not hear of {what}. {Describe()}", e);
        }
    }

    // What has happened and the operator has not heard of.
    private (string Kind, string What)? Behind(OperatorProcess process)
    {
        var engine = process.Engine;
        foreach (var kind in WatchedKinds)
        {
            if (!Server.Access.Kinds.Contains(kind)) continue;
            // Nodes may be hidden from it.
            if (kind.Kind == "Node" && engine.Store.List(kind).Count == 0) continue;
            var stored = Server.Access.List(kind, null).Where(IsWatched).ToList();
            foreach (var item in stored)
            {
                var known = engine.Store.Get(kind, (string?)item["metadata"]!["namespace"], (string)item["metadata"]!["name"]!);
                if ((string?)known?["metadata"]?["resourceVersion"] != (string?)item["metadata"]!["resourceVersion"]) return (kind.Kind, $"{kind.Kind} {item["metadata"]!["name"]}");
            }

            // What belongs to nobody is not watched: the operator may have read it once.
            if (engine.Store.List(kind).Count(IsWatched) > stored.Count) return (kind.Kind, "the end of a " + kind.Kind);

            bool IsWatched(JsonObject item) => kind.Kind == Postgresql.Descriptor.Kind || kind.Kind == "Node" || item["metadata"]?["labels"]?[engine.Store.ClusterLabel] is not null;
        }

        if (process.Client.Listens("FabricEventStream") && !engine.Store.IsComplete(FabricEventStream.Descriptor)) return ("FabricEventStream", "event streams");
        // Listed on their own, and only in modes that change volumes.
        if (process.Client.Listens("PersistentVolume") && !engine.Store.IsComplete(KubernetesKinds.PersistentVolume)) return ("PersistentVolume", "PersistentVolumes");
        if (engine.Store.IsComplete(KubernetesKinds.PersistentVolume))
        {
            var volumes = Server.Access.List(KubernetesKinds.PersistentVolume, null);
            foreach (var volume in volumes)
                if ((string?)engine.Store.Get(KubernetesKinds.PersistentVolume, null, (string)volume["metadata"]!["name"]!)?["metadata"]?["resourceVersion"] != (string?)volume["metadata"]!["resourceVersion"]) return ("PersistentVolume", "a PersistentVolume");
            if (engine.Store.List(KubernetesKinds.PersistentVolume).Count > volumes.Count) return ("PersistentVolume", "the end of a PersistentVolume");
        }

        return null;
    }

    private string Describe()
    {
        var clusters = Server.Access.List(Postgresql.Descriptor, null).Select(c => $"{c["metadata"]!["name"]}: {c["status"]?.ToJsonString()}");
        var events = Server.Access.List(KubernetesKinds.Event, Namespace).Where(e => (string?)e["involvedObject"]?["kind"] == "postgresql").Select(e => $"{e["type"]} {e["reason"]}: {e["message"]}");
        return $"Pods: {string.Join(", ", PodNames())}. Clusters: {string.Join("; ", clusters)}. Events: {string.Join(" | ", events)}. Calls: {string.Join(", ", Operator?.Client.Log.TakeLast(15) ?? [])}. Controllers: {string.Join("; ", Server.Controllers!.Failures.TakeLast(3))}";
    }

    private void OnChange(ApiChange change)
    {
        var name = (string?)change.Object["metadata"]?["name"] ?? "";
        lock (_lock)
        {
            if (change.Kind.Kind == "Pod" && change.Type == "ADDED")
            {
                if (!PodLives.TryGetValue(name, out var lives)) PodLives.Add(name, lives = []);
                lives.Add((string)change.Object["metadata"]!["uid"]!);
            }
            else if (change.Kind.Kind == "Secret" && change.Type != "DELETED" && (string?)change.Object["data"]?["password"] is { } password)
            {
                if (!Passwords.TryGetValue(name, out var known)) Passwords.Add(name, known = new(StringComparer.Ordinal));
                known.Add(password);
            }
        }

        Tell();
    }

    // One sign is enough for any number of changes.
    private void Tell()
    {
        lock (_news)
        {
            if (_news.CurrentCount == 0) _news.Release();
        }
    }
}
