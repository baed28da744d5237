using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

/// <summary>Event streams through the whole operator with a real PostgreSQL: publications in it, slots through Patroni, objects in Kubernetes.</summary>
[Collection("whole operator")]
public sealed class StreamTests(PostgresTemplate postgres)
{
    private const string Logical = "wal_level = logical\nmax_wal_senders = 4\n";
    private const string Publications = "SELECT pubname || ': ' || COALESCE((SELECT string_agg(schemaname || '.' || tablename, ', ' ORDER BY schemaname, tablename) FROM pg_publication_tables t WHERE t.pubname = p.pubname), '') FROM pg_publication p ORDER BY 1";

    [Fact]
    public async Task A_stream_waits_for_its_tables_follows_the_manifest_and_leaves_nothing_of_its_own_and_all_of_others()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, null, Logical);
        world.World.StartOperator();
        var manifest = Manifest(("test-app", ["data.orders"]), ("late", ["data.not_there"]));
        manifest["spec"]!["patroni"] = new JsonObject { ["slots"] = new JsonObject { ["manual_slot"] = new JsonObject { ["type"] = "physical" } } };
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.World.SettleAsync();
        Assert.Contains(world.Events(), e => e.Contains("MissingSchema", StringComparison.Ordinal) && e.Contains("\"data\"", StringComparison.Ordinal));
        Assert.Empty(await world.Server.RowsAsync("foo", Publications));
        Assert.Equal(["manual_slot"], Slots(world));
        Assert.Empty(Objects(world));

        // What others have: none of it is touched, now and at the end.
        await world.Server.ExecuteAsync("foo", "CREATE SCHEMA data; CREATE TABLE data.orders(id int PRIMARY KEY); CREATE TABLE data.more(id int PRIMARY KEY); CREATE PUBLICATION mypublication FOR TABLE data.orders; CREATE PUBLICATION fes_foo_of_somebody FOR TABLE data.more");
        world.World.Patroni.PatchConfiguration(OperatorWorld.Namespace, DatabaseWorld.Cluster, new JsonObject { ["slots"] = new JsonObject { ["foreign_slot"] = new JsonObject { ["type"] = "logical", ["database"] = "foo", ["plugin"] = "pgoutput" } } });
        await world.World.RunUntilAsync(() => Objects(world).Count > 0, "the object is made");
        await world.World.SettleAsync();
        Assert.Equal(["fes_foo_of_somebody: data.more", "fes_foo_test_app: data.orders", "mypublication: data.orders"], await world.Server.RowsAsync("foo", Publications));
        Assert.Equal(["fes_foo_test_app", "foreign_slot", "manual_slot"], Slots(world));
        Assert.Equal(["test-app"], Objects(world));
        Assert.True(world.World.IsRunning());
        Assert.Contains(world.Events(), e => e.Contains("MissingTable", StringComparison.Ordinal) && e.Contains("spec.streams[1].tables.data.not_there", StringComparison.Ordinal));

        manifest["spec"]!["streams"] = Manifest(("test-app", ["data.orders", "data.more"]))["spec"]!["streams"]!.DeepClone();
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("ALTER PUBLICATION", StringComparison.Ordinal)), "the publication changes");
        await world.World.SettleAsync();
        Assert.Contains("fes_foo_test_app: data.more, data.orders", await world.Server.RowsAsync("foo", Publications));
        Assert.Equal(["test-app"], Objects(world));

        // Removed while nobody looks: the next operator finds out by itself.
        await world.World.StopOperatorAsync();
        manifest["spec"]!["streams"] = new JsonArray();
        world.World.Apply(manifest);
        world.World.StartOperator();
        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("DROP PUBLICATION", StringComparison.Ordinal)), "the publication goes");
        await world.World.SettleAsync();
        Assert.Equal(["fes_foo_of_somebody: data.more", "mypublication: data.orders"], await world.Server.RowsAsync("foo", Publications));
        Assert.Equal(["foreign_slot", "manual_slot"], Slots(world));
        Assert.Empty(Objects(world));
    }

    [Fact]
    public async Task Without_the_definition_of_its_kind_a_stream_waits_and_goes_on_when_it_is_installed()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, null, Logical);
        var definition = CustomResourceDefinitions.All.Single(d => d.Spec?.Names?.Kind == FabricEventStream.Descriptor.Kind);
        world.World.Server.Access.Delete(KubernetesKinds.CustomResourceDefinition, null, definition.Metadata.Name!);
        world.World.StartOperator();
        world.World.Apply(Manifest(("test-app", ["public.orders"])));
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.Server.ExecuteAsync("foo", "CREATE TABLE orders(id int PRIMARY KEY)");
        await world.World.RunUntilAsync(() => world.Events().Any(e => e.Contains("NoEventStreamDefinition", StringComparison.Ordinal)), "the owner is told");
        await world.World.SettleAsync();
        Assert.Empty(Slots(world));
        Assert.True(world.World.IsRunning());

        world.World.Server.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
        await world.World.RunUntilAsync(() => Objects(world).Count > 0, "the object is made");
        Assert.Equal(["fes_foo_test_app"], Slots(world));
    }

    [Fact]
    public async Task A_slot_waits_for_the_restart_that_puts_wal_level_in_force()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        world.World.Apply(Manifest(("test-app", ["orders"])));
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.Server.ExecuteAsync("foo", "CREATE TABLE orders(id int PRIMARY KEY)");
        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("CREATE PUBLICATION", StringComparison.Ordinal)) && world.World.IsRunning(), "the publication is made");
        var end = world.World.Time.GetUtcNow().AddMinutes(10);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "minutes pass");
        Assert.Equal(["fes_foo_test_app: public.orders"], await world.Server.RowsAsync("foo", Publications));
        Assert.Empty(Slots(world));
        Assert.Empty(Objects(world));
        var waiting = Assert.Single(world.World.Cluster()!.Status!.Pending!, p => p.WaitsFor == "NextRestart");
        Assert.Contains("wal_level is ", waiting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_names_a_table_only_while_it_is_published()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, null, Logical);
        var published = new HashSet<string>(StringComparer.Ordinal);
        var violations = new List<string>();
        var steps = new List<string>();
        void Check()
        {
            foreach (var table in Read(world)) if (!published.Contains(table)) violations.Add($"{table} is read and not published after {string.Join(", ", steps)}");
        }

        world.AfterChange = change =>
        {
            lock (published)
            {
                if (change is AlterPublication or CreatePublication)
                {
                    var tables = change is AlterPublication alter ? alter.Tables : ((CreatePublication)change).Tables;
                    published.Clear();
                    published.UnionWith(tables);
                    steps.Add("publication " + string.Join(' ', tables));
                    Check();
                }
            }

            return Task.CompletedTask;
        };
        using var subscription = world.World.Server.Access.Subscribe(change =>
        {
            if (!change.Kind.Equals(FabricEventStream.Descriptor)) return;
            lock (published)
            {
                steps.Add("object " + string.Join(' ', Read(world)));
                Check();
            }
        });
        world.World.StartOperator();
        world.World.Apply(Manifest(("test-app", ["orders"])));
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.Server.ExecuteAsync("foo", "CREATE TABLE orders(id int PRIMARY KEY); CREATE TABLE more(id int PRIMARY KEY)");
        await world.World.RunUntilAsync(() => Objects(world).Count > 0 && world.World.IsRunning(), "the object is made");
        world.World.Apply(Manifest(("test-app", ["more"])));
        await world.World.RunUntilAsync(() => steps is [.., "publication public.more"] && world.World.IsRunning(), "another table is read");
        Assert.Equal(["publication public.orders", "object public.orders", "publication public.more public.orders", "object public.more", "publication public.more"], steps);
        Assert.Empty(violations);
        Assert.Equal(["fes_foo_test_app: public.more"], await world.Server.RowsAsync("foo", Publications));
    }

    [Fact]
    public async Task When_the_definition_of_its_kind_goes_the_stream_waits_visibly_and_comes_back_by_itself()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, null, Logical);
        var definition = CustomResourceDefinitions.All.Single(d => d.Spec?.Names?.Kind == FabricEventStream.Descriptor.Kind);
        world.World.StartOperator();
        world.World.Apply(Manifest(("test-app", ["orders"])));
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.Server.ExecuteAsync("foo", "CREATE TABLE orders(id int PRIMARY KEY)");
        await world.World.RunUntilAsync(() => Objects(world).Count > 0 && world.World.IsRunning(), "the object is made");

        world.World.Server.Access.Delete(KubernetesKinds.CustomResourceDefinition, null, definition.Metadata.Name!);
        await world.World.RunUntilAsync(() => world.World.Cluster()!.Status!.Pending?.Any(p => p.WaitsFor == "Definition") == true && world.World.IsRunning(), "the wait is visible");
        // The reader comes back to its place.
        Assert.Equal(["fes_foo_test_app"], Slots(world));
        Assert.Equal(["fes_foo_test_app: public.orders"], await world.Server.RowsAsync("foo", Publications));

        world.World.Server.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
        await world.World.RunUntilAsync(() => world.World.Server.Access.Kinds.Contains(FabricEventStream.Descriptor) && Objects(world).Count > 0 && world.World.IsRunning(), "the object is back");
        Assert.DoesNotContain(world.World.Cluster()!.Status!.Pending ?? [], p => p.WaitsFor == "Definition");
    }

    private static JsonObject Manifest(params (string Application, string[] Tables)[] streams)
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["streams"] = new JsonArray([.. streams.Select(s => (JsonNode)new JsonObject
        {
            ["applicationId"] = s.Application, ["database"] = "foo",
            ["tables"] = new JsonObject(s.Tables.Select(t => KeyValuePair.Create(t, (JsonNode?)new JsonObject { ["eventType"] = "an-event" }))),
        })]);
        return manifest;
    }

    private static List<string> Slots(DatabaseWorld world)
    {
        var stored = world.World.Server.Access.Get(KubernetesKinds.ConfigMap, OperatorWorld.Namespace, DatabaseWorld.Cluster + "-config")!;
        var slots = JsonNode.Parse((string)stored["metadata"]!["annotations"]!["config"]!)!["slots"] as JsonObject ?? [];
        return [.. slots.Select(s => s.Key).Order(StringComparer.Ordinal)];
    }

    private static List<string> Read(DatabaseWorld world) =>
    [
        .. world.World.Server.Access.List(FabricEventStream.Descriptor, OperatorWorld.Namespace).SelectMany(o => (JsonArray)o["spec"]!["eventStreams"]!)
            .Select(e => $"{e!["source"]!["schema"]}.{e["source"]!["table"]!["name"]}").Order(StringComparer.Ordinal),
    ];

    private static List<string> Objects(DatabaseWorld world) =>
        [.. world.World.Server.Access.List(FabricEventStream.Descriptor, OperatorWorld.Namespace).Select(o => (string)o["spec"]!["applicationId"]!)];
}
