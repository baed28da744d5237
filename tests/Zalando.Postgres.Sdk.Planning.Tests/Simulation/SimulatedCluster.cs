using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Planning.Tests.Simulation;

/// <summary>Executes plans on objects in memory and does what controllers and Patroni would do: makes pods and claims, promotes replicas.</summary>
internal sealed class SimulatedCluster
{
    // Parameters whose change waits for a restart of PostgreSQL.
    private static readonly HashSet<string> RestartParameters = new(StringComparer.Ordinal)
    {
        "max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_worker_processes", "max_wal_senders", "wal_level", "max_replication_slots",
    };

    private readonly HashSet<string> _pendingRestart = new(StringComparer.Ordinal);
    private readonly HashSet<string> _notReady = new(StringComparer.Ordinal);
    private int _uids;
    private JsonObject? _readFrom;
    private Postgresql? _read;
    private int _versions;

    public SimulatedCluster(IEnumerable<JsonObject> objects, JsonObject manifest, OperatorConfiguration configuration, DateTimeOffset now)
    {
        Manifest = manifest;
        Configuration = configuration;
        Now = now;
        foreach (var item in objects) Objects[KeyOf(item)] = (JsonObject)item.DeepClone();
        Patroni = RecordedPatroni.Read([.. Objects.Values])?.Configuration ?? (JsonObject)JsonNode.Parse("""{"postgresql":{"parameters":{"archive_mode":"on"}}}""")!;
        Reconcile();
    }

    public Dictionary<ObjectKey, JsonObject> Objects { get; } = [];

    public JsonObject Manifest { get; set; }

    public OperatorConfiguration Configuration { get; set; }

    public DateTimeOffset Now { get; set; }

    public JsonObject Patroni { get; }

    public int PodRestarts { get; private set; }

    public int Switchovers { get; private set; }

    public int Requests { get; private set; }

    public string Name => (string)Manifest["metadata"]!["name"]!;

    public string Namespace => (string?)Manifest["metadata"]!["namespace"] ?? "default";

    public IEnumerable<JsonObject> Pods => Objects.Where(o => o.Key.Kind == "Pod" && IsMember(o.Key.Name)).OrderBy(o => o.Key.Name, StringComparer.Ordinal).Select(o => o.Value);

    public string RoleLabel => Resources.Configuration.OperatorSettings.From(Configuration).Kubernetes.PodRoleLabel;

    /// <summary>Handed to each plan; null to look at everything each time.</summary>
    public PlanningMemory? Memory { get; set; }

    public RestartPolicy RestartPolicy { get; set; }

    public PlanningInput Input() => new()
    {
        Memory = Memory,
        RestartPolicy = RestartPolicy,
        Manifest = ReadManifest(),
        Configuration = Configuration,
        Observed = Observe(),
        Now = Now,
        PasswordSeed = GoldenCase.Seed,
    };

    // As from a cache: the same manifest is the same object.
    private Postgresql ReadManifest()
    {
        if (!ReferenceEquals(_readFrom, Manifest) || _read is null) (_readFrom, _read) = (Manifest, GoldenCase.ReadManifest((JsonObject)Manifest.DeepClone()));
        return _read;
    }

    public ObservedCluster Observe() => new()
    {
        Objects = Objects.ToDictionary(o => o.Key, o => (JsonObject)o.Value.DeepClone()),
        Patroni = Pods.Any() ? new ObservedPatroni
        {
            Configuration = (JsonObject)Patroni.DeepClone(),
            Members =
            [
                .. Pods.Select(p => (string)p["metadata"]!["name"]!).Select(p => new ObservedMember
                {
                    Name = p,
                    Role = IsPrimary(p) ? MemberRole.Primary : Patroni["synchronous_mode"]?.ToString() == "true" ? MemberRole.SyncStandby : MemberRole.Replica,
                    State = IsPrimary(p) ? "running" : "streaming",
                    LagBytes = 0,
                    PendingRestart = _pendingRestart.Contains(p),
                }),
            ],
        } : null,
    };

