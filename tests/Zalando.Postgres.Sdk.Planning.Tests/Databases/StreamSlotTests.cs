using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Databases;

public sealed class StreamSlotTests
{
    private const string Slot = "fes_foo_app";

    [Fact]
    public void A_slot_comes_after_its_publication()
    {
        Assert.Null(Plan(new Situation()).Slots);
        var plan = Plan(new Situation { Publications = { [Slot] = ["public.orders"] } });
        Assert.Equal("""{"slots":{"fes_foo_app":{"database":"foo","plugin":"pgoutput","type":"logical"}}}""", plan.Slots!.Patch.ToJsonString());
        Assert.Null(Plan(new Situation { Publications = { [Slot] = ["public.orders"] }, Slots = Ours }).Slots);
    }

    [Theory]
    [InlineData("replica", EventStreamKnowledge.Listed, WaitReason.NextRestart)]
    [InlineData("logical", EventStreamKnowledge.NotListed, WaitReason.NotObserved)]
    [InlineData("logical", EventStreamKnowledge.NoDefinition, WaitReason.Definition)]
    public void A_slot_that_nobody_could_use_is_not_made(string walLevel, EventStreamKnowledge known, WaitReason waitsFor)
    {
        var plan = Plan(new Situation { Publications = { [Slot] = ["public.orders"] }, WalLevel = walLevel, Known = known });
        Assert.Null(plan.Slots);
        Assert.Equal(waitsFor, Assert.Single(plan.Pending).WaitsFor);
        Assert.Equal(known == EventStreamKnowledge.NoDefinition, plan.Findings.Any(f => f.Code == "NoEventStreamDefinition"));
    }

    [Fact]
    public void Object_slot_and_publication_go_in_this_order()
    {
        var withObject = Plan(new Situation { HasStream = false, Publications = { [Slot] = ["public.orders"] }, Slots = Ours, HasObject = true });
        Assert.Null(withObject.Slots);
        Assert.DoesNotContain(withObject.Changes, c => c.Change is DropPublication);
        Assert.Contains("acid-test-12345", Assert.Single(withObject.Pending).Explanation, StringComparison.Ordinal);

        var withSlot = Plan(new Situation { HasStream = false, Publications = { [Slot] = ["public.orders"] }, Slots = Ours });
        Assert.Equal("""{"slots":{"fes_foo_app":null}}""", withSlot.Slots!.Patch.ToJsonString());
        Assert.DoesNotContain(withSlot.Changes, c => c.Change is DropPublication);

        var last = Plan(new Situation { HasStream = false, Publications = { [Slot] = ["public.orders"] } });
        Assert.Null(last.Slots);
        Assert.Equal(Slot, Assert.IsType<DropPublication>(Assert.Single(last.Changes, c => c.Change is DropPublication).Change).Publication);
    }

    [Fact]
    public void Nothing_goes_while_it_is_not_known_which_objects_there_are()
    {
        var plan = Plan(new Situation { HasStream = false, Publications = { [Slot] = ["public.orders"] }, Slots = Ours, Known = EventStreamKnowledge.NotListed });
        Assert.Null(plan.Slots);
        Assert.DoesNotContain(plan.Changes, c => c.Change is DropPublication);
    }

    [Fact]
    public void A_slot_of_another_shape_or_without_a_publication_is_never_touched_and_named()
    {
        var taken = Plan(new Situation { Publications = { [Slot] = ["public.orders"] }, Slots = """{"fes_foo_app":{"type":"physical"}}""" });
        Assert.Null(taken.Slots);
        Assert.Contains(taken.Findings, f => f.Code == "ForeignSlot" && f.Value == Slot);
        var leftOver = Plan(new Situation { HasStream = false, Slots = Ours });
        Assert.Null(leftOver.Slots);
        Assert.Contains(leftOver.Findings, f => f.Code == "LeftOverSlot" && f.Value == Slot);
    }

    [Fact]
    public void A_stream_whose_name_cannot_be_followed_loses_nothing()
    {
        var plan = Plan(new Situation { Application = "App", Publications = { ["fes_foo_App"] = ["public.orders"] } });
        Assert.Contains(plan.Findings, f => f.Code == "InvalidStream");
        Assert.DoesNotContain(plan.Changes, c => c.Change is DropPublication);
        Assert.Null(plan.Slots);
    }

    private static string Ours => """{"fes_foo_app":{"type":"logical","plugin":"pgoutput","database":"foo"},"other":{"type":"logical","plugin":"pgoutput","database":"foo"}}""";

