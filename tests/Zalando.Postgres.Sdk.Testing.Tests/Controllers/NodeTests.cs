using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.Tests.Controllers;

/// <summary>Several simulated nodes: where pods go, and how they are made to leave.</summary>
public sealed class NodeTests() : SimulatedNodesTest(new SimulatedNodeOptions { FurtherNodeNames = ["node-2", "node-3"] })
{
    [Fact]
    public async Task Pods_of_one_set_are_spread_over_the_nodes_with_the_address_of_each()
    {
        await CreateSetAsync(3, "{}");
        Assert.Equal(["node-1", "node-2", "node-3"], Nodes());
        Assert.Equal(["192.168.0.1", "192.168.0.2", "192.168.0.3"], Pods().Select(p => (string?)p["status"]!["hostIP"]));
        Assert.Equal(3, Api.List(KubernetesKinds.Node, null).Count);
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"zone":"a"}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"In","values":["a","z"]}]}]}}}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"rank","operator":"Exists"}],"matchFields":[{"key":"metadata.name","operator":"In","values":["node-2"]}]}]}}}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"rank","operator":"Gt","values":["5"]}]}]}}}}""")]
    public async Task A_pod_goes_where_it_asks_to_be(string spec)
    {
        await CreateSetAsync(2, spec);
        Assert.All(Pods(), p => Assert.Equal("Pending", (string?)p["status"]!["phase"]));
        ChangeNode("node-2", n =>
        {
            n["metadata"]!["labels"]!["zone"] = "a";
            n["metadata"]!["labels"]!["rank"] = "7";
        });
        await SettleAsync();
        Assert.Equal(["node-2", "node-2"], Nodes());
    }

    [Fact]
    public async Task Required_anti_affinity_leaves_a_pod_pending_with_the_words_of_the_scheduler()
    {
        await CreateSetAsync(4, """{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"db"}},"topologyKey":"kubernetes.io/hostname"}]}}}""");
        Assert.Equal(["node-1", "node-2", "node-3", null], Nodes());
        var condition = Pods()[3]["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "PodScheduled")!;
        Assert.Equal(("False", "Unschedulable", "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."), ((string?)condition["status"], (string?)condition["reason"], (string?)condition["message"]));
        Api.Delete(KubernetesKinds.StatefulSet, "default", "db");
        await SettleAsync();
        Assert.Empty(Pods());
    }

    [Fact]
    public async Task Topology_spread_keeps_the_difference_between_nodes_small()
    {
        ChangeNode("node-3", n => n["spec"]!["unschedulable"] = true);
        await CreateSetAsync(6, """{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"db"}}}]}""");
        Assert.Equal([3, 3], Nodes().CountBy(n => n ?? "").Select(n => n.Value));
    }

    [Fact]
    public async Task A_cordoned_node_keeps_its_pods_and_gets_no_new_ones()
    {
        await CreateSetAsync(3, "{}");
        ChangeNode("node-2", n => n["spec"]!["unschedulable"] = true);
        await SettleAsync();
        Assert.Equal(["node-1", "node-2", "node-3"], Nodes());
        Api.Delete(KubernetesKinds.Pod, "default", "db-1");
        await SettleAsync();
        Assert.Equal(["node-1", "node-1", "node-3"], Nodes());
    }

    [Fact]
    public async Task A_taint_with_NoExecute_makes_pods_leave_that_do_not_tolerate_it_and_those_that_do_for_aTime_later()
    {
        await CreateSetAsync(1, "{}", "plain");
        await CreateSetAsync(1, """{"tolerations":[{"key":"gone","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}]}""", "patient");
        await CreateSetAsync(1, """{"tolerations":[{"operator":"Exists"}]}""", "stoic");
        foreach (var name in (string[])["node-1", "node-2", "node-3"]) ChangeNode(name, n => n["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = "gone", ["effect"] = "NoExecute" }));
        var before = Pods().ToDictionary(Name, Uid);
        await SettleAsync();
        Assert.Equal([true, false, true], Pods().OrderBy(Name, StringComparer.Ordinal).Select(p => Uid(p) == before[Name(p)]));
        Assert.Null(Pods().Single(p => Name(p) == "plain-0")["spec"]!["nodeName"]);
        Time.Advance(TimeSpan.FromSeconds(61));
        await SettleAsync();
        Assert.NotEqual(before["patient-0"], Uid(Pods().Single(p => Name(p) == "patient-0")));
        Assert.Equal(before["stoic-0"], Uid(Pods().Single(p => Name(p) == "stoic-0")));
    }

    [Fact]
    public async Task An_eviction_is_refused_by_a_budget_until_another_pod_is_there()
    {
        await CreateSetAsync(1, "{}");
        Api.Create(KubernetesKinds.PodDisruptionBudget, Parse("""{"metadata":{"name":"db","namespace":"default"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"db"}}}}"""));
        await SettleAsync();
        var uid = Uid(Pods()[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, await EvictAsync("db-0"));
        var set = Api.Get(KubernetesKinds.StatefulSet, "default", "db")!;
        set["spec"]!["replicas"] = 2;
        Api.Update(KubernetesKinds.StatefulSet, set);
        await SettleAsync();
        Assert.Equal(HttpStatusCode.Created, await EvictAsync("db-0"));
        await SettleAsync();
        Assert.NotEqual(uid, Uid(Pods()[0]));
    }

    private async Task<HttpStatusCode> EvictAsync(string pod)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var body = new StringContent($$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}","namespace":"default"} }""", Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await client.PostAsync(new Uri(Server.Url, $"api/v1/namespaces/default/pods/{pod}/eviction"), body, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private async Task CreateSetAsync(int replicas, string spec, string name = "db")
    {
        var podSpec = Parse(spec);
        podSpec["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "image:1" });
        Api.Create(KubernetesKinds.StatefulSet, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject
            {
                ["serviceName"] = name, ["replicas"] = replicas, ["podManagementPolicy"] = "Parallel", ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
                ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } }, ["spec"] = podSpec },
            },
        });
        await SettleAsync();
    }

    private void ChangeNode(string name, Action<JsonObject> change)
    {
        var node = Api.Get(KubernetesKinds.Node, "", name)!;
        if (node["spec"] is null) node["spec"] = new JsonObject();
        change(node);
        Api.Update(KubernetesKinds.Node, node);
    }

    private IReadOnlyList<JsonObject> Pods() => Api.List(KubernetesKinds.Pod, "default");

    private IReadOnlyList<string?> Nodes() => [.. Pods().Select(p => (string?)p["spec"]!["nodeName"])];
}
