using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>The objects around the pods: backups, services, annotations, owners, other namespaces, other operators, objects of others. No pod is made again for any of them.</summary>
public sealed class ObjectScenarioTests
{
    private const string Name = EquippedWorld.Cluster;
    private static readonly OperatorParameters Everywhere = new() { Kubernetes = new() { WatchedNamespace = "*", EnableCrossNamespaceSecret = true } };

    [Fact]
    public async Task A_logical_backup_is_scheduled_follows_the_configuration_and_goes()
    {
        await using var equipped = await EquippedWorld.StartAsync();
        var world = equipped.World;
        Edit(world, spec =>
        {
            spec["enableLogicalBackup"] = true;
            spec["logicalBackupSchedule"] = "7 7 7 7 *";
        });
        await world.RunUntilAsync(() => world.IsRunning() && Jobs(world).Count == 1, "the job is there");
        var job = Jobs(world)[0];
        Assert.Equal(("logical-backup-" + Name, "7 7 7 7 *", "spilo-logical-backup"), ((string?)job["metadata"]!["name"], (string?)job["spec"]!["schedule"], (string?)job["metadata"]!["labels"]!["application"]));
        world.Configure(new OperatorParameters { LogicalBackup = new() { DockerImage = "test-image-name" } });
        await world.RunUntilAsync(() => (string?)Jobs(world)[0]["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] == "test-image-name", "the job has the image");
        Assert.Equal((string?)job["metadata"]!["uid"], (string?)Jobs(world)[0]["metadata"]!["uid"]);
        Edit(world, spec => spec["enableLogicalBackup"] = false);
        await world.RunUntilAsync(() => world.IsRunning() && Jobs(world).Count == 0, "the job is gone");
        Unharmed(world);
    }

    [Fact]
    public async Task A_user_of_another_namespace_gets_its_Secret_there_and_loses_it_with_the_cluster()
    {
        await using var equipped = await EquippedWorld.StartAsync(Everywhere, before: world => world.Server.Access.Create(KubernetesKinds.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "test" } }));
        var world = equipped.World;
        Edit(world, spec => spec["users"]!["test.db_user"] = new JsonArray());
        await world.RunUntilAsync(() => world.IsRunning() && Secrets().Count == 1, "the Secret is in the other namespace");
        await world.SettleAsync();
        Assert.Equal($"test.db-user.{Name}.credentials.postgresql.acid.zalan.do", (string?)Secrets()[0]["metadata"]!["name"]);
        Assert.Contains("test.db_user", equipped.Postgres.Roles.Keys);
        Unharmed(world);
        world.Server.Access.Delete(Postgresql.Descriptor, "default", Name);
        await world.RunUntilAsync(() => world.Members().Count == 0 && Secrets().Count == 0, "it is gone with its cluster");

        IReadOnlyList<JsonObject> Secrets() => [.. world.Server.Access.List(KubernetesKinds.Secret, "test").Where(s => (string?)s["metadata"]!["labels"]?["cluster-name"] == Name)];
    }