    /// <summary>Plans and executes until nothing is left to do.</summary>
    public IReadOnlyList<Plan> Run(Action<Plan>? check = null, int limit = 60)
    {
        var plans = new List<Plan>();
        for (var pass = 0; pass < limit; pass++)
        {
            var plan = ClusterPlanner.Plan(Input());
            plans.Add(plan);
            check?.Invoke(plan);
            if (plan.IsEmpty && plan.Pending.Where(p => p.WaitsFor == WaitReason.Time).Min(p => p.Until) is { } later)
            {
                Now = later;
                continue;
            }

            if (plan.IsEmpty) return plans;
            Apply(plan);
        }

        throw new InvalidOperationException("The plan does not become empty: " + string.Join("; ", plans[^1].Changes.Select(c => $"{c.GetType().Name} {c.Target} {string.Join(",", c.Reasons)}")));
    }

    public void Apply(Plan plan)
    {
        foreach (var change in plan.Changes)
        {
            Requests++;
            switch (change)
            {
                case CreateObject create:
                    Store(create.Kind, create.Body, create.Target);
                    break;
                case PatchObject { Kind.Kind: "postgresql" } patch:
                    Manifest = JsonMerge.Apply((JsonObject)Manifest.DeepClone(), patch.Patch);
                    break;
                case PatchObject patch:
                    var key = Key(patch.Target);
                    var merged = JsonMerge.Apply((JsonObject)Objects[key].DeepClone(), patch.Patch);
                    KubernetesDefaults.Apply(patch.Kind, merged);
                    if (merged["metadata"]?["resourceVersion"] is not null) merged["metadata"]!["resourceVersion"] = $"{++_versions}";
                    Objects[key] = merged;
                    break;
                case ReplaceObject replace:
                    Requests++;
                    Objects.Remove(Key(replace.Target));
                    Store(replace.Kind, replace.Body, replace.Target);
                    break;
                case DeleteObject delete:
                    Objects.Remove(Key(delete.Target));
                    break;
                case RecreatePod recreate:
                    PodRestarts++;
                    KillPod(recreate.Target.Name);
                    break;
                case Switchover switchover:
                    Switchovers++;
                    Promote(switchover.Candidate);
                    break;
                case PatchPatroniConfiguration patch:
                    ChangePatroni(patch.Patch);
                    break;
                case RestartPostgres restart:
                    _pendingRestart.Remove(restart.Target.Name);
                    break;
            }

            Reconcile();
        }
    }

    public void KillPod(string name)
    {
        var primary = IsPrimary(name);
        Objects.Remove(new ObjectKey("Pod", Namespace, name));
        _pendingRestart.Remove(name);
        if (primary && Pods.FirstOrDefault() is { } next) Promote((string)next["metadata"]!["name"]!);
        Reconcile();
    }

    /// <summary>Somebody changes a service or deletes an object.</summary>
    public void ChangeByHand(Dice dice)
    {
        var keys = Objects.Keys.Where(k => k.Kind is "Service" or "PodDisruptionBudget" or "Deployment" or "CronJob").OrderBy(k => k.ToString(), StringComparer.Ordinal).ToArray();
        if (keys.Length == 0) return;
        var key = keys[dice.Next(keys.Length)];
        if (dice.Chance(50))
        {
            Objects.Remove(key);
            return;
        }

        Objects[key]["metadata"]!["labels"]!["team"] = "by-hand";
        Objects[key]["metadata"]!["resourceVersion"] = $"{++_versions}";
    }

    public void SetReady(string name, bool ready)
    {
        if (ready) _notReady.Remove(name);
        else _notReady.Add(name);
        foreach (var condition in Objects[new ObjectKey("Pod", Namespace, name)]["status"]!["conditions"]!.AsArray())
            if ((string?)condition!["type"] == "Ready") condition["status"] = ready ? "True" : "False";
    }

    public static ObjectKey KeyOf(JsonObject item) => new((string)item["kind"]!, (string?)item["metadata"]!["namespace"] ?? "default", (string)item["metadata"]!["name"]!);

