using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Clusters in which commits wait for a replica.</summary>
public sealed class SynchronousModeTests
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public async Task A_switchover_goes_to_the_replica_that_commits_wait_for_and_waits_until_there_is_one()
    {
        await using var world = await OperatorWorld.StartAsync();
        var hasStandby = true;
        world.Patroni.SynchronousStandby = replicas => hasStandby ? replicas.LastOrDefault() : null;
        var patroni = new FakePatroniClient(world.Patroni, Name);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
        world.StartOperator();
        var manifest = OperatorWorld.Manifest(instances: 3);
        manifest["spec"]!["patroni"] = new JsonObject { ["synchronous_mode"] = true, ["synchronous_mode_strict"] = true };
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        Assert.Equal(("true", "true"), Modes(world));

        // The new pods are there, but Patroni has not chosen one of them yet: a switchover now would be refused, or lose commits.
        hasStandby = false;
        manifest["spec"]!["resources"] = new JsonObject { ["limits"] = new JsonObject { ["cpu"] = "2", ["memory"] = "1Gi" } };
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.PodLives[$"{Name}-1"].Count == 2 && world.PodLives[$"{Name}-2"].Count == 2, "the replicas are made again");
        await world.SettleAsync();
        var end = world.Time.GetUtcNow().AddMinutes(10);
        await world.RunUntilAsync(() => world.Time.GetUtcNow() >= end, "minutes pass");
        Assert.Single(world.PodLives[$"{Name}-0"]);
        Assert.DoesNotContain(patroni.Log, l => l.StartsWith("switchover", StringComparison.Ordinal));
        Assert.Contains(world.Cluster()!.Status!.Pending!, p => p.WaitsFor == "PatroniState" && p.Message!.Contains("no synchronous replica", StringComparison.Ordinal));

        hasStandby = true;
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "all members are made again");
        Assert.Equal([$"switchover {Name}-0 -> {Name}-2"], patroni.Log.Where(l => l.StartsWith("switchover", StringComparison.Ordinal)));

        // Without the mode commits wait for nobody, and neither does a switchover.
        manifest["spec"]!.AsObject().Remove("patroni");
        world.Apply(manifest);
        await world.RunUntilAsync(() => Modes(world) == ("false", "false") && world.IsRunning(), "the mode is off");
        Assert.All(world.PodLives.Values, l => Assert.Equal(2, l.Count));
    }

    private static (string? Mode, string? Strict) Modes(OperatorWorld world)
    {
        var configuration = world.Patroni.ConfigurationOf(OperatorWorld.Namespace, Name)!;
        return (configuration["synchronous_mode"]?.ToString(), configuration["synchronous_mode_strict"]?.ToString());
    }
}