    [Fact]
    public async Task A_cluster_in_another_namespace_brings_its_account_and_its_rights()
    {
        await using var equipped = await EquippedWorld.StartAsync(Everywhere, before: world => world.Server.Access.Create(KubernetesKinds.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "test" } }));
        var world = equipped.World;
        var manifest = OperatorWorld.Manifest("acid-test-cluster");
        manifest["metadata"]!["namespace"] = "test";
        manifest["spec"]!["initContainers"] = new JsonArray(new JsonObject { ["name"] = "date", ["image"] = "busybox", ["command"] = new JsonArray("/bin/date") });
        manifest["spec"]!["additionalVolumes"] = new JsonArray(new JsonObject { ["name"] = "empty", ["mountPath"] = "/opt/empty", ["targetContainers"] = new JsonArray("all"), ["volumeSource"] = new JsonObject { ["emptyDir"] = new JsonObject() } });
        world.Server.Access.Create(Postgresql.Descriptor, manifest);
        await world.RunUntilAsync(() => (string?)world.Server.Access.Get(Postgresql.Descriptor, "test", "acid-test-cluster")!["status"]?["PostgresClusterStatus"] == "Running", "it runs");
        var members = world.Members("acid-test-cluster", "test");
        Assert.Equal(["master", "replica"], members.Select(p => (string?)p["metadata"]!["labels"]!["spilo-role"]));
        Assert.NotNull(world.Server.Access.Get(KubernetesKinds.ServiceAccount, "test", "postgres-pod"));
        var binding = world.Server.Access.Get(KubernetesKinds.RoleBinding, "test", "postgres-pod")!;
        Assert.Equal("test", (string?)binding["subjects"]![0]!["namespace"] ?? "test");
        Assert.All(members, p => Assert.Contains(p["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray(), m => (string?)m!["mountPath"] == "/opt/empty"));
        Unharmed(world);
    }

    [Fact]
    public async Task A_Deployment_of_somebody_else_is_left_alone_until_the_pooler_is_switched_on_and_becomes_the_pooler_then()
    {
        await using var equipped = await EquippedWorld.StartAsync(before: world => world.Server.Access.Create(KubernetesKinds.Deployment, (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"acid-minimal-cluster-pooler","namespace":"default"},"spec":{"replicas":1,
             "selector":{"matchLabels":{"application":"db-connection-pooler","cluster-name":"acid-minimal-cluster","connection-pooler":"acid-minimal-cluster-pooler"}},
             "template":{"metadata":{"labels":{"application":"db-connection-pooler","cluster-name":"acid-minimal-cluster","connection-pooler":"acid-minimal-cluster-pooler"}},
              "spec":{"serviceAccountName":"default","containers":[{"name":"postgres-operator","image":"broken:1"}]}}}}
            """)!));
        var world = equipped.World;
        world.Operator!.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal((1, "broken:1"), ((int?)Pooler()["spec"]!["replicas"], Image()));
        Edit(world, spec => spec["enableConnectionPooler"] = true);
        await world.RunUntilAsync(() => world.IsRunning() && (int?)Pooler()["status"]!["readyReplicas"] == 2 && Image() != "broken:1" && world.Poolers().Count == 2, "the pooler runs in its place");
        Assert.All(world.Poolers(), p => Assert.Equal("connection-pooler", (string?)p["spec"]!["containers"]![0]!["name"]));
        Assert.Equal(Name, (string?)Pooler()["metadata"]!["labels"]!["cluster-name"]);
        Edit(world, spec => spec["enableConnectionPooler"] = false);
        await world.RunUntilAsync(() => world.IsRunning() && world.Poolers().Count == 0, "the pooler is gone");
        Unharmed(world);

        JsonObject Pooler() => world.Server.Access.Get(KubernetesKinds.Deployment, "default", Name + "-pooler")!;
        string? Image() => (string?)Pooler()["spec"]!["template"]!["spec"]!["containers"]![0]!["image"];
    }

    [Fact]
    public async Task An_object_of_another_cluster_is_not_taken_and_the_clash_is_named_without_a_storm_of_requests()
    {
        await using var equipped = await EquippedWorld.StartAsync(services: static s => s with { Databases = null });
        var world = equipped.World;
        // Its primary would be reached where the replicas of the first one are.
        world.Apply(OperatorWorld.Manifest(Name + "-repl"));
        await world.RunUntilAsync(() => world.Cluster(Name + "-repl")?.Status?.PostgresClusterStatus == "CreateFailed", "the clash is shown");
        Assert.Contains($"service default/{Name}-repl exists and belongs to the cluster {Name}", world.Condition("Degraded", Name + "-repl").Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Name, (string?)world.Server.Access.Get(KubernetesKinds.Service, "default", Name + "-repl")!["metadata"]!["labels"]!["cluster-name"]);
        Assert.True(world.IsRunning());
        Assert.True(world.Operator!.Client.Calls < 200, $"{world.Operator.Client.Calls} calls");
        Unharmed(world);
    }

    [Fact]
    public async Task Owner_references_are_given_to_all_objects_and_taken_away_again()
    {
        await using var equipped = await EquippedWorld.StartAsync();
        var world = equipped.World;
        world.Configure(new OperatorParameters { Kubernetes = new() { EnableOwnerReferences = true } });
        await world.RunUntilAsync(() => world.IsRunning() && Objects().All(o => Owner(o) is not null), "everything has its owner");
        await world.SettleAsync();
        var uid = (string?)world.Server.Access.Get(Postgresql.Descriptor, "default", Name)!["metadata"]!["uid"];
        Assert.All(Objects(), o => Assert.Equal(("postgresql", true, uid), ((string?)Owner(o)!["kind"], (bool?)Owner(o)!["controller"] == true, (string?)Owner(o)!["uid"])));
        Assert.True(Objects().Count >= 9, $"{Objects().Count} objects");
        world.Configure(new OperatorParameters());
        await world.RunUntilAsync(() => world.IsRunning() && Objects().All(o => Owner(o) is null), "nothing has an owner");
        Unharmed(world);

        IReadOnlyList<JsonObject> Objects() =>
        [
            .. ((KubernetesKind[])[KubernetesKinds.StatefulSet, KubernetesKinds.Service, KubernetesKinds.PodDisruptionBudget, KubernetesKinds.Secret])
                .SelectMany(k => world.Server.Access.List(k, "default")).Where(o => (string?)o["metadata"]!["labels"]?["cluster-name"] == Name),
        ];
        static JsonNode? Owner(JsonObject value) => value["metadata"]!["ownerReferences"] is JsonArray { Count: > 0 } owners ? owners[0] : null;
    }

    [Fact]
    public async Task Annotations_of_services_and_StatefulSet_come_from_configuration_and_manifest()
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters
        {
            LoadBalancer = new() { CustomServiceAnnotations = new Dictionary<string, string> { ["foo"] = "bar" } },
            Kubernetes = new() { DownscalerAnnotations = ["deployment-time", "downscaler/*"], InheritedAnnotations = ["environment", "owned-by"] },
        });
        var world = equipped.World;
        world.Edit(manifest =>
        {
            manifest["spec"]!["serviceAnnotations"] = new JsonObject { ["annotation.key"] = "value", ["alice"] = "bob" };
            manifest["metadata"]!["annotations"] = new JsonObject { ["deployment-time"] = "2020-04-30 12:00:00", ["downscaler/downtime_replicas"] = "0", ["owned-by"] = "acid" };
        });
        await world.RunUntilAsync(() => world.IsRunning() && Of(KubernetesKinds.Service, Name)["alice"] is not null, "the services have their annotations");
        await world.SettleAsync();
        foreach (var service in (string[])[Name, Name + "-repl"])
            Assert.Equal(("bar", "value", "bob"), ((string?)Of(KubernetesKinds.Service, service)["foo"], (string?)Of(KubernetesKinds.Service, service)["annotation.key"], (string?)Of(KubernetesKinds.Service, service)["alice"]));
        var set = Of(KubernetesKinds.StatefulSet, Name);
        Assert.Equal(("2020-04-30 12:00:00", "0", "acid"), ((string?)set["deployment-time"], (string?)set["downscaler/downtime_replicas"], (string?)set["owned-by"]));
        Unharmed(world);

        JsonObject Of(KubernetesKind kind, string name) => world.Server.Access.Get(kind, "default", name)!["metadata"]!["annotations"] as JsonObject ?? [];
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Annotations_that_others_write_cost_no_request_whether_they_are_ignored_or_just_foreign(bool isIgnored)
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters { Kubernetes = new() { IgnoredAnnotations = isIgnored ? ["k8s-status"] : [] } });
        var world = equipped.World;
        foreach (var kind in (KubernetesKind[])[KubernetesKinds.StatefulSet, KubernetesKinds.Service])
        {
            var present = world.Server.Access.Get(kind, "default", Name)!;
            if (present["metadata"]!["annotations"] is not JsonObject annotations) present["metadata"]!["annotations"] = annotations = [];
            annotations["k8s-status"] = "healthy";
            world.Server.Access.Update(kind, present);
        }

        await world.SettleAsync();
        var before = Versions();
        var calls = world.Operator!.Client.Calls;
        world.Operator.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        await world.StopOperatorAsync();
        var second = world.StartOperator();
        await world.SettleAsync();
        Assert.Equal(before, Versions());
        // Only roles and databases are looked at again by a new process.
        Assert.DoesNotContain(second.Client.Log, c => c.StartsWith("patch", StringComparison.Ordinal) || c.StartsWith("replace", StringComparison.Ordinal) || c.StartsWith("create", StringComparison.Ordinal) || c.StartsWith("delete", StringComparison.Ordinal));
        Assert.True(calls > 0);
        Assert.Equal("healthy", (string?)world.Server.Access.Get(KubernetesKinds.Service, "default", Name)!["metadata"]!["annotations"]!["k8s-status"]);
        Unharmed(world);

        IReadOnlyList<string?> Versions() => [.. ((KubernetesKind[])[KubernetesKinds.StatefulSet, KubernetesKinds.Service]).Select(k => (string?)world.Server.Access.Get(k, "default", Name)!["metadata"]!["resourceVersion"])];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Patroni_may_keep_its_state_in_Endpoints_or_in_ConfigMaps(bool inEndpoints)
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters { KubernetesUseConfigMaps = !inEndpoints }, before: world => world.Patroni.UsesEndpoints = inEndpoints);
        var world = equipped.World;
        Assert.Equal(inEndpoints, world.Server.Access.Get(KubernetesKinds.ConfigMap, "default", Name + "-config") is null);
        // Patroni renews its lock all the time, and nobody has to look.
        var passes = world.Operator!.Engine.Passes;
        var (kind, name) = inEndpoints ? (KubernetesKinds.Endpoints, Name) : (KubernetesKinds.ConfigMap, Name + "-leader");
        var leader = world.Server.Access.Get(kind, "default", name)!;
        leader["metadata"]!["annotations"]!["renewTime"] = "2026-01-01T00:00:10Z";
        leader["metadata"]!["annotations"]!["optime"] = "1001";
        world.Server.Access.Update(kind, leader);
        await world.SettleAsync();
        Assert.Equal(passes, world.Operator.Engine.Passes);
        Edit(world, spec =>
        {
            spec["patroni"] = new JsonObject { ["ttl"] = 40 };
            spec["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        });
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2), "the members are made again");
        await world.SettleAsync();
        Assert.Equal(40, (int?)world.Patroni.ConfigurationOf("default", Name)!["ttl"]);
        Assert.Single(equipped.Patroni.Log, l => l.StartsWith("switchover", StringComparison.Ordinal));
        world.Server.Access.Delete(Postgresql.Descriptor, "default", Name);
        await world.RunUntilAsync(() => !world.Snapshot().Keys.Any(k => k.Contains(Name, StringComparison.Ordinal)), "everything is gone, that of Patroni too");
    }

    [Fact]
    public async Task Two_operators_with_different_names_share_a_namespace_through_the_whole_life_of_their_clusters()
    {
        const string blue = "acid-blue";
        await using var equipped = await EquippedWorld.StartAsync(services: static s => s with { Databases = null });
        var world = equipped.World;
        var second = world.StartAnother(new ReconcileEngineOptions { Workers = 2, OperatorNamespace = "default", ControllerId = "blue" });
        await world.SettleAsync();
        var firstCalls = world.Operator!.Client.Calls;
        Assert.Equal(0, second.Client.Calls);
        var manifest = OperatorWorld.Manifest(blue);
        manifest["metadata"]!["annotations"] = new JsonObject { ["acid.zalan.do/controller"] = "blue" };
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning(blue), "the blue cluster runs");
        world.Edit(m => m["spec"]!["numberOfInstances"] = 3, blue);
        await world.RunUntilAsync(() => world.IsRunning(blue) && world.Members(blue).Count == 3, "it grows");
        Assert.Equal(firstCalls, world.Operator.Client.Calls);
        // What somebody damages is put right by its own operator.
        world.Server.Access.Delete(KubernetesKinds.Service, "default", blue + "-repl");
        world.Server.Access.Delete(KubernetesKinds.Service, "default", Name + "-repl");
        await world.RunUntilAsync(() => world.IsRunning(blue) && world.IsRunning() && world.Server.Access.Get(KubernetesKinds.Service, "default", blue + "-repl") is not null && world.Server.Access.Get(KubernetesKinds.Service, "default", Name + "-repl") is not null, "both services are back");
        Assert.DoesNotContain(second.Client.Log, c => c.Contains(Name, StringComparison.Ordinal));
        Assert.DoesNotContain(world.Operator.Client.Log, c => c.Contains(blue, StringComparison.Ordinal));
        // Handed over: the other one goes on, no pod is touched, and the first one lets go.
        world.Annotate("acid.zalan.do/controller", "blue");
        await world.SettleAsync();
        Assert.True(second.Engine.Passes > 0);
        var handed = world.Operator.Client.Calls;
        Edit(world, spec => spec["numberOfInstances"] = 3);
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 3, "the other operator looks after it");
        Assert.Equal(handed, world.Operator.Client.Calls);
        Unharmed(world);
        world.Server.Access.Delete(Postgresql.Descriptor, "default", blue);
        world.Server.Access.Delete(Postgresql.Descriptor, "default", Name);
        await world.RunUntilAsync(() => world.Members().Count == 0 && world.Members(blue).Count == 0, "both are deleted by the other operator");
        Assert.Equal(handed, world.Operator.Client.Calls);
    }

    private static void Edit(OperatorWorld world, Action<JsonObject> change) => world.Edit(manifest => change((JsonObject)manifest["spec"]!));

    private static IReadOnlyList<JsonObject> Jobs(OperatorWorld world) => world.Server.Access.List(KubernetesKinds.CronJob, "default");

    private static void Unharmed(OperatorWorld world) => Assert.All(world.PodLives.Where(l => !l.Key.Contains("-pooler", StringComparison.Ordinal)), l => Assert.Single(l.Value));
}