    private static ObjectKey Key(ChangeTarget target) => new(target.Kind, target.Namespace, target.Name);

    private bool IsMember(string name) =>
        name.StartsWith(Name + "-", StringComparison.Ordinal) && name.AsSpan(Name.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    private bool IsPrimary(string name) => (string?)Objects[new ObjectKey("Pod", Namespace, name)]["metadata"]?["labels"]?[RoleLabel] == "master";

    private void Promote(string name)
    {
        foreach (var pod in Pods) pod["metadata"]!["labels"]![RoleLabel] = (string)pod["metadata"]!["name"]! == name ? "master" : "replica";
    }

    private void ChangePatroni(JsonObject patch)
    {
        if (patch["postgresql"]?["parameters"] is JsonObject parameters && parameters.Any(p => RestartParameters.Contains(p.Key)))
            foreach (var pod in Pods) _pendingRestart.Add((string)pod["metadata"]!["name"]!);
        JsonMerge.Apply(Patroni, patch);
    }

    private void Store(KubernetesKind kind, JsonObject body, ChangeTarget target)
    {
        var item = (JsonObject)body.DeepClone();
        var metadata = (JsonObject)item["metadata"]!;
        metadata["namespace"] = target.Namespace;
        metadata["uid"] = $"uid-{++_uids}";
        if (item["stringData"] is JsonObject texts)
        {
            var data = new JsonObject();
            foreach (var (key, value) in texts) data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value!.ToString()));
            item["data"] = data;
            item.Remove("stringData");
        }

        KubernetesDefaults.Apply(kind, item);
        metadata["resourceVersion"] = $"{++_versions}";
        Objects[new ObjectKey(kind.Kind, target.Namespace, target.Name)] = item;
    }

    private void Reconcile()
    {
        if (!Objects.TryGetValue(new ObjectKey("StatefulSet", Namespace, Name), out var set)) return;
        var replicas = int.Parse(set["spec"]!["replicas"]?.ToString() ?? "1");
        foreach (var pod in Pods.ToArray())
        {
            var name = (string)pod["metadata"]!["name"]!;
            if (int.Parse(name[(Name.Length + 1)..]) < replicas) continue;
            var primary = IsPrimary(name);
            Objects.Remove(new ObjectKey("Pod", Namespace, name));
            _pendingRestart.Remove(name);
            if (primary && Pods.FirstOrDefault() is { } next) Promote((string)next["metadata"]!["name"]!);
        }

        for (var i = 0; i < replicas; i++)
        {
            var name = $"{Name}-{i}";
            AddClaim(set, name);
            if (!Objects.ContainsKey(new ObjectKey("Pod", Namespace, name))) AddPod(set, name);
        }
    }

    private void AddClaim(JsonObject set, string pod)
    {
        var template = (JsonObject)set["spec"]!["volumeClaimTemplates"]![0]!.DeepClone();
        var key = new ObjectKey("PersistentVolumeClaim", Namespace, $"pgdata-{pod}");
        if (Objects.ContainsKey(key)) return;
        template["kind"] = "PersistentVolumeClaim";
        template["apiVersion"] = "v1";
        var metadata = (JsonObject)template["metadata"]!;
        metadata["name"] = key.Name;
        metadata["namespace"] = Namespace;
        metadata["uid"] = $"uid-{++_uids}";
        template["spec"]!["storageClassName"] ??= "standard";
        Objects[key] = template;
    }

    private void AddPod(JsonObject set, string name)
    {
        var template = set["spec"]!["template"]!;
        var labels = template["metadata"]?["labels"]?.DeepClone() as JsonObject ?? [];
        labels[RoleLabel] = Pods.Any() ? "replica" : "master";
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = Namespace, ["uid"] = $"uid-{++_uids}", ["labels"] = labels };
        if (template["metadata"]?["annotations"] is { } annotations) metadata["annotations"] = annotations.DeepClone();
        Objects[new ObjectKey("Pod", Namespace, name)] = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = template["spec"]!.DeepClone(),
            ["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = _notReady.Contains(name) ? "False" : "True" }),
            },
        };
    }
}
