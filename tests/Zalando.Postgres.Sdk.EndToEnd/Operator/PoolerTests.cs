using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
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
        cluster.Edit(spec =>
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
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.ConnectAsync(address, user, password, "foo", Cancelled));
            Assert.True(refusals.Any(r => refused.MessageText.Contains(r, StringComparison.Ordinal)), $"{user}: {refused.SqlState} {refused.MessageText}");
        }

        // The pooler's own role is rotated: the old one stays valid until the last pod has the new one, so nobody waits.
        var users = PodsOf(Primary).Select(p => p.Metadata.Uid).ToHashSet();
        cluster.Edit(spec => spec["usersWithSecretRotation"] = new JsonArray("pooler"));
        await cluster.UntilAsync("the rotation is scheduled", () => Secret("pooler").Data!.ContainsKey("nextRotation"), Cancelled);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var logins = LogInAgainAndAgainAsync(stop.Token);
        cluster.EditSecret("pooler", ("nextRotation", "2001-01-01T00:00:00Z"));
        await cluster.UntilAsync(
            "every pod of the poolers has the new password",
            () => Encoding.UTF8.GetString(Secret("pooler").Data!["username"]) != "pooler" && Ready(Primary) == 2 && PodsOf(Primary) is { Count: 2 } pods && !pods.Any(p => users.Contains(p.Metadata.Uid)),
            Cancelled);
        await stop.CancelAsync();
        var (succeeded, failures) = await logins;
        Assert.True(succeeded > 0);
        Assert.Empty(failures);
        await using (var connection = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled)) Assert.Equal("foo_user False", await WhoAsync(connection));
    }

    [Fact]
    public async Task After_a_failover_clients_of_the_pooler_go_on_or_get_in_at_their_first_new_attempt()
    {
        cluster.Edit(spec =>
        {
            spec["enableConnectionPooler"] = true;
            spec["enableReplicaConnectionPooler"] = true;
            spec["connectionPooler"] = new JsonObject { ["numberOfInstances"] = 1, ["mode"] = "transaction" };
        });
        await cluster.UntilAsync("both poolers work by transaction", () => Works(Primary, 1, "transaction") && Works(Replica, 1, "transaction"), Cancelled);
        await using var idle = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled);
        await using var reader = await cluster.ConnectAsync(Replica, "foo_user", "foo", Cancelled);
        Assert.Equal(("foo_user False", "foo_user True"), (await WhoAsync(idle), await WhoAsync(reader)));

        var old = cluster.Pods(OperatorCluster.Name).Single(IsPrimary).Metadata.Name!;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await cluster.Sandbox.Pods.KillAsync("default", old, Cancelled);
        // From here on an application without a pooler could work again.
        await cluster.UntilAsync("another member is the primary", () => cluster.Pods(OperatorCluster.Name).Any(p => p.Metadata.Name != old && IsPrimary(p)), Cancelled);
        var who = "";
        while (who != "foo_user False")
        {
            await using var direct = await cluster.ConnectAsync(OperatorCluster.Name, "foo_user", "foo", Cancelled);
            who = await WhoAsync(direct);
        }

        var direct_ = clock.Elapsed;
        // Nobody was bound to a connection of the dead server: the client that was there before goes on, without even a new connection.
        await using (var command = new NpgsqlCommand("select session_user || ' ' || initcap(pg_is_in_recovery()::text)", idle) { CommandTimeout = 30 })
            Assert.Equal("foo_user False", await command.ExecuteScalarAsync(Cancelled));
        // One that comes now waits in PgBouncer until that has tried again (server_login_retry, 5 s), and needs one attempt.
        await using (var connection = await ConnectOnceAsync(Primary)) Assert.Equal("foo_user False", await WhoAsync(connection));
        Console.WriteLine($"measured: after the death of the primary a client gets through directly in {direct_.TotalSeconds:0.0} s, through the pooler in {clock.Elapsed.TotalSeconds:0.0} s");

        await cluster.UntilAsync("the members are ready", AreMembersReady, Cancelled);
        // A promotion breaks no connection: until theirs end, clients of the other pooler may be served by the member that is the primary now.
        await using (var connection = await cluster.ConnectAsync(Replica, "foo_user", "foo", Cancelled)) Assert.StartsWith("foo_user ", await WhoAsync(connection), StringComparison.Ordinal);

        async Task<NpgsqlConnection> ConnectOnceAsync(string service)
        {
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
            {
                Host = cluster.Sandbox.Services.Find("default", service)!.ToString(), Username = "foo_user", Password = Password("foo_user"), Database = "foo",
                SslMode = SslMode.Require, Pooling = false, Timeout = 20, CommandTimeout = 20, GssEncryptionMode = GssEncryptionMode.Disable,
            }.ConnectionString);
            await connection.OpenAsync(Cancelled);
            return connection;
        }
    }

    [Fact]
    public async Task Clients_see_the_certificate_of_the_owner_and_a_renewed_one_without_anybody_doing_anything()
    {
        cluster.Edit(spec =>
        {
            spec["enableConnectionPooler"] = true;
            spec["enableReplicaConnectionPooler"] = true;
            spec["connectionPooler"] = new JsonObject { ["numberOfInstances"] = 1 };
        });
        await cluster.UntilAsync("both poolers are ready", () => Ready(Primary) == 1 && Ready(Replica) == 1, Cancelled);
        using var first = new OwnAuthority("first");
        using var second = new OwnAuthority("second");
        string[] services = [OperatorCluster.Name, OperatorCluster.Name + "-repl", Primary, Replica];
        var addresses = services.Select(s => cluster.Sandbox.Services.Find("default", s)!).ToArray();
        cluster.Api.Create(KubernetesKinds.Secret, first.Secret("pg-tls", addresses));
        cluster.Edit(spec =>
        {
            spec["tls"] = new JsonObject { ["secretName"] = "pg-tls", ["caFile"] = "ca.crt" };
            spec["spiloFSGroup"] = 103;
        });
        await cluster.UntilAsync("pods of all kinds have the certificate", () => cluster.Pods(OperatorCluster.Name).All(UsesCertificate) && Ready(Primary) == 1 && Ready(Replica) == 1, Cancelled);
        await cluster.UntilAsync("the members are ready", AreMembersReady, Cancelled);
        foreach (var service in services) await VerifiedAsync(service, first);

        // Between PgBouncer and PostgreSQL nothing is open, either.
        await using (var connection = await cluster.ConnectAsync(Primary, "foo_user", "foo", Cancelled))
            Assert.Equal(true, await connection.ScalarAsync("select ssl from pg_stat_ssl where pid = pg_backend_pid()", Cancelled));
        // Somebody who trusts another authority does not get in.
        await Assert.ThrowsAsync<NpgsqlException>(() => OpenVerifiedAsync(Primary, second, Cancelled));

        var members = cluster.Pods(OperatorCluster.Name).Where(p => p.Metadata.Labels?.GetValueOrDefault("application") == "spilo").Select(p => p.Metadata.Uid).Order(StringComparer.Ordinal).ToArray();
        var renewed = cluster.Api.Get(KubernetesKinds.Secret, "default", "pg-tls")!;
        renewed["data"] = second.Secret("pg-tls", addresses)["data"]!.DeepClone();
        cluster.Api.Update(KubernetesKinds.Secret, renewed);
        await VerifiedAsync(Primary, second);
        await VerifiedAsync(Replica, second);
        await cluster.UntilAsync("the history says why", () => cluster.Api.List(KubernetesKinds.ConfigMap, "default").Any(m => m["data"]?.ToJsonString().Contains("the Secret of spec.tls has another certificate", StringComparison.Ordinal) == true), Cancelled);
        // Database pods read it by themselves: none is made again.
        await cluster.PassesAsync(OperatorCluster.Name, 2, Cancelled);
        Assert.Equal(members, cluster.Pods(OperatorCluster.Name).Where(p => p.Metadata.Labels?.GetValueOrDefault("application") == "spilo").Select(p => p.Metadata.Uid).Order(StringComparer.Ordinal));

        async Task VerifiedAsync(string service, OwnAuthority authority)
        {
            await using var connection = await cluster.Watch.SucceedAsync($"{service} shows the certificate", token => OpenVerifiedAsync(service, authority, token), Cancelled);
            Assert.StartsWith("foo_user ", await WhoAsync(connection), StringComparison.Ordinal);
        }

        static bool UsesCertificate(Pod pod) => pod.Spec?.Volumes?.Any(v => v.Secret?.SecretName == "pg-tls") == true && pod.Metadata.DeletionTimestamp is null;
    }

    [Fact]
    public async Task Settings_and_access_list_of_the_manifest_are_in_force_when_the_new_pods_serve()
    {
        cluster.Edit(spec =>
        {
            spec["enableConnectionPooler"] = true;
            spec["users"]!["reporter"] = new JsonArray();
            spec["connectionPooler"] = new JsonObject
            {
                ["numberOfInstances"] = 2,
                ["parameters"] = new JsonObject { ["application_name_add_host"] = "1" },
                ["users"] = new JsonObject { ["reporter"] = new JsonObject { ["poolMode"] = "session", ["maxUserConnections"] = 2 } },
                ["accessList"] = new JsonArray("hostssl foo foo_user 0.0.0.0/0 scram-sha-256", "hostssl foo reporter 0.0.0.0/0 scram-sha-256", "hostssl all all 0.0.0.0/0 reject"),
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
        await Assert.ThrowsAsync<PostgresException>(() => Sql.ConnectAsync(address, "foo_user", Password("foo_user"), "postgres", Cancelled));
        // A role with limits of its own gets in, though this PgBouncer would not look its password up.
        await using (var connection = await cluster.ConnectAsync(Primary, "reporter", "foo", Cancelled)) Assert.Equal("reporter False", await WhoAsync(connection));
    }

    private bool AreMembersReady() =>
        cluster.Pods(OperatorCluster.Name).Where(p => p.Metadata.Labels?.GetValueOrDefault("application") == "spilo").ToArray() is { Length: 2 } members
        && members.All(p => p.Metadata.DeletionTimestamp is null && p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true)
        && members.Count(IsPrimary) == 1 && members.Count(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "replica") == 1
        && cluster.Cluster(OperatorCluster.Name)!.Status!.Conditions!.Any(c => c is { Type: "Progressing", Status: "False" });

    private static bool IsPrimary(Pod pod) => pod.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master" && pod.Metadata.Labels?.GetValueOrDefault("application") == "spilo";

    private bool Works(string pooler, int count, string mode) => Ready(pooler) == count && PodsOf(pooler) is var pods && pods.Count == count
        && pods.All(p => p.Spec?.Containers?[0].Env?.Any(e => e is { Name: "CONNECTION_POOLER_MODE" } && e.Value == mode) == true);

    private async Task<NpgsqlConnection> OpenVerifiedAsync(string service, OwnAuthority authority, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = cluster.Sandbox.Services.Find("default", service)!.ToString(), Username = "foo_user", Password = Password("foo_user"), Database = "foo",
            SslMode = SslMode.VerifyFull, RootCertificate = authority.File, Pooling = false, Timeout = 5, CommandTimeout = 10, GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private Secret Secret(string role) => cluster.SecretOf(role)!;

    private string Password(string role) => cluster.SecretValue(role, "password")!;

    private IReadOnlyList<Pod> PodsOf(string pooler) =>
    [
        .. cluster.Api.List(KubernetesKinds.Pod, "default").Select(p => p.Deserialize(Pod.JsonTypeInfo)!)
            .Where(p => p.Metadata.Labels?.GetValueOrDefault("connection-pooler") == pooler && p.Metadata.DeletionTimestamp is null),
    ];

    private int Ready(string pooler) => PodsOf(pooler).Count(p => p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);

    private async Task<(int Succeeded, List<string> Failures)> LogInAgainAndAgainAsync(CancellationToken stop)
    {
        var succeeded = 0;
        var failures = new List<string>();
        var address = cluster.Sandbox.Services.Find("default", Primary)!;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await Sql.ConnectAsync(address, "foo_user", Password("foo_user"), "foo", stop);
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
