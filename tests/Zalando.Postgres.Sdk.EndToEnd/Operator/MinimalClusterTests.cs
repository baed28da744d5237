using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>The minimal manifest with the whole operator and real databases. Every test starts from a ready cluster and leaves one behind.</summary>
public sealed class MinimalClusterTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Primary_and_replica_serve_the_roles_and_databases_of_the_manifest()
    {
        await ReadyAsync();
        await using var primary = await cluster.ConnectAsync(OperatorCluster.Name, "zalando", "foo", Cancelled);
        Assert.Equal(false, await primary.ScalarAsync("select pg_is_in_recovery()", Cancelled));
        Assert.Equal("zalando", await primary.ScalarAsync("select pg_get_userbyid(datdba) from pg_database where datname = 'foo'", Cancelled));
        Assert.Equal("bar_owner", await primary.ScalarAsync("select pg_get_userbyid(datdba) from pg_database where datname = 'bar'", Cancelled));
        Assert.Equal("bar_owner,bar_reader,bar_writer,foo_user", await primary.ScalarAsync("select string_agg(rolname, ',' order by rolname) from pg_roles where rolname in ('bar_owner', 'bar_reader', 'bar_writer', 'foo_user')", Cancelled));
        Assert.Equal(true, await primary.ScalarAsync("select rolsuper and rolcreatedb from pg_roles where rolname = 'zalando'", Cancelled));
        Assert.Equal(true, await primary.ScalarAsync("select ssl from pg_stat_ssl where pid = pg_backend_pid()", Cancelled));

        await using var replica = await cluster.ConnectAsync(OperatorCluster.Name + "-repl", "foo_user", "foo", Cancelled);
        Assert.Equal(true, await replica.ScalarAsync("select pg_is_in_recovery()", Cancelled));
    }

    [Fact]
    public async Task A_resync_of_an_unchanged_cluster_makes_no_request_and_changes_nothing_in_the_database()
    {
        await ReadyAsync();
        await using var connection = await cluster.ConnectAsync(OperatorCluster.Name, "zalando", "postgres", Cancelled);
        await connection.ScalarAsync("create extension if not exists pg_stat_statements", Cancelled);
        // Work that the readiness has set off ends first.
        await cluster.PassesAsync(OperatorCluster.Name, 2, Cancelled);
        await connection.ScalarAsync("select pg_stat_statements_reset()", Cancelled);
        var before = cluster.Sandbox.ApiServer.RequestLog.Count;

        await cluster.PassesAsync(OperatorCluster.Name, 5, Cancelled);

        var requests = cluster.Sandbox.ApiServer.RequestLog.Snapshot().TakeLast((int)(cluster.Sandbox.ApiServer.RequestLog.Count - before))
            .Where(r => r.UserAgent?.StartsWith("zalando-postgres-sdk", StringComparison.Ordinal) == true && r.Verb != "watch");
        Assert.Empty(requests.Select(r => $"{r.Verb} {r.Resource} {r.Name}"));
        var statements = await connection.ListAsync("select query from pg_stat_statements where regexp_replace(query, '^(\\s*--[^\\n]*\\n)+', '') !~* '^\\s*(select|show|set|begin|commit|discard|start transaction|declare|fetch|close|with)' or query ~* 'into '", Cancelled);
        Assert.DoesNotContain(statements, s => !s.Contains("pg_stat_statements_reset", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_the_primary_is_killed_the_replica_takes_over_and_no_committed_row_is_lost()
    {
        await ReadyAsync();
        var primary = cluster.Primary(OperatorCluster.Name);
        await using var writer = cluster.StartWriter();
        await writer.CommittedAsync(20, Cancelled);

        var committed = await writer.PauseAsync(Cancelled);
        await ReplicatedAsync();
        writer.Resume();
        var clock = Stopwatch.StartNew();
        await cluster.Sandbox.Pods.KillAsync("default", primary, Cancelled);
        await AnotherLeadsAsync(primary);
        await writer.GoesOnAsync(Cancelled);
        Console.WriteLine($"measured: failover after SIGKILL of the primary, until writes work again: {clock.Elapsed.TotalSeconds:0.0} s; longest gap between commits {writer.LongestGap.TotalSeconds:0.0} s");

        await ReadyAsync();
        Assert.Equal("replica", cluster.Pods(OperatorCluster.Name).Single(p => p.Metadata.Name == primary).Metadata.Labels!["spilo-role"]);
        await writer.StopAsync();
        await using var check = await cluster.ConnectAsync(OperatorCluster.Name, "zalando", "foo", Cancelled);
        // Replication is asynchronous here: what was committed and replicated before the kill must be there, and all that the new primary confirmed.
        Assert.Empty(await writer.MissingAsync(check, committed, Cancelled));
        Assert.Empty(await writer.MissingAsync(check, writer.RowsOfTheNewPrimary(clock), Cancelled));
    }

    [Fact]
    public async Task In_synchronous_mode_no_confirmed_row_is_ever_lost_by_a_rolling_update_or_a_killed_primary()
    {
        await ReadyAsync();
        cluster.Edit(spec => spec["patroni"] = new JsonObject { ["synchronous_mode"] = true });
        await cluster.SynchronousAsync(Cancelled);
        var pods = cluster.Pods(OperatorCluster.Name).Select(p => p.Metadata.Uid).ToHashSet();
        await cluster.WriteThroughAsync(
            "rolling update in synchronous mode",
            async _ =>
            {
                cluster.Edit(spec => spec["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" }));
                await cluster.UntilAsync("all members are made again", () => cluster.Pods(OperatorCluster.Name) is { Count: 2 } now && now.All(p => !pods.Contains(p.Metadata.Uid)), Cancelled);
                await ReadyAsync();
                await cluster.SynchronousAsync(Cancelled);
            },
            Cancelled);
        await cluster.WriteThroughAsync(
            "failover in synchronous mode after SIGKILL of the primary",
            async _ =>
            {
                var primary = cluster.Primary(OperatorCluster.Name);
                await cluster.Sandbox.Pods.KillAsync("default", primary, Cancelled);
                await AnotherLeadsAsync(primary);
            },
            Cancelled);
        await ReadyAsync();
        cluster.Edit(spec =>
        {
            spec.Remove("patroni");
            spec.Remove("env");
        });
        await ReadyAsync();
    }

    [Fact]
    public async Task Changed_cpu_reaches_running_members_and_no_server_is_restarted()
    {
        await ReadyAsync();
        var members = cluster.Pods(OperatorCluster.Name).Select(p => p.Metadata.Name!).Order(StringComparer.Ordinal).ToArray();
        // The manifest has no amounts at first, and those that appear make the pods again.
        await GiveAsync("100m");
        var before = await StartedAsync();
        await GiveAsync("150m");
        Assert.Equal(before, await StartedAsync());
        Assert.All(cluster.Pods(OperatorCluster.Name), p => Assert.False(p.Metadata.Annotations?.ContainsKey("acid.zalan.do/resize-in-place") ?? false));

        async Task GiveAsync(string cpu)
        {
            cluster.Edit(spec => spec["resources"] = new JsonObject
            {
                ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = "100Mi" }, ["limits"] = new JsonObject { ["cpu"] = "1", ["memory"] = "500Mi" },
            });
            await cluster.UntilAsync(
                $"all members have {cpu}",
                () => cluster.Pods(OperatorCluster.Name) is { Count: 2 } pods && pods.All(p => p.Status?.ContainerStatuses is { Count: > 0 } states && states[0].Resources?.Requests?.GetValueOrDefault("cpu").ToString() == cpu),
                Cancelled);
            await ReadyAsync();
        }

        async Task<IReadOnlyList<object?>> StartedAsync()
        {
            var times = new List<object?>();
            foreach (var member in members) times.Add(await cluster.AskAsync(member, "SELECT pg_postmaster_start_time()", Cancelled));
            return times;
        }
    }

    [Fact]
    public async Task A_new_operator_process_finds_everything_in_order_and_restarts_no_pod()
    {
        await ReadyAsync();
        await cluster.StopOperatorAsync();
        var before = Fingerprint();
        await cluster.StartOperatorAsync();
        await cluster.PassesAsync(OperatorCluster.Name, 3, Cancelled);
        await ReadyAsync();
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public async Task Scaling_out_and_in_follows_the_manifest()
    {
        await ReadyAsync();
        Scale(3);
        await ReadyAsync();
        Assert.Equal(3, cluster.Pods(OperatorCluster.Name).Count);
        Scale(2);
        await ReadyAsync();
        Assert.Equal([$"{OperatorCluster.Name}-0", $"{OperatorCluster.Name}-1"], cluster.Pods(OperatorCluster.Name).Select(p => p.Metadata.Name).Order());
    }

    [Fact]
    public async Task A_faulty_manifest_is_told_by_field_value_and_rule_and_leaves_nothing_behind()
    {
        await ReadyAsync();
        cluster.Create("faulty.yaml");
        await cluster.UntilAsync("the faulty manifest is refused", () => cluster.Cluster("acid-faulty")?.Status?.PostgresClusterStatus == "Invalid", Cancelled);
        var message = cluster.Cluster("acid-faulty")!.Status!.Conditions!.First(c => c.Type == "Ready").Message!;
        Assert.Contains("spec.users.pilot", message, StringComparison.Ordinal);
        Assert.Contains("superuser", message, StringComparison.Ordinal);
        Assert.Contains(cluster.Events("acid-faulty"), e => e.Contains("superuser", StringComparison.Ordinal));
        Assert.Null(cluster.Api.Get(KubernetesKinds.StatefulSet, "default", "acid-faulty"));
        Assert.DoesNotContain(cluster.Api.List(KubernetesKinds.Secret, "default"), s => ((string?)s["metadata"]!["name"])!.Contains("acid-faulty", StringComparison.Ordinal));
        cluster.Api.Delete(Postgresql.Descriptor, "default", "acid-faulty");
        await ReadyAsync();
    }

    [Fact]
    public async Task A_deleted_cluster_goes_with_its_objects_and_processes()
    {
        await ReadyAsync();
        cluster.Create("single.yaml");
        await cluster.ReadyAsync("acid-single", Cancelled);
        var processes = cluster.Sandbox.Pods.Find("default", "acid-single-0")!.ProcessIds;
        Assert.NotEmpty(processes);

        cluster.Api.Delete(Postgresql.Descriptor, "default", "acid-single");

        KubernetesKind[] kinds = [KubernetesKinds.StatefulSet, KubernetesKinds.Service, KubernetesKinds.Secret, KubernetesKinds.PodDisruptionBudget, KubernetesKinds.Pod];
        await cluster.UntilAsync(
            "everything of the deleted cluster is gone",
            () => kinds.All(k => !cluster.Api.List(k, "default").Any(o => ((string?)o["metadata"]!["name"])!.Contains("acid-single", StringComparison.Ordinal))),
            Cancelled);
        Assert.DoesNotContain(processes, IsRunning);
        await ReadyAsync();
    }

    [Fact]
    public async Task Kubectl_shows_the_cluster_as_on_a_real_one()
    {
        await ReadyAsync();
        var kubectl = new KubectlProgram(cluster.Sandbox.Kubeconfig);
        var list = await kubectl.RunAsync(["get", "postgresql,statefulsets,pods,services,secrets"], Cancelled);
        Assert.Contains($"postgresql.acid.zalan.do/{OperatorCluster.Name}", list, StringComparison.Ordinal);
        Assert.Contains($"statefulset.apps/{OperatorCluster.Name}   2/2", list, StringComparison.Ordinal);
        Assert.Contains("Running", list, StringComparison.Ordinal);
        var described = await kubectl.RunAsync(["describe", "postgresql", OperatorCluster.Name], Cancelled);
        Assert.Contains("Number Of Instances:  2", described, StringComparison.Ordinal);
        Assert.Contains("StatefulSet", described, StringComparison.Ordinal);
        Assert.Contains("condition met", await kubectl.RunAsync(["wait", "--for=condition=Ready", $"postgresql/{OperatorCluster.Name}", "--timeout=30s"], Cancelled), StringComparison.Ordinal);
        Assert.Contains("PostgreSQL", await kubectl.RunAsync(["logs", $"{OperatorCluster.Name}-0"], Cancelled), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(OperatorCluster.Name, await kubectl.RunAsync(["exec", $"{OperatorCluster.Name}-0", "--", "psql", "-Atc", "show cluster_name"], Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubectl_forwards_a_local_port_to_the_database()
    {
        await ReadyAsync();
        var kubectl = new KubectlProgram(cluster.Sandbox.Kubeconfig);
        await using var forwarding = kubectl.Start(["port-forward", $"pod/{OperatorCluster.Name}-0", ":5432"]);
        // Forwarding from 127.0.0.1:PORT -> 5432
        var line = await forwarding.ReadLineAsync(Cancelled);
        var port = int.Parse(line.Split(' ')[2].Split(':')[1], CultureInfo.InvariantCulture);
        var secret = cluster.Api.Get(KubernetesKinds.Secret, "default", $"postgres.{OperatorCluster.Name}.credentials.postgresql.acid.zalan.do")!;
        var password = Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]!["password"]!));
        for (var connection = 0; connection < 2; connection++)
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1", Port = port, Username = "postgres", Password = password, Database = "postgres", SslMode = SslMode.Require, Pooling = false,
            });
            await using var command = source.CreateCommand("select current_setting('cluster_name') || repeat('.', 100000)");
            string answer;
            try
            {
                answer = (string)(await command.ExecuteScalarAsync(Cancelled))!;
            }
            catch (NpgsqlException e)
            {
                throw new InvalidOperationException($"Connection {connection + 1}: {e.Message}; {await forwarding.EndAsync(Cancelled)}", e);
            }

            Assert.StartsWith(OperatorCluster.Name, answer, StringComparison.Ordinal);
            Assert.Equal(OperatorCluster.Name.Length + 100000, answer.Length);
        }
    }

    private Task ReadyAsync() => cluster.ReadyAsync(OperatorCluster.Name, Cancelled);

    private void Scale(int instances) => cluster.Edit(spec => spec["numberOfInstances"] = instances);

    private Task AnotherLeadsAsync(string than) => cluster.UntilAsync(
        "another member is the primary", () => cluster.Pods(OperatorCluster.Name).Any(p => p.Metadata.Name != than && p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master"), Cancelled);

    /// <summary>Waits until the replica has replayed what the primary has written.</summary>
    private async Task ReplicatedAsync()
    {
        await using var replica = await cluster.ConnectAsync(OperatorCluster.Name + "-repl", "zalando", "foo", Cancelled);
        await using var primary = await cluster.ConnectAsync(OperatorCluster.Name, "zalando", "foo", Cancelled);
        var target = await primary.ScalarAsync("select pg_current_wal_flush_lsn()::text", Cancelled);
        await cluster.Watch.UntilEqualAsync("the replica has replayed everything", (object?)true, token => replica.ScalarAsync($"select pg_last_wal_replay_lsn() >= '{target}'::pg_lsn", token), Cancelled);
    }

    // What must stay the same: the objects with their identities and versions, and how often the pods' containers were started.
    private string Fingerprint()
    {
        KubernetesKind[] kinds = [KubernetesKinds.StatefulSet, KubernetesKinds.Service, KubernetesKinds.Secret, KubernetesKinds.PodDisruptionBudget, KubernetesKinds.ServiceAccount, KubernetesKinds.RoleBinding, KubernetesKinds.PersistentVolumeClaim];
        var objects = kinds.SelectMany(k => cluster.Api.List(k, "default").Select(o => $"{k.Kind} {o["metadata"]!["name"]} {o["metadata"]!["uid"]} {o["metadata"]!["resourceVersion"]}"));
        var pods = cluster.Pods(OperatorCluster.Name).Select(p => $"Pod {p.Metadata.Name} {p.Metadata.Uid} {p.Status!.ContainerStatuses![0].RestartCount}");
        return string.Join('\n', objects.Concat(pods).Order(StringComparer.Ordinal));
    }

    private static bool IsRunning(int process) => Directory.Exists($"/proc/{process}");
}
