using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Event streams whose list comes later than everything else that an operator reads when it starts.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task A_list_of_streams_that_comes_late_changes_no_status_after_a_restart()
    {
        await using var equipped = await StartedAsync();
        var world = equipped.World;
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.BeforeList = kind => kind.Equals(FabricEventStream.Descriptor) ? listed.Task : Task.CompletedTask;
        var (statuses, second) = await RestartedAsync(world);
        Assert.DoesNotContain("observe databases", second.Client.Log);
        listed.SetResult();
        world.ThingsMayHang = false;
        await world.RunUntilAsync(() => second.Client.Log.Contains("observe databases"), "the operator looks after the cluster");
        await world.SettleAsync();
        Assert.Empty(statuses);
        Assert.True(world.IsRunning());
    }

    [Fact]
    public async Task A_list_of_streams_that_does_not_come_is_told_once_and_holds_nothing_else_up()
    {
        await using var equipped = await StartedAsync();
        var world = equipped.World;
        world.Server.Faults.Add(new InjectedFault { Verb = "list", Resource = "fabriceventstreams", Code = 503, Count = int.MaxValue });
        var (statuses, _) = await RestartedAsync(world);
        world.Edit(manifest => manifest["spec"]!["users"]!["more_user"] = new JsonArray());
        await world.RunUntilAsync(() => world.Server.Access.Get(KubernetesKinds.Secret, OperatorWorld.Namespace, $"more-user.{EquippedWorld.Cluster}.credentials.postgresql.acid.zalan.do") is not null, "another change is made");
        var end = world.Time.GetUtcNow().AddMinutes(30);
        await world.RunUntilAsync(() => world.Time.GetUtcNow() > end, "half an hour passes");
        Assert.Contains("could not be listed", statuses[^1], StringComparison.Ordinal);
        Assert.InRange(statuses.Count(static s => s.Contains("could not be listed", StringComparison.Ordinal)), 1, 3);
        world.Server.Faults.Clear();
        await world.RunUntilAsync(() => world.IsRunning() && world.Cluster()!.Status!.Pending is null or { Count: 0 }, "the streams are listed", TimeSpan.FromHours(2));
    }

    // Between two lives of the operator.
    private static async Task<EquippedWorld> StartedAsync()
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["streams"] = new JsonArray(new JsonObject
        {
            ["applicationId"] = "a-app", ["database"] = "foo", ["tables"] = new JsonObject { ["orders"] = new JsonObject { ["eventType"] = "order" } },
        });
        var equipped = await EquippedWorld.StartAsync(manifest: manifest, watchDuration: TimeSpan.FromHours(12));
        var world = equipped.World;
        await world.RunUntilAsync(() => world.IsRunning() && world.Server.Access.List(FabricEventStream.Descriptor, OperatorWorld.Namespace).Count == 1, "the stream is there");
        await world.SettleAsync();
        await world.StopOperatorAsync();
        return equipped;
    }

    // Statuses that are written from now on, and who may write them.
    private static async Task<(List<string> Statuses, OperatorProcess Second)> RestartedAsync(OperatorWorld world)
    {
        var statuses = new List<string>();
        world.Server.Access.Subscribe(change =>
        {
            if (change is { Kind.Kind: "postgresql", Type: "MODIFIED" }) statuses.Add(change.Object["status"]!.ToJsonString());
        });
        world.ThingsMayHang = true;
        var second = world.StartOperator();
        await world.RunUntilAsync(() => second.Engine.Passes > 0, "the operator has begun");
        return (statuses, second);
    }
}
