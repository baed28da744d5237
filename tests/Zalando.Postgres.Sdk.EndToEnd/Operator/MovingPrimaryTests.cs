using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>The primary moves: because its owner wants it, because its node goes, because its number goes. Replication is synchronous: nothing confirmed may be lost.</summary>
public sealed class MovingPrimaryTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Name = OperatorCluster.Name;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_switchover_on_request_is_made_once()
    {
        await SynchronousModeAsync();
        var (primary, replica) = (cluster.Primary(Name), cluster.Replica(Name));
        await cluster.WriteThroughAsync("switchover on request", _ => MoveToAsync(replica), Cancelled);
        Assert.Equal(primary, cluster.Replica(Name));
        Assert.Contains(cluster.Events(Name), e => e.StartsWith("Switchover:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drain_takes_the_primary_off_its_node_before_its_pod_is_evicted()
    {
        await SynchronousModeAsync();
        var primary = cluster.Pods(Name).Single(p => p.Metadata.Name == cluster.Primary(Name));
        var node = primary.Spec!.NodeName!;
        var kubectl = new KubectlProgram(cluster.Sandbox.Kubeconfig);
        var evicted = new ConcurrentQueue<string>();
        using (cluster.Api.Subscribe(change =>
        {
            if (change.Kind == KubernetesKinds.Pod && change.Object["metadata"]!["deletionTimestamp"] is not null && change.Previous?["metadata"]!["deletionTimestamp"] is null)
                evicted.Enqueue($"{change.Object["metadata"]!["name"]} as {change.Object["metadata"]!["labels"]!["spilo-role"]}");
        }))
        {
            await cluster.WriteThroughAsync(
                "node drain",
                async _ =>
                {
                    // Two budgets, a switchover in between, and it still ends.
                    await kubectl.RunAsync(["drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=150s"], Cancelled);
                    await ReadyAsync();
                },
                Cancelled);
        }

        var eviction = Assert.Single(evicted);
        Assert.StartsWith($"{primary.Metadata.Name} as ", eviction, StringComparison.Ordinal);
        Assert.DoesNotContain("master", eviction, StringComparison.Ordinal);
        Assert.DoesNotContain(cluster.Pods(Name), p => p.Spec!.NodeName == node);
        Assert.Equal("replica", cluster.Pods(Name).Single(p => p.Metadata.Name == primary.Metadata.Name).Metadata.Labels!["spilo-role"]);
    }

    [Fact]
    public async Task A_pod_is_not_evicted_while_it_is_in_a_critical_operation()
    {
        await SynchronousModeAsync();
        var replica = cluster.Replica(Name);
        using var client = cluster.Client();
        cluster.Edit(KubernetesKinds.Pod, replica, pod => pod["metadata"]!["labels"]!["critical-operation"] = "true");
        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => EvictAsync(client, replica));
        Assert.Equal(429, refused.StatusCode);
        Assert.Contains(refused.Status!.Details!.Causes!, c => c.Message!.Contains("postgres-acid-minimal-cluster-critical-op-pdb", StringComparison.Ordinal));
        var before = cluster.Pods(Name).Single(p => p.Metadata.Name == replica).Metadata.Uid;

        cluster.Edit(KubernetesKinds.Pod, replica, pod => ((JsonObject)pod["metadata"]!["labels"]!).Remove("critical-operation"));
        await EvictAsync(client, replica);
        await cluster.UntilAsync("the pod is made again", () => cluster.Pods(Name).Any(p => p.Metadata.Name == replica && p.Metadata.Uid != before), Cancelled);
        // The primary's own budget stands.
        refused = await Assert.ThrowsAsync<KubernetesApiException>(() => EvictAsync(client, cluster.Primary(Name)));
        Assert.Equal(429, refused.StatusCode);
        await ReadyAsync();
    }

    [Fact]
    public async Task A_taint_drives_pods_off_a_node_and_a_toleration_brings_them_back()
    {
        await SynchronousModeAsync();
        var primary = cluster.Pods(Name).Single(p => p.Metadata.Name == cluster.Primary(Name));
        var node = primary.Spec!.NodeName!;
        await cluster.WriteThroughAsync(
            "taint that evicts the primary",
            async _ =>
            {
                cluster.Edit(KubernetesKinds.Node, node, n => n["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = "postgres", ["effect"] = "NoExecute" }), space: null);
                await cluster.UntilAsync("the pod is elsewhere", () => cluster.Pods(Name).All(p => p.Spec!.NodeName is { } place && place != node), Cancelled);
                await ReadyAsync();
                await cluster.SynchronousAsync(Cancelled);
            },
            Cancelled);
        // A toleration alone interrupts nobody: it is there when a pod is made again.
        var pods = cluster.Pods(Name).Select(p => p.Metadata.Uid).ToHashSet();
        cluster.Configure(p => p with { Kubernetes = new() { Toleration = new Dictionary<string, string> { ["key"] = "postgres", ["operator"] = "Exists", ["effect"] = "NoExecute" } } });
        await cluster.UntilAsync("the StatefulSet has the toleration", () => cluster.Api.Get(KubernetesKinds.StatefulSet, "default", Name)!["spec"]!["template"]!["spec"]!["tolerations"] is not null, Cancelled);
        await cluster.PassesAsync(Name, 2, Cancelled);
        Assert.Equal(pods, cluster.Pods(Name).Select(p => p.Metadata.Uid).ToHashSet());
        var replica = cluster.Replica(Name);
        cluster.Api.Delete(KubernetesKinds.Pod, "default", replica);
        await cluster.UntilAsync("the pod is made again", () => cluster.Pods(Name).SingleOrDefault(p => p.Metadata.Name == replica) is { Spec.NodeName: not null } pod && !pods.Contains(pod.Metadata.Uid), Cancelled);
        Assert.Equal(node, cluster.Pods(Name).Single(p => p.Metadata.Name == replica).Spec!.NodeName);
        await ReadyAsync();
    }

    [Fact]
    public async Task Scaling_in_moves_the_primary_first_and_strict_synchronous_mode_holds_commits_until_there_is_a_second_member()
    {
        await SynchronousModeAsync();
        if (cluster.Primary(Name) != Name + "-1") await MoveToAsync(Name + "-1");
        await ReadyAsync();
        await cluster.SynchronousAsync(Cancelled);
        await cluster.WriteThroughAsync(
            "scale-in of the primary",
            async _ =>
            {
                cluster.Edit(spec => spec["numberOfInstances"] = 1);
                await ReadyAsync();
                Assert.Equal(Name + "-0", cluster.Primary(Name));
            },
            Cancelled);

        await using (var setup = await cluster.ConnectAsync(Name, "zalando", "foo", Cancelled)) await setup.ScalarAsync("create table if not exists public.held (number int)", Cancelled);
        cluster.Edit(spec => spec["patroni"]!["synchronous_mode_strict"] = true);
        await cluster.Watch.UntilEqualAsync("commits wait for any standby", "*", async token => (string?)await cluster.AskAsync(Name + "-0", "show synchronous_standby_names", token), Cancelled);
        await using var writer = await cluster.ConnectAsync(Name, "zalando", "foo", Cancelled);
        await using var insert = new NpgsqlCommand("insert into public.held values (1)", writer) { CommandTimeout = 0 };
        var held = insert.ExecuteNonQueryAsync(Cancelled);
        await cluster.Watch.UntilEqualAsync(
            "the commit waits", (object?)1L, token => cluster.AskAsync(Name + "-0", "select count(*) from pg_stat_activity where wait_event = 'SyncRep' and query like 'insert into public.held%'", token), Cancelled);
        Assert.False(held.IsCompleted);

        cluster.Edit(spec => spec["numberOfInstances"] = 2);
        Assert.Equal(1, await held.WaitAsync(TimeSpan.FromMinutes(3), Cancelled));
        // What was held back is on the second member before it was confirmed.
        await cluster.Watch.UntilEqualAsync("the row is on the replica", (object?)1L, token => cluster.AskAsync(Name + "-1", "select count(*) from public.held", token, "foo"), Cancelled);
        await ReadyAsync();
        cluster.Edit(spec => ((JsonObject)spec["patroni"]!).Remove("synchronous_mode_strict"));
        await ReadyAsync();
    }

    private static Task EvictAsync(KubernetesClient client, string pod) => client.CreateAsync(
        KubernetesKinds.Pod,
        new JsonObject { ["apiVersion"] = "policy/v1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = "default" } },
        "eviction", null, Cancelled);

    private Task ReadyAsync() => cluster.ReadyAsync(Name, Cancelled);

    private async Task MoveToAsync(string member)
    {
        cluster.Annotate(ClusterAnnotations.Switchover, member);
        await cluster.UntilAsync(
            $"{member} is the primary and the request is taken away",
            () => cluster.Pods(Name).Count(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master") == 1 && cluster.Primary(Name) == member
                && cluster.Cluster(Name)?.Metadata.Annotations?.ContainsKey(ClusterAnnotations.Switchover) != true,
            Cancelled);
        await ReadyAsync();
    }

    private async Task SynchronousModeAsync()
    {
        // Whatever a test before this one left, also when it failed.
        foreach (var node in cluster.Api.List(KubernetesKinds.Node, null))
        {
            cluster.Edit(
                KubernetesKinds.Node, (string)node["metadata"]!["name"]!, n =>
                {
                    ((JsonObject)n["spec"]!).Remove("taints");
                    ((JsonObject)n["spec"]!).Remove("unschedulable");
                },
                space: null);
        }

        foreach (var pod in cluster.Pods(Name).Where(p => p.Metadata.Labels!.ContainsKey("critical-operation")))
            cluster.Edit(KubernetesKinds.Pod, pod.Metadata.Name!, p => ((JsonObject)p["metadata"]!["labels"]!).Remove("critical-operation"));
        await ReadyAsync();
        if (cluster.Cluster(Name)!.Spec.Patroni?.SynchronousMode != true) cluster.Edit(spec => spec["patroni"] = new JsonObject { ["synchronous_mode"] = true });
        await ReadyAsync();
        await cluster.SynchronousAsync(Cancelled);
    }
}
