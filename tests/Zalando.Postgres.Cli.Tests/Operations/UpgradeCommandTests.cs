using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Cli.Tests.Operations;

/// <summary>A fleet is upgraded wave by wave; somebody else plays the operator.</summary>
public sealed class UpgradeCommandTests : IAsyncLifetime
{
    private readonly List<string> _order = [];
    private ServerWithClusters _server = null!;

    public async ValueTask InitializeAsync() => _server = await ServerWithClusters.StartAsync(("a", "16"), ("b", "16"), ("c", "16"), ("d", "15"), ("new", "17"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_canary_comes_first_then_waves_and_newer_clusters_are_left_alone()
    {
        using var subscription = Operate(failing: null);
        var (code, output, error) = await RunAsync("upgrade", "--to", "17", "--wave", "2");
        Assert.True(code == 0, error + output);
        Assert.Equal(["a", "b", "c", "d"], _order);
        Assert.Contains("wave 1 of 3: default/a\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("wave 2 of 3: default/b, default/c\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("No cluster is below", (await RunAsync("upgrade", "--to", "17")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_failure_stops_the_rest_and_names_its_reason()
    {
        using var subscription = Operate(failing: "b");
        var (code, output, _) = await RunAsync("upgrade", "--to", "17", "--wave", "2", "-o", "json");
        Assert.Equal(1, code);
        var results = JsonNode.Parse(output)!.AsArray().ToDictionary(r => (string)r!["cluster"]!, r => r!);
        Assert.Equal(["upgraded", "failed", "upgraded", "not begun"], new[] { "a", "b", "c", "d" }.Select(n => (string)results["default/" + n]["result"]!));
        Assert.Contains("prepared transactions", (string)results["default/b"]["message"]!, StringComparison.Ordinal);
        Assert.Equal("15", (string?)_server.Access.Get(Postgresql.Descriptor, "default", "d")!["spec"]!["postgresql"]!["version"]);
    }

    [Fact]
    public async Task A_dry_run_shows_the_waves_and_changes_nothing()
    {
        var (code, output, _) = await RunAsync("upgrade", "--to", "17", "--dry-run", "d", "a");
        Assert.Equal(0, code);
        Assert.Contains("wave 2 of 2: default/d", output, StringComparison.Ordinal);
        Assert.Equal("16", (string?)_server.Access.Get(Postgresql.Descriptor, "default", "a")!["spec"]!["postgresql"]!["version"]);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => _server.RunAsync([.. args, "--poll", "0.01"]);

    // As soon as a version is raised the cluster has it, or fails.
    private IDisposable Operate(string? failing) => _server.Access.Subscribe(change =>
    {
        if (change.Kind.Kind != "postgresql" || change.Type != "MODIFIED" || (long?)change.Object["status"]?["observedGeneration"] == (long?)change.Object["metadata"]!["generation"]) return;
        var name = (string)change.Object["metadata"]!["name"]!;
        lock (_order)
        {
            if (_order.Contains(name)) return;
            _order.Add(name);
        }

        _ = Task.Run(() =>
        {
            var manifest = _server.Access.Get(Postgresql.Descriptor, "default", name)!;
            if (name == failing)
            {
                manifest["metadata"]!["annotations"] = new JsonObject { [ClusterAnnotations.LastMajorUpgradeFailure] = "2026-01-01T00:00:00Z", [ClusterAnnotations.LastMajorUpgradeMessage] = "prepared transactions" };
                manifest = _server.Access.Update(Postgresql.Descriptor, manifest);
            }

            manifest["status"] = new JsonObject
            {
                ["PostgresClusterStatus"] = "Running", ["observedGeneration"] = (long)manifest["metadata"]!["generation"]!,
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "AllMembersReady", ["message"] = "", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" }),
            };
            _server.Access.Update(Postgresql.Descriptor, manifest, "status");
        });
    });
}
