using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>Replication slots and event streams through a real Patroni.</summary>
public sealed class SlotTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Slots = "select coalesce(string_agg(slot_name || ' ' || slot_type || coalesce(' ' || database, ''), ', ' order by slot_name), '') from pg_replication_slots where slot_name not like 'acid%'";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slots_of_manifest_streams_and_others_survive_a_failover_and_a_new_operator_and_only_ours_go()
    {
        await using (var connection = await SuperUserAsync(OperatorCluster.Name, "foo"))
            await connection.ScalarAsync("create table orders (id int primary key, payload jsonb)", Cancelled);
        cluster.Edit(spec =>
        {
            spec["patroni"] = new JsonObject
            {
                ["slots"] = new JsonObject
                {
                    ["manual_slot"] = new JsonObject { ["type"] = "physical" },
                    ["permanent"] = new JsonObject { ["type"] = "logical", ["database"] = "foo", ["plugin"] = "pgoutput" },
                },
            };
            spec["streams"] = new JsonArray(Stream("test-app", "orders"), Stream("test-app2", "not_there"));
        });
        // Logical slots need wal_level, which needs restarts; all of that goes by itself.
        await SlotsAsync(OperatorCluster.Name, "fes_foo_test_app logical foo, manual_slot physical, permanent logical foo");
        await cluster.UntilAsync("the object of the stream is made", () => Objects().Count == 1, Cancelled);
        Assert.Equal(["fes_foo_test_app"], Objects());
        await using (var connection = await SuperUserAsync(OperatorCluster.Name, "foo"))
            Assert.Equal("fes_foo_test_app", await connection.ScalarAsync("select string_agg(pubname, ',') from pg_publication", Cancelled));
        Assert.Contains(cluster.Events(OperatorCluster.Name), e => e.Contains("spec.streams[1].tables.not_there", StringComparison.Ordinal));

        // Somebody else has a slot, too.
        using var patroni = new PatroniClient(new PatroniClientOptions(), TimeProvider.System);
        await patroni.PatchConfigurationAsync(Address(), new JsonObject { ["slots"] = new JsonObject { ["by_hand"] = new JsonObject { ["type"] = "physical" } } }, Cancelled);
        const string all = "by_hand physical, fes_foo_test_app logical foo, manual_slot physical, permanent logical foo";
        await SlotsAsync(OperatorCluster.Name, all);

        // Patroni copies logical slots to the replica; then the primary may die.
        await SlotsAsync(OperatorCluster.Name + "-repl", "fes_foo_test_app logical foo, permanent logical foo", contains: true);
        var old = cluster.Primary(OperatorCluster.Name);
        await cluster.Sandbox.Pods.KillAsync("default", old, Cancelled);
        await cluster.UntilAsync("another member is the primary", () => cluster.Pods(OperatorCluster.Name).Any(p => p.Metadata.Name != old && p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master"), Cancelled);
        await SlotsAsync(OperatorCluster.Name, all);
        await cluster.ReadyAsync(OperatorCluster.Name, Cancelled);

        // Another operator knows which are the manifest's, whatever happened while nobody looked.
        await cluster.StopOperatorAsync();
        cluster.Edit(spec =>
        {
            spec["streams"] = new JsonArray();
            spec["patroni"] = new JsonObject { ["slots"] = new JsonObject { ["manual_slot"] = new JsonObject { ["type"] = "physical" } } };
        });
        await cluster.StartOperatorAsync();
        await SlotsAsync(OperatorCluster.Name, "by_hand physical, manual_slot physical");
        await cluster.UntilAsync("the object of the stream is gone", () => Objects().Count == 0, Cancelled);
        await using (var connection = await SuperUserAsync(OperatorCluster.Name, "foo"))
        {
            while (!Equals(await connection.ScalarAsync("select count(*) from pg_publication", Cancelled), 0L)) await cluster.PassesAsync(OperatorCluster.Name, 1, Cancelled);
        }
    }

    private static JsonObject Stream(string application, string table) => new()
    {
        ["applicationId"] = application, ["database"] = "foo", ["tables"] = new JsonObject { [table] = new JsonObject { ["eventType"] = "an-event" } },
    };

    private List<string> Objects() => [.. cluster.Api.List(FabricEventStream.Descriptor, "default").SelectMany(o => (JsonArray)o["spec"]!["eventStreams"]!).Select(e => (string)e!["source"]!["jdbcConnection"]!["slotName"]!)];

    private Uri Address() => PatroniAddress.Of(cluster.Sandbox.Pods.Find("default", cluster.Primary(OperatorCluster.Name))!.Address!.ToString());

    private Task SlotsAsync(string service, string expected, bool contains = false) => cluster.Watch.UntilEqualAsync(
        $"{service} has the slots",
        expected,
        async token =>
        {
            await using var connection = await cluster.OpenAsync(service, "postgres", "postgres", token);
            var found = (string)(await connection.ScalarAsync(Slots, token))!;
            return contains && expected.Split(", ").All(e => found.Contains(e, StringComparison.Ordinal)) ? expected : found;
        },
        Cancelled);

    private Task<NpgsqlConnection> SuperUserAsync(string service, string database) => cluster.ConnectAsync(service, "postgres", database, Cancelled);
}
