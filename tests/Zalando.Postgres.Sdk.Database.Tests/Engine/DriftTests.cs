using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

[Collection("whole operator")]
public sealed class DriftTests(PostgresTemplate postgres)
{
    [Fact]
    public async Task A_changed_secret_reaches_the_database_at_once_and_an_unchanged_one_costs_nothing()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        var now = world.World.Time.GetUtcNow();
        world.Statements.Clear();
        world.EditSecret("foo_user", "password", "chosen by its owner");
        await world.World.RunUntilAsync(() => world.Statements.Count > 0, "the password changes");
        Assert.Equal(["postgres: ALTER ROLE \"foo_user\" PASSWORD '***'"], world.Statements);
        Assert.InRange(world.World.Time.GetUtcNow() - now, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await world.World.SettleAsync();
        Assert.Equal("foo_user", await world.LogInAsync("foo_user"));
        Assert.Contains(world.Events(), e => e.Contains("the stored password is not that of the Secret of the role", StringComparison.Ordinal));
        world.Statements.Clear();
        var end = world.World.Time.GetUtcNow().AddDays(3);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "days pass", TimeSpan.FromDays(5));
        Assert.Empty(world.Statements);
    }

    [Fact]
    public async Task A_policy_shows_drift_before_it_is_fixed_and_lets_the_rest_go_on()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        var policy = new NoPasswords();
        world.Policy = policy;
        world.World.StartOperator();
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.Server.ExecuteAsync("postgres", "ALTER ROLE foo_user PASSWORD 'by hand'; ALTER ROLE zalando NOCREATEDB");
        policy.IsFrozen = true;
        await world.World.RunUntilAsync(() => policy.Seen.Count > 0, "the drift is seen", TimeSpan.FromDays(3));
        await world.World.SettleAsync();
        Assert.Contains(world.Events(), e => e.Contains("HeldBack", StringComparison.Ordinal) && e.Contains("no new passwords today", StringComparison.Ordinal));
        Assert.Equal("True", await world.Server.ScalarAsync("postgres", "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'zalando'"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => world.LogInAsync("foo_user"));
        policy.IsFrozen = false;
        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("ALTER ROLE \"foo_user\" PASSWORD", StringComparison.Ordinal)), "it is repaired", TimeSpan.FromDays(3));
        await world.World.SettleAsync();
        Assert.Equal("foo_user", await world.LogInAsync("foo_user"));
    }

    [Fact]
    public async Task One_change_that_the_server_refuses_does_not_hold_up_the_others_and_is_named()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["preparedDatabases"] = new JsonObject
        {
            ["bar"] = new JsonObject { ["extensions"] = new JsonObject { ["no_such_extension"] = "data", ["hstore"] = "data" } },
            ["baz"] = new JsonObject(),
        };
        manifest["spec"]!["databases"] = new JsonObject { ["foo"] = "zalando", ["zoo"] = "foo_user" };
        world.BeforeChange = change => change is CreateDatabase { Name: "foo" } ? throw new DatabaseException(DatabaseFailure.Refused, "53100", "no space left on device") : Task.CompletedTask;
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.Cluster()?.Status?.Conditions?.Any(c => c is { Type: "Degraded", Status: "True" }) == true, "the failure is shown");
        var message = world.World.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message;
        Assert.Contains("no space left on device", message, StringComparison.Ordinal);
        Assert.Equal(["bar", "baz", "postgres", "zoo"], await world.Server.RowsAsync("postgres", "SELECT datname FROM pg_database WHERE datname !~ '^template' ORDER BY 1"));
        Assert.Equal(["hstore"], await world.Server.RowsAsync("bar", "SELECT extname FROM pg_extension WHERE extname = 'hstore'"));
        world.BeforeChange = null;
        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("CREATE DATABASE \"foo\"", StringComparison.Ordinal)), "it is tried again", TimeSpan.FromDays(2));
        await world.World.SettleAsync();
        Assert.Contains("foo", await world.Server.RowsAsync("postgres", "SELECT datname FROM pg_database"));
    }

    [Fact]
    public async Task The_plan_of_a_cluster_whose_catalogue_was_observed_shows_the_statements_without_secrets()
    {
        await using var instance = await postgres.StartAsync();
        await using var server = new PostgresServer(instance.Settings);
        var manifest = new Postgresql
        {
            Metadata = new() { Name = "acid-test", Namespace = "default" },
            Spec = new() { TeamId = "acid", NumberOfInstances = 1, Volume = new() { Size = "1Gi" }, Postgresql = new() { Version = "17" }, Users = new Dictionary<string, IReadOnlyList<string>?> { ["app"] = [] }, Databases = new Dictionary<string, string> { ["app"] = "app" } },
        };
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "app.acid-test.credentials.postgresql.acid.zalan.do", ["namespace"] = "default" },
            ["data"] = new JsonObject { ["username"] = DatabaseWorld.Encode("app"), ["password"] = DatabaseWorld.Encode("canary") },
        };
        var plan = ClusterPlanner.Plan(new()
        {
            Manifest = manifest,
            Configuration = new() { Form = ConfigurationForm.ConfigMap },
            Observed = ObservedCluster.FromObjects([secret]) with { Databases = await server.ObserveAsync(_ => true) },
            Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        });
        Assert.DoesNotContain(plan.Findings, f => f.Severity == FindingSeverity.Error);
        var text = PlanJson.Write(plan);
        Assert.Contains(plan.Changes.OfType<ChangeDatabase>(), c => c.Change is CreateRole { Role: "app" });
        Assert.Contains("CREATE DATABASE", string.Join('\n', plan.Changes.OfType<ChangeDatabase>().Select(c => c.Change.Statement)), StringComparison.Ordinal);
        Assert.Contains("PASSWORD '***'", string.Join('\n', plan.Changes.OfType<ChangeDatabase>().Select(c => c.Change.Statement)), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text + string.Join('\n', plan.Changes), StringComparison.Ordinal);
    }

    private sealed class NoPasswords : IPlanPolicy
    {
        public bool IsFrozen { get; set; }

        public List<string> Seen { get; } = [];

        public ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken)
        {
            if (!IsFrozen || change is not ChangeDatabase { Change: SetRolePassword }) return ValueTask.FromResult(PolicyDecision.Allow);
            Seen.Add(change.Target.ToString());
            return ValueTask.FromResult(PolicyDecision.Wait("no new passwords today"));
        }
    }
}
