using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Patroni;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>Settings of a running cluster change through Patroni: members restart where they are.</summary>
public sealed class ConfigurationUpdateTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_and_slots_follow_the_manifest_in_the_pods_that_are_there_and_slots_made_by_hand_stay()
    {
        await ReadyAsync();
        var before = Pods();
        await cluster.WriteThroughAsync("settings with restarts, and slots", async writer =>
        {
            // Lowered and raised at once: one of them must reach the primary first, the other a replica.
            cluster.Edit(spec =>
            {
                Parameters(spec)["max_connections"] = "50";
                Parameters(spec)["max_worker_processes"] = "12";
                Parameters(spec)["wal_level"] = "logical";
                spec["patroni"] = new JsonObject
                {
                    ["ttl"] = 7,
                    ["loop_wait"] = 1,
                    ["retry_timeout"] = 3,
                    ["synchronous_mode"] = true,
                    ["failsafe_mode"] = true,
                    ["slots"] = new JsonObject { ["first_slot"] = new JsonObject { ["type"] = "physical" } },
                };
            });
            await SettingsAsync("max_connections", "50");
            await SettingsAsync("max_worker_processes", "12");
            await SettingsAsync("wal_level", "logical");
            await ReadyAsync();
            await cluster.SynchronousAsync(Cancelled);
            var stored = cluster.PatroniConfiguration(OperatorCluster.Name)!;
            Assert.Equal(7, (int?)stored["ttl"]);
            Assert.Equal(1, (int?)stored["loop_wait"]);
            Assert.Equal(3, (int?)stored["retry_timeout"]);
            Assert.True((bool?)stored["synchronous_mode"]);
            Assert.True((bool?)stored["failsafe_mode"]);
            Assert.Equal("50", (string?)stored["postgresql"]!["parameters"]!["max_connections"]);
            Assert.Equal(["first_slot"], Slots());
            await writer.GoesOnAsync(Cancelled);

            cluster.Edit(spec => Parameters(spec)["max_connections"] = "30");
            await SettingsAsync("max_connections", "30");
            await ReadyAsync();

            cluster.Edit(spec => Parameters(spec)["max_connections"] = "60");
            await SettingsAsync("max_connections", "60");
            await ReadyAsync();
            Assert.Equal(before, Pods());

            // Somebody else's slot, of which the manifest knows nothing.
            using (var patroni = new PatroniClient(new PatroniClientOptions(), TimeProvider.System))
            {
                await patroni.PatchConfigurationAsync(
                    PatroniAddress.Of(cluster.Sandbox.Pods.Find("default", cluster.Primary(OperatorCluster.Name))!.Address.ToString(), tls: false),
                    new JsonObject { ["slots"] = new JsonObject { ["test_patroni_slot"] = new JsonObject { ["type"] = "physical" } } }, Cancelled);
            }

            await SlotsAsync("first_slot", "test_patroni_slot");
            await cluster.PassesAsync(OperatorCluster.Name, 3, Cancelled);
            Assert.Equal(["first_slot", "test_patroni_slot"], Slots());

            cluster.Edit(spec =>
            {
                var slots = spec["patroni"]!["slots"]!;
                slots["test_slot"] = new JsonObject { ["type"] = "logical", ["database"] = "foo", ["plugin"] = "pgoutput" };
                slots["test_slot_2"] = new JsonObject { ["type"] = "physical" };
            });
            await SlotsAsync("first_slot", "test_patroni_slot", "test_slot in foo", "test_slot_2");
            await ReadyAsync();

            // Another process does not know what the first one did; the cluster does.
            await cluster.StopOperatorAsync();
            await cluster.StartOperatorAsync();
            cluster.Edit(spec =>
            {
                var slots = (JsonObject)spec["patroni"]!["slots"]!;
                slots["test_slot"]!["database"] = "bar";
                slots.Remove("test_slot_2");
            });
            await SlotsAsync("first_slot", "test_patroni_slot", "test_slot in bar");
            await ReadyAsync();
            Assert.Equal(["first_slot", "test_patroni_slot", "test_slot"], Slots());
        }, Cancelled);
        Assert.Equal(before, Pods());
    }

    private static JsonObject Parameters(JsonObject spec)
    {
        var postgresql = (JsonObject)spec["postgresql"]!;
        if (postgresql["parameters"] is not JsonObject parameters) postgresql["parameters"] = parameters = [];
        return parameters;
    }

    private Task ReadyAsync() => cluster.ReadyAsync(OperatorCluster.Name, Cancelled);

    // Identity and number of container starts: what shows that a pod is still the same.
    private string[] Pods() =>
        [.. cluster.Pods(OperatorCluster.Name).Select(p => $"{p.Metadata.Name} {p.Metadata.Uid} {p.Status!.ContainerStatuses![0].RestartCount}").Order(StringComparer.Ordinal)];

    private string[] Slots() => [.. cluster.PatroniConfiguration(OperatorCluster.Name)!["slots"]!.AsObject().Select(s => s.Key).Order(StringComparer.Ordinal)];

    /// <summary>Waits until both members run with a setting.</summary>
    private async Task SettingsAsync(string name, string value)
    {
        foreach (var pod in cluster.Pods(OperatorCluster.Name))
            await cluster.Watch.UntilEqualAsync($"{name} is {value} on {pod.Metadata.Name}", value, async token => (string?)await cluster.AskAsync(pod.Metadata.Name!, $"show {name}", token), Cancelled);
    }

    /// <summary>Waits until the primary has these slots, beside those of its replicas.</summary>
    private Task SlotsAsync(params string[] names) => cluster.Watch.UntilEqualAsync(
        "the primary has the slots",
        string.Join(", ", names),
        async token =>
        {
            await using var connection = await cluster.OpenAsync(OperatorCluster.Name, "zalando", "postgres", token);
            return string.Join(", ", await connection.ListAsync("select slot_name || coalesce(' in ' || database, '') from pg_replication_slots where slot_name not like 'acid%' order by slot_name collate \"C\"", token));
        },
        Cancelled);
}
