using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Patroni;

public sealed class PatroniClusterTests(ShopCluster shop)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stateful_set_of_two_becomes_a_primary_with_a_streaming_replica()
    {
        var (primary, replica) = await shop.HealthyAsync(Cancellation);
        Assert.Equal("master", (string?)shop.Pod(primary)["metadata"]!["labels"]!["spilo-role"]);
        Assert.Equal("replica", (string?)shop.Pod(replica)["metadata"]!["labels"]!["spilo-role"]);
        Assert.Null(shop.Pod(replica)["metadata"]!["labels"]!["critical-operation"]);
        Assert.NotEqual(shop.Sandbox.Pods.Find("default", primary)!.Address, shop.Sandbox.Pods.Find("default", replica)!.Address);

        await using var connection = await shop.ConnectAsync(Cancellation);
        Assert.Equal("streaming", await connection.ScalarAsync("select state from pg_stat_replication where application_name like 'shop-%'", Cancellation));
        Assert.Equal("on", await connection.ScalarAsync("show ssl", Cancellation));
        Assert.Equal("100MB", await connection.ScalarAsync("show shared_buffers", Cancellation));
        Assert.Equal("admin,cron_admin,robot_zmon,zalandos", await connection.ScalarAsync("select string_agg(rolname, ',' order by rolname) from pg_roles where rolname in ('admin', 'cron_admin', 'robot_zmon', 'zalandos') and not rolcanlogin", Cancellation));
    }

    [Fact]
    public async Task A_killed_primary_is_replaced_and_comes_back_as_a_replica_without_losing_a_committed_row()
    {
        var (primary, replica) = await shop.HealthyAsync(Cancellation);
        await using var writer = RowWriter.Start(shop.Watch, shop.ConnectAsync);
        await writer.CommittedAsync(20, Cancellation);
        var restarts = shop.Sandbox.Pods.Find("default", primary)!.Restarts;
        var clock = Stopwatch.StartNew();
        await shop.Sandbox.Pods.KillAsync("default", primary, Cancellation);
        var atKill = writer.Committed;

        await shop.UntilAsync("the service of the primary leads to the former replica", () => TestSandbox.Endpoint(shop.Api, "shop") == replica, Cancellation);
        var promoted = clock.Elapsed;
        await writer.CommittedAsync(atKill + 20, Cancellation);
        Console.WriteLine($"measured: failover after SIGKILL of the primary: the service follows after {promoted.TotalSeconds:0.0} s, writes work again after {writer.LongestGap.TotalSeconds:0.0} s (ttl {TestSandbox.FastOptions.PatroniTiming.TimeToLive} s)");

        var (newPrimary, newReplica) = await shop.HealthyAsync(Cancellation);
        Assert.Equal((replica, primary), (newPrimary, newReplica));
        Assert.Equal(restarts + 1, shop.Sandbox.Pods.Find("default", primary)!.Restarts);
        Assert.Equal("replica", (string?)shop.Pod(primary)["metadata"]!["labels"]!["spilo-role"]);

        await writer.StopAsync();
        await using var check = await shop.ConnectAsync(Cancellation);
        Assert.Empty(await writer.MissingAsync(check, writer.Rows, Cancellation));
        await using var standby = await Sql.ConnectAsync(shop.Sandbox.Services.Find("default", "shop-repl")!, "postgres", ShopCluster.SuperuserPassword, "postgres", Cancellation);
        Assert.Equal(true, await standby.ScalarAsync("select pg_is_in_recovery()", Cancellation));
    }

    [Fact]
    public async Task A_deleted_primary_hands_over_and_comes_back_with_its_data_and_a_new_address()
    {
        var (primary, replica) = await shop.HealthyAsync(Cancellation);
        var before = shop.Sandbox.Pods.Find("default", primary)!;
        var uid = (string?)shop.Pod(primary)["metadata"]!["uid"];
        var clock = Stopwatch.StartNew();
        shop.Api.Delete(KubernetesKinds.Pod, "default", primary);
        await shop.UntilAsync("the service of the primary leads to the former replica", () => TestSandbox.Endpoint(shop.Api, "shop") == replica, Cancellation);
        Console.WriteLine($"measured: handover after the deletion of the primary's pod: {clock.Elapsed.TotalSeconds:0.0} s");
        await shop.UntilAsync("the pod has been made anew", () => shop.Api.Get(KubernetesKinds.Pod, "default", primary) is { } pod && (string?)pod["metadata"]!["uid"] != uid, Cancellation);
        Assert.Equal((replica, primary), await shop.HealthyAsync(Cancellation));
        var after = shop.Sandbox.Pods.Find("default", primary)!;
        Assert.NotEqual(before.Address, after.Address);
        Assert.Equal(0, after.Restarts);
        Assert.DoesNotContain(before.ProcessIds, id => Directory.Exists($"/proc/{id}"));

        // Not a new copy: the data directory of the claim was taken up again.
        var log = await LogAsync(primary);
        Assert.DoesNotContain("replica has been created", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_of_a_pod_holds_what_Patroni_and_PostgreSQL_say_and_no_password()
    {
        var (primary, _) = await shop.HealthyAsync(Cancellation);
        var log = await LogAsync(primary);
        Assert.Contains("the leader with the lock", log, StringComparison.Ordinal);
        Assert.Contains("database system is ready to accept connections", log, StringComparison.Ordinal);
        Assert.DoesNotContain(ShopCluster.SuperuserPassword, log, StringComparison.Ordinal);
        Assert.DoesNotContain("standby-secret", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_run_inside_a_pod_as_its_database_user()
    {
        var (primary, _) = await shop.HealthyAsync(Cancellation);
        using var client = shop.Client();
        var query = await client.ExecAsync("default", primary, "postgres", ["psql", "-XAtc", "select current_user, pg_is_in_recovery()"], null, Cancellation);
        Assert.Equal((0, "postgres|f"), (query.ExitCode, query.Output.Trim()));
        var members = await client.ExecAsync("default", primary, "postgres", ["patronictl", "-c", "/home/postgres/postgres.yml", "list", "-f", "json"], null, Cancellation);
        Assert.Equal(0, members.ExitCode);
        Assert.Equal(["Leader", "Sync Standby"], JsonNode.Parse(members.Output)!.AsArray().Select(m => (string?)m!["Role"]).Order());
        var failed = await client.ExecAsync("default", primary, "postgres", ["sh", "-c", "echo gone wrong >&2; exit 7"], null, Cancellation);
        Assert.Equal((7, "gone wrong"), (failed.ExitCode, failed.ErrorOutput.Trim()));
    }

    [Fact]
    public async Task Killing_PostgreSQL_inside_a_pod_hits_that_pod_only_and_Patroni_starts_it_again()
    {
        var (primary, replica) = await shop.HealthyAsync(Cancellation);
        const string started = "select pg_postmaster_start_time()::text";
        using var client = shop.Client();
        string Query(string sql) => $"psql -XAtc \"{sql}\"";
        var before = await client.ExecAsync("default", replica, "postgres", ["sh", "-c", Query(started)], null, Cancellation);
        var untouched = await client.ExecAsync("default", primary, "postgres", ["sh", "-c", Query(started)], null, Cancellation);
        var restarts = shop.Sandbox.Pods.Find("default", replica)!.Restarts;
        var killed = await client.ExecAsync("default", replica, "postgres", ["pkill", "-9", "postgres"], null, Cancellation);
        Assert.Equal(0, killed.ExitCode);

        var after = await client.ExecAsync("default", replica, "postgres", ["sh", "-c", $"until {Query(started)} 2>/dev/null; do sleep 0.2; done"], null, Cancellation);
        Assert.NotEqual(before.Output, after.Output);
        Assert.Equal(untouched.Output, (await client.ExecAsync("default", primary, "postgres", ["sh", "-c", Query(started)], null, Cancellation)).Output);
        Assert.Equal(restarts, shop.Sandbox.Pods.Find("default", replica)!.Restarts);
    }

    [Fact]
    public async Task A_pooler_pod_lets_users_in_through_PgBouncer()
    {
        await shop.HealthyAsync(Cancellation);
        await using (var connection = await shop.ConnectAsync(Cancellation))
        {
            await connection.ScalarAsync("""
                create schema if not exists pooler;
                create or replace function pooler.user_lookup(in i_username text, out uname text, out phash text) returns record
                  security definer set search_path = pg_catalog language sql as 'select usename::text, passwd from pg_shadow where usename = i_username';
                do $$ begin
                  if not exists (select from pg_roles where rolname = 'pooler') then create role pooler login password 'pooler-secret'; end if;
                  if not exists (select from pg_roles where rolname = 'customer') then create role customer login password 'customer-secret'; end if;
                end $$;
                grant usage on schema pooler to pooler;
                grant execute on function pooler.user_lookup(text) to pooler;
                """, Cancellation);
        }

        Manifests.EmbeddedManifest.Create(shop.Api, "pooler.yaml");
        await shop.UntilAsync("the pooler is ready", () => TestSandbox.Endpoint(shop.Api, "shop-pooler") == "shop-pooler-1", Cancellation);
        var address = shop.Sandbox.Services.Resolve("shop-pooler.default.svc.cluster.local")!;
        await using (var customer = await Sql.ConnectAsync(address, "customer", "customer-secret", "postgres", Cancellation))
        {
            Assert.Equal("customer", await customer.ScalarAsync("select current_user::text", Cancellation));
        }

        var refused = await Assert.ThrowsAnyAsync<NpgsqlException>(() => Sql.ConnectAsync(address, "customer", "wrong", "postgres", Cancellation));
        Assert.Contains("authentication failed", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_are_let_in_as_the_image_lets_them_in()
    {
        var (primary, _) = await shop.HealthyAsync(Cancellation);
        var address = shop.Sandbox.Pods.Find("default", primary)!.Address;
        var plain = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var connection = new NpgsqlConnection($"Host={address};Username=postgres;Password=x;SSL Mode=Disable;Pooling=false;Timeout=3;GSS Encryption Mode=Disable");
            await connection.OpenAsync(Cancellation);
        });
        Assert.Equal("28000", plain.SqlState);
        var wrong = await Assert.ThrowsAsync<PostgresException>(() => Sql.ConnectAsync(address, "postgres", "wrong", "postgres", Cancellation));
        Assert.Equal("28P01", wrong.SqlState);
    }

    [Fact]
    public async Task Two_sandboxes_run_beside_each_other()
    {
        await shop.HealthyAsync(Cancellation);
        await using var other = await Sandbox.SandboxCluster.StartAsync(TestSandbox.FastOptions with { Nodes = 1 }, Cancellation);
        foreach (var value in Manifests.EmbeddedManifest.Read("two-members.yaml"))
        {
            if ((string?)value["kind"] == "StatefulSet") value["spec"]!["replicas"] = 1;
            Manifests.EmbeddedManifest.Create(other.ApiServer.Access, value);
        }

        await new SandboxWatch(other).UntilAsync("the other cluster has a primary", () => TestSandbox.Endpoint(other.ApiServer.Access, "shop") == "shop-0", Cancellation);
        await using var mine = await shop.ConnectAsync(Cancellation);
        await using var theirs = await Sql.ConnectAsync(other.Services.Find("default", "shop")!, "postgres", ShopCluster.SuperuserPassword, "postgres", Cancellation);
        const string identity = "select system_identifier::text from pg_control_system()";
        Assert.NotEqual(await mine.ScalarAsync(identity, Cancellation), await theirs.ScalarAsync(identity, Cancellation));
        Assert.NotEqual(shop.Sandbox.Directory, other.Directory);
        var processes = other.Pods.List().SelectMany(p => p.ProcessIds).ToList();
        Assert.NotEmpty(processes);
        await other.DisposeAsync();
        Assert.DoesNotContain(processes, id => Directory.Exists($"/proc/{id}"));
        Assert.False(Directory.Exists(other.Directory));
    }

    private async Task<string> LogAsync(string pod)
    {
        using var client = shop.Client();
        await using var stream = await client.OpenLogAsync("default", pod, "postgres", null, Cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
