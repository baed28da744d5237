using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.History;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Tests.Operations;

/// <summary>Commands that ask the operator for something or read what it did, against the in-memory API server.</summary>
public sealed class OperationCommandTests : IAsyncLifetime
{
    private ServerWithClusters _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerWithClusters.StartAsync(("acid-shop", "17"));
        foreach (var (name, role) in new[] { ("acid-shop-0", "master"), ("acid-shop-1", "replica") })
        {
            _server.Access.Create(KubernetesKinds.Pod, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "Pod",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["cluster-name"] = "acid-shop", ["spilo-role"] = role } },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "postgres", ["image"] = "spilo" }) },
            });
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_switchover_is_asked_for_with_an_annotation_and_can_be_taken_back()
    {
        var (code, output, error) = await RunAsync("switchover", "acid-shop", "--candidate", "acid-shop-1", "--at", "2030-01-31T12:00:00Z", "-o", "json");
        Assert.True(code == 0, error);
        Assert.Equal("acid-shop-1", (string?)JsonNode.Parse(output)!["candidate"]);
        Assert.Equal("acid-shop-1@2030-01-31T12:00:00Z", Wish());
        Assert.Equal(0, (await RunAsync("switchover", "acid-shop")).Code);
        Assert.Equal("any", Wish());
        Assert.Equal(0, (await RunAsync("switchover", "acid-shop", "--cancel")).Code);
        Assert.Null(Wish());
    }

    [Theory]
    [InlineData("acid-shop-0", "is the primary already")]
    [InlineData("acid-other-0", "is no pod of the cluster")]
    public async Task A_switchover_that_cannot_be_is_refused_at_once(string candidate, string words)
    {
        var (code, _, error) = await RunAsync("switchover", "acid-shop", "--candidate", candidate);
        Assert.Equal(1, code);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Null(Wish());
    }

    [Fact]
    public async Task The_history_shows_changes_with_their_causes()
    {
        var nothing = await RunAsync("history", "acid-shop");
        Assert.Contains("has not changed it yet", nothing.Output, StringComparison.Ordinal);
        HistoryEntry[] entries =
        [
            new() { Time = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero), Change = "make pod default/acid-shop-1 again", Causes = ["spec.image: a -> b"], Disruption = "PodRecreation", Generation = 2 },
            new() { Time = new(2026, 1, 2, 8, 0, 0, TimeSpan.Zero), Change = "look after the cluster", Failure = "no\nroute" },
        ];
        _server.Access.Create(KubernetesKinds.ConfigMap, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = ClusterHistory.NameOf("acid-shop"), ["namespace"] = "default", ["labels"] = new JsonObject { ["cluster-name"] = "acid-shop" } },
            ["data"] = new JsonObject { [ClusterHistory.Key] = ClusterHistory.Write(entries) + "\nnot json" },
        });
        var text = await RunAsync("history", "acid-shop");
        Assert.Equal(
            "2026-01-01 08:00:00Z  make pod default/acid-shop-1 again  [PodRecreation]\n    spec.image: a -> b\n2026-01-02 08:00:00Z  look after the cluster\n    failed: no route\n",
            text.Output.ReplaceLineEndings("\n"));
        var json = JsonNode.Parse((await RunAsync("history", "acid-shop", "--limit", "1", "-o", "json")).Output)!.AsArray();
        Assert.Equal("no\nroute", (string?)Assert.Single(json)!["failure"]);
        var explained = await RunAsync("explain", "acid-shop");
        Assert.True(explained.Code == 0, explained.Error);
        Assert.Contains("spec.image: a -> b", explained.Output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => _server.RunAsync(args);

    private string? Wish() => (string?)_server.Access.Get(Postgresql.Descriptor, "default", "acid-shop")!["metadata"]!["annotations"]?[ClusterAnnotations.Switchover];
}
