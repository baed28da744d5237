using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

[Collection("whole operator")]
public sealed class SecretTests(PostgresTemplate postgres)
{
    [Fact]
    public async Task A_secret_that_its_owner_keeps_gives_the_password_and_is_left_alone()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        var own = Secret(DatabaseWorld.SecretName("foo_user"), OperatorWorld.Namespace, DatabaseWorld.Cluster, "of its owner");
        own["metadata"]!["annotations"] = new JsonObject { ["acid.zalan.do/bring-your-own"] = "true" };
        world.World.Server.Access.Create(KubernetesKinds.Secret, own);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["usersWithSecretRotation"] = new JsonArray("foo_user");
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        Assert.Equal("foo_user", await world.LogInAsync("foo_user"));
        Assert.Equal(["password", "username"], world.Secret("foo_user").Keys.Order(StringComparer.Ordinal));
        world.World.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, DatabaseWorld.Cluster);
        await world.World.RunUntilAsync(() => world.World.PodNames().Count == 0 && world.Secret("zalando").Count == 0, "the cluster is deleted");
        Assert.Equal("of its owner", world.Secret("foo_user")["password"]);
    }

    [Fact]
    public async Task A_secret_of_somebody_else_is_not_taken_over_and_holds_up_nothing_else()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, new() { Kubernetes = new() { EnableCrossNamespaceSecret = true } });
        world.World.EngineOptions = world.World.EngineOptions with { Namespaces = ["*"] };
        world.World.Server.Access.Create(KubernetesKinds.Namespace, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "shop" } });
        var name = DatabaseWorld.SecretName("shop.app");
        world.World.Server.Access.Create(KubernetesKinds.Secret, Secret(name, "shop", null, "somebody else's"));
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["users"] = new JsonObject { ["zalando"] = new JsonArray(), ["shop.app"] = new JsonArray(), ["shop.other"] = new JsonArray(), ["nowhere.app"] = new JsonArray() };
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.Cluster()?.Status?.Conditions?.Any(c => c is { Type: "Degraded", Status: "True" }) == true, "the failure is shown");
        await world.World.RunUntilAsync(() => world.Statements.Exists(t => t.Contains("CREATE DATABASE", StringComparison.Ordinal)), "the databases are made");
        await world.World.SettleAsync();
        Assert.Equal(DatabaseWorld.Encode("somebody else's"), (string?)world.World.Server.Access.Get(KubernetesKinds.Secret, "shop", name)!["data"]!["password"]);
        // The other Secrets and all roles are there.
        Assert.NotNull(world.World.Server.Access.Get(KubernetesKinds.Secret, "shop", DatabaseWorld.SecretName("shop.other")));
        Assert.Equal(["shop.app ", "shop.other SCRAM"], await world.Server.RowsAsync("postgres", "SELECT rolname || ' ' || coalesce(left(rolpassword, 5), '') FROM pg_authid WHERE rolname ~ '^shop' ORDER BY 1"));
        Assert.Contains(world.Events(), e => e.Contains("belongs to somebody else", StringComparison.Ordinal) || e.Contains("nowhere", StringComparison.Ordinal));
        Assert.Equal("zalando", await world.LogInAsync("zalando"));
        // It is handed over.
        var secret = world.World.Server.Access.Get(KubernetesKinds.Secret, "shop", name)!;
        secret["metadata"]!["labels"] = new JsonObject { ["cluster-name"] = DatabaseWorld.Cluster };
        world.World.Server.Access.Update(KubernetesKinds.Secret, secret);
        world.World.Server.Access.Create(KubernetesKinds.Namespace, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "nowhere" } });
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster is well", TimeSpan.FromDays(2));
        Assert.Equal(["shop.app SCRAM"], await world.Server.RowsAsync("postgres", "SELECT rolname || ' ' || coalesce(left(rolpassword, 5), '') FROM pg_authid WHERE rolname = 'shop.app'"));
    }

    [Fact]
    public async Task Connection_details_are_added_when_asked_for_and_work()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["metadata"]!["annotations"] = new JsonObject { ["acid.zalan.do/connection-details"] = "true" };
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        world.EditSecret("zalando", "password", "a;b\"c'd @:/?&=%ü");
        await world.World.RunUntilAsync(() => world.Secret("zalando")["uri"].Contains("%40", StringComparison.Ordinal), "the details follow");
        await world.World.SettleAsync();
        var secret = world.Secret("zalando");
        Assert.Equal(("acid-minimal-cluster.default.svc.cluster.local", "5432", "foo"), (secret["host"], secret["port"], secret["database"]));
        Assert.Equal("postgres", world.Secret("foo_user")["database"]);
        Assert.DoesNotContain("uri", world.Secret("postgres").Keys);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(secret["npgsql"]) { Host = "127.0.0.1", Port = world.Server.Port, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        Assert.Equal("foo", connection.Database);
        Assert.StartsWith("jdbc:postgresql://acid-minimal-cluster.default.svc.cluster.local:5432/foo?user=zalando&password=a%3Bb%22c%27d%20%40%3A%2F%3F%26%3D%25%C3%BC&", secret["jdbc"], StringComparison.Ordinal);
        var uri = secret["uri"].Replace("acid-minimal-cluster.default.svc.cluster.local:5432", "127.0.0.1:" + world.Server.Port, StringComparison.Ordinal).Replace("sslmode=require", "sslmode=disable", StringComparison.Ordinal);
        Assert.Equal("zalando", (await PostgresPrograms.RunAsync("psql", "-XAtw", uri, "-c", "SELECT session_user")).Trim());
    }

    [Fact]
    public async Task A_database_goes_with_its_entry_only_when_it_was_marked_and_nobody_is_in_it()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        await world.Server.ExecuteAsync("postgres", "CREATE DATABASE by_hand");
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["databases"] = new JsonObject { ["foo"] = "zalando", ["early"] = "zalando" };
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        // It leaves before the policy comes: kept.
        manifest["spec"]!["databases"] = new JsonObject { ["foo"] = "zalando", ["late"] = "zalando" };
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        manifest["spec"]!["databaseReclaimPolicy"] = "Delete";
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        manifest["spec"]!["databases"] = new JsonObject { ["foo"] = "zalando" };
        await using (await world.Server.ConnectAsync("late"))
        {
            world.World.Apply(manifest);
            await world.World.RunUntilAsync(() => world.World.Cluster()?.Status?.Conditions?.Any(c => c is { Type: "Degraded", Status: "True" }) == true, "the server refuses");
            Assert.Contains("being accessed by other users", world.World.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        }

        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the database goes", TimeSpan.FromDays(2));
        Assert.Equal(["by_hand", "early", "foo", "postgres"], await world.Server.RowsAsync("postgres", "SELECT datname FROM pg_database WHERE datname !~ '^template' ORDER BY 1"));
    }

    private static JsonObject Secret(string name, string space, string? cluster, string password) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space, ["labels"] = cluster is null ? [] : new JsonObject { ["application"] = "spilo", ["cluster-name"] = cluster } },
        ["type"] = "Opaque",
        ["data"] = new JsonObject { ["username"] = DatabaseWorld.Encode(name.StartsWith("shop.app", StringComparison.Ordinal) ? "shop.app" : "foo_user"), ["password"] = DatabaseWorld.Encode(password) },
    };
}