    private static DatabasePlan Plan(Situation situation)
    {
        var contents = ObservedContents.OfNewDatabase with { Publications = situation.Publications.ToDictionary(p => p.Key, p => new ObservedPublication("postgres", p.Value)) };
        var objects = new List<JsonObject>();
        if (situation.HasObject) objects.Add(Parse("""{"kind":"FabricEventStream","metadata":{"name":"acid-test-12345","namespace":"default","labels":{"cluster-name":"acid-test"}},"spec":{"applicationId":"app","eventStreams":[{"source":{"schema":"public","table":{"name":"TABLE"},"jdbcConnection":{"slotName":"fes_foo_app"}}}]}}""".Replace("TABLE", situation.Table, StringComparison.Ordinal)));
        objects.Add(Parse("""{"kind":"Secret","metadata":{"name":"fes-user.acid-test.credentials.postgresql.acid.zalan.do","namespace":"default"}}"""));
        return DatabasePlanner.Plan(new DatabasePlanningInput
        {
            Manifest = new()
            {
                Metadata = new() { Name = "acid-test", Namespace = "default" },
                Spec = new()
                {
                    TeamId = "acid", NumberOfInstances = 1, Volume = new() { Size = "1Gi" }, Postgresql = new() { Version = "17" },
                    Streams = situation.HasStream ? [new() { ApplicationId = situation.Application, Database = "foo", Tables = new Dictionary<string, EventStreamTable?> { ["orders"] = new() { EventType = "e" } } }] : [],
                },
            },
            Settings = OperatorSettings.From(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new() }),
            Observed = ObservedCluster.FromObjects(objects) with
            {
                EventStreams = situation.Known,
                Patroni = new() { Configuration = Parse($$"""{"slots":{{situation.Slots}}}""") },
                Databases = new()
                {
                    WalLevel = situation.WalLevel,
                    Roles = new Dictionary<string, ObservedRole> { ["postgres"] = new() { Name = "postgres", Attributes = RoleAttributes.LoginOnly with { Superuser = true } } },
                    Databases = new Dictionary<string, ObservedDatabase> { ["foo"] = new() { Name = "foo", Owner = "foo", Contents = contents } },
                },
            },
            Now = default,
        });
    }

    [Theory]
    [InlineData(EventStreamKnowledge.NotListed, true)]
    [InlineData(EventStreamKnowledge.Listed, false)]
    [InlineData(EventStreamKnowledge.Forbidden, false)]
    [InlineData(EventStreamKnowledge.NoDefinition, false)]
    public void A_cluster_that_is_deleted_waits_until_its_objects_are_known_and_no_longer(EventStreamKnowledge known, bool waits)
    {
        var plan = ClusterPlanner.Plan(new PlanningInput
        {
            Manifest = new() { Metadata = new() { Name = "acid-test", Namespace = "default", Finalizers = ["postgres-operator.acid.zalan.do"], DeletionTimestamp = new(DateTimeOffset.UnixEpoch) }, Spec = new() { TeamId = "acid" } },
            Configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new() },
            // It tells another process that there were streams, so it must not go before they are known.
            Observed = ObservedCluster.FromObjects([Parse("""{"kind":"Secret","metadata":{"name":"fes-user.acid-test.credentials.postgresql.acid.zalan.do","namespace":"default"}}""")]) with { EventStreams = known },
            Now = DateTimeOffset.UnixEpoch,
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        });
        Assert.Equal(waits, plan.Pending.Any(p => p.WaitsFor == WaitReason.NotObserved));
        Assert.Equal(waits ? 0 : 1, plan.Changes.OfType<DeleteObject>().Count(c => c.Kind.Kind == "Secret"));
    }

    [Fact]
    public void A_table_that_an_object_still_names_stays_published()
    {
        var plan = Plan(new Situation { Publications = { [Slot] = ["public.former"] }, Slots = Ours, HasObject = true, Table = "former" });
        Assert.Equal(["public.former", "public.orders"], Assert.IsType<AlterPublication>(Assert.Single(plan.Changes, c => c.Change is AlterPublication).Change).Tables);
        Assert.Equal(WaitReason.EarlierChange, Assert.Single(plan.Pending).WaitsFor);
        Assert.Equal("spec.streams[0]", plan.Changes.Single(c => c.Change is AlterPublication).Reasons[0].FieldPath);
        var nothing = Plan(new Situation { Publications = { [Slot] = ["public.former", "public.orders"] }, Slots = Ours, HasObject = true, Table = "former" });
        Assert.DoesNotContain(nothing.Changes, c => c.Change is AlterPublication);
        var last = Plan(new Situation { Publications = { [Slot] = ["public.former", "public.orders"] }, Slots = Ours, HasObject = true });
        Assert.Equal(["public.orders"], Assert.IsType<AlterPublication>(Assert.Single(last.Changes, c => c.Change is AlterPublication).Change).Tables);
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();

    private sealed record Situation
    {
        public bool HasStream { get; init; } = true;

        public string Application { get; init; } = "app";

        public bool HasObject { get; init; }

        public string Table { get; init; } = "orders";

        public string WalLevel { get; init; } = "logical";

        public EventStreamKnowledge Known { get; init; }

        public string Slots { get; init; } = "{}";

        public Dictionary<string, string[]> Publications { get; } = [];
    }
}
