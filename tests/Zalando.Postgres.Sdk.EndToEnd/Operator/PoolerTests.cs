using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>Real PgBouncers before the primary and the replica of a real cluster.</summary>
public sealed class PoolerTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Primary = OperatorCluster.Name + "-pooler";
    private const string Replica = OperatorCluster.Name + "-pooler-repl";

    // Newer ones do not tell the two apart.
    private static readonly string[] WrongPassword = ["authentication failed"];
    private static readonly string[] Unknown = ["no such user", .. WrongPassword];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Poolers_let_users_in_through_a_rotation_without_a_pause_and_again_after_a_failover()
    {
        Edit(spec =>
        {
            spec["enableConnectionPooler"] = true;
            spec["enableReplicaConnectionPooler"] = true;
            spec["connectionPooler"] = new JsonObject { ["numberOfInstances"] = 2, ["mode"] = "session" };
        });
        await cluster.UntilAsync("both poolers are ready", () => Ready(Primary) == 2 && Ready(Replica) == 2, Cancelled);

        await using (var connection = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled)) Assert.Equal("foo_user False", await WhoAsync(connection));
        await using (var connection = await cluster.ConnectAsync(Replica, "foo_user", "foo", Cancelled)) Assert.Equal("foo_user True", await WhoAsync(connection));
        // Super users are not served, whatever their password: they are refused as somebody whom nobody knows, not with a mistake in the configuration.
        var address = cluster.Sandbox.Services.Find("default", Primary)!;
        foreach (var (user, password, refusals) in new[] { ("nobody", "guess", Unknown), ("zalando", Password("zalando"), Unknown), ("postgres", Password("postgres"), Unknown), ("foo_user", "wrong", WrongPassword) })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ShopCluster.ConnectAsync(address, user, password, "foo", Cancelled));
            Assert.True(refusals.Any(r => refused.MessageText.Contains(r, StringComparison.Ordinal)), $"{user}: {refused.SqlState} {refused.MessageText}");
        }

        // The pooler's own role is rotated: the old one stays valid until the last pod has the new one, so nobody waits.
        var users = PodsOf(Primary).Select(p => p.Metadata.Uid).ToHashSet();
        Edit(spec => spec["usersWithSecretRotation"] = new JsonArray("pooler"));
        await cluster.UntilAsync("the rotation is scheduled", () => Secret("pooler").Data!.ContainsKey("nextRotation"), Cancelled);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var logins = LogInAgainAndAgainAsync(stop.Token);
        var secret = cluster.Api.Get(KubernetesKinds.Secret, "default", SecretName("pooler"))!;
        secret["data"]!["nextRotation"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("2001-01-01T00:00:00Z"));
        cluster.Api.Update(KubernetesKinds.Secret, secret);
        await cluster.UntilAsync(
            "every pod of the poolers has the new password",
            () => Encoding.UTF8.GetString(Secret("pooler").Data!["username"]) != "pooler" && Ready(Primary) == 2 && PodsOf(Primary) is { Count: 2 } pods && !pods.Any(p => users.Contains(p.Metadata.Uid)),
            Cancelled);
        await stop.CancelAsync();
        var (succeeded, failures) = await logins;
        Assert.True(succeeded > 0);
        Assert.Empty(failures);
        await using (var connection = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled)) Assert.Equal("foo_user False", await WhoAsync(connection));

        // The primary dies; through the same address users get to the new one.
        var old = cluster.Pods(OperatorCluster.Name).Single(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master" && p.Metadata.Labels?.GetValueOrDefault("application") == "spilo").Metadata.Name!;
        await cluster.Sandbox.Pods.KillAsync("default", old, Cancelled);
        await cluster.UntilAsync(
            "another member is the primary",
            () => cluster.Pods(OperatorCluster.Name).Any(p => p.Metadata.Name != old && p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master" && p.Metadata.Labels?.GetValueOrDefault("application") == "spilo"),
            Cancelled);
        var who = "";
        for (var attempt = 0; attempt < 60 && who != "foo_user False"; attempt++)
        {
            try
            {
                await using var connection = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled);
                who = await WhoAsync(connection);
            }
            catch (NpgsqlException)
            {
                // PgBouncer still hands out its connections to the old primary; an application tries again.
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancelled);
            }
        }

        Assert.Equal("foo_user False", who);
    }

    [Fact]
    public async Task Settings_and_access_list_of_the_manifest_are_in_force_when_the_new_pods_serve()
    {
        Edit(spec =>
        {
            spec["enableConnectionPooler"] = true;
            spec["connectionPooler"] = new JsonObject
            {
                ["numberOfInstances"] = 2,
                ["parameters"] = new JsonObject { ["application_name_add_host"] = "1" },
                ["users"] = new JsonObject { ["reporter"] = new JsonObject { ["poolMode"] = "session", ["maxUserConnections"] = 2 } },
                ["accessList"] = new JsonArray("hostssl foo foo_user 0.0.0.0/0 scram-sha-256", "hostssl all all 0.0.0.0/0 reject"),
            };
        });
        await cluster.UntilAsync(
            "every pod of the pooler has the configuration",
            () => Ready(Primary) == 2 && PodsOf(Primary) is { Count: 2 } pods && pods.All(p => p.Metadata.Annotations?.ContainsKey("acid.zalan.do/pooler-configuration") == true),
            Cancelled);
        await using (var connection = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled))
        {
            await using var command = new NpgsqlCommand("select current_setting('application_name')", connection);
            Assert.Contains(" - 127.", (string)(await command.ExecuteScalarAsync(Cancelled))!, StringComparison.Ordinal);
        }

        var address = cluster.Sandbox.Services.Find("default", Primary)!;
        await Assert.ThrowsAsync<PostgresException>(() => ShopCluster.ConnectAsync(address, "foo_user", Password("foo_user"), "postgres", Cancelled));
    }

    private static string SecretName(string role) => $"{role.Replace('_', '-')}.{OperatorCluster.Name}.credentials.postgresql.acid.zalan.do";

    private Secret Secret(string role) => cluster.Api.Get(KubernetesKinds.Secret, "default", SecretName(role))!.Deserialize(Resources.Kubernetes.Secret.JsonTypeInfo)!;

    private string Password(string role) => Encoding.UTF8.GetString(Secret(role).Data!["password"]);

    private IReadOnlyList<Pod> PodsOf(string pooler) =>
        [.. cluster.Pods(OperatorCluster.Name).Where(p => p.Metadata.Labels?.GetValueOrDefault("connection-pooler") == pooler && p.Metadata.DeletionTimestamp is null)];

    private int Ready(string pooler) => PodsOf(pooler).Count(p => p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);

    private void Edit(Action<JsonObject> change)
    {
        var manifest = cluster.Api.Get(Postgresql.Descriptor, "default", OperatorCluster.Name)!;
        change((JsonObject)manifest["spec"]!);
        cluster.Api.Update(Postgresql.Descriptor, manifest);
    }

    private async Task<(int Succeeded, List<string> Failures)> LogInAgainAndAgainAsync(CancellationToken stop)
    {
        var succeeded = 0;
        var failures = new List<string>();
        var address = cluster.Sandbox.Services.Find("default", Primary)!;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await ShopCluster.ConnectAsync(address, "foo_user", Password("foo_user"), "foo", stop);
                await WhoAsync(connection);
                succeeded++;
            }
            catch (PostgresException e)
            {
                // What PgBouncer or PostgreSQL say. A connection cut off by a pod that ends is the client's to repeat.
                if (e.SqlState != "57P01") failures.Add($"{e.SqlState} {e.MessageText}");
            }
            catch (Exception e) when (e is NpgsqlException or IOException or OperationCanceledException or TimeoutException)
            {
                if (!stop.IsCancellationRequested) await Task.Yield();
            }
        }

        return (succeeded, failures);
    }

    private static async Task<string> WhoAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select session_user || ' ' || initcap(pg_is_in_recovery()::text)", connection);
        return (string)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }
}
