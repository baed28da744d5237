using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>Clusters that are made from another running cluster: a standby that follows it, and a clone that goes its own way.</summary>
public sealed class StandbyClusterTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Source = OperatorCluster.Name;
    private const string Standby = "acid-standby-cluster";
    private const string Clone = "acid-clone";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_standby_cluster_follows_its_source_until_it_is_promoted_and_can_become_a_follower_again()
    {
        await cluster.ReadyAsync(Source, Cancelled);
        await cluster.WriteThroughAsync("standby cluster of the source: made, promoted, made a follower again", FollowAsync, Cancelled);
    }

    private async Task FollowAsync(RowWriter writer)
    {
        await WriteAsync("followed", "before the standby");
        // The data brings the passwords of the source: the Secrets are there before the cluster, and stay as they are.
        foreach (var role in new[] { "postgres", "standby" })
        {
            cluster.Api.Create(KubernetesKinds.Secret, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject
                {
                    ["name"] = OperatorCluster.SecretName(role, Standby), ["namespace"] = "default",
                    ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = Standby },
                },
                ["type"] = "Opaque",
                ["data"] = cluster.Api.Get(KubernetesKinds.Secret, "default", OperatorCluster.SecretName(role))!["data"]!.DeepClone(),
            });
        }

        Create(Standby, spec =>
        {
            spec["standby"] = new JsonObject { ["standby_host"] = $"{Source}.default", ["standby_port"] = "5432" };
            spec["users"] = new JsonObject { ["app"] = new JsonArray() };
            spec["databases"] = new JsonObject { ["shop"] = "app" };
        });
        await cluster.ReadyAsync(Standby, Cancelled);
        Assert.Equal(cluster.SecretValue("postgres", "password"), cluster.SecretValue("postgres", "password", Standby));
        var leader = cluster.Primary(Standby);
        Assert.Equal("standby_leader", (string?)JsonNode.Parse((string)cluster.Api.Get(KubernetesKinds.Pod, "default", leader)!["metadata"]!["annotations"]!["status"]!)!["role"]);
        await StandbyAnswersAsync("true", "select pg_is_in_recovery()::text");
        await StandbyAnswersAsync("streaming", "select status from pg_stat_wal_receiver");
        await WriteAsync("followed", "while it follows");
        await StandbyAnswersAsync("before the standby, while it follows", "select string_agg(text, ', ' order by id) from public.followed", "foo");
        // Nothing is made in a database that cannot be written to.
        await StandbyAnswersAsync("0", "select count(*)::text from pg_roles where rolname = 'app'");

        // What the source has confirmed arrives while it goes on writing.
        var followed = writer.Rows;
        await cluster.Watch.UntilEqualAsync("the standby has what the source had confirmed", 0, async token => (await MissingAsync(writer, followed, Standby, token)).Count, Cancelled);
        cluster.Edit(spec => spec.Remove("standby"), Standby);
        await cluster.ReadyAsync(Standby, Cancelled);
        await StandbyAnswersAsync("false", "select pg_is_in_recovery()::text");
        Assert.Null(cluster.PatroniConfiguration(Standby)!["standby_cluster"]);
        await HasAllUpToAPointAsync(writer, followed, Standby);
        await WriteAsync("followed", "after the promotion");
        await StandbyAnswersAsync("before the standby, while it follows", "select string_agg(text, ', ' order by id) from public.followed", "foo");
        // It is a cluster of its own now: roles and databases of its manifest are made, and their owner can log in.
        await using (var app = await cluster.ConnectAsync(Standby, "app", "shop", Cancelled, Standby)) Assert.Equal("app", await app.ScalarAsync("select current_user::text", Cancelled));

        // By its address: what Patroni is told at run time is not translated, and this machine's DNS does not know the services of the sandbox.
        var address = cluster.Sandbox.Services.Find("default", Source)!.ToString();
        cluster.Edit(spec => spec["standby"] = new JsonObject { ["standby_host"] = address, ["standby_port"] = "5432" }, Standby);
        await cluster.UntilAsync("Patroni follows the source again", () => (string?)cluster.PatroniConfiguration(Standby)?["standby_cluster"]?["host"] == address, Cancelled);
        await StandbyAnswersAsync("true", "select pg_is_in_recovery()::text");
        cluster.Api.Delete(Postgresql.Descriptor, "default", Standby);
        await GoneAsync(Standby);
    }

    [Fact]
    public async Task A_clone_of_a_running_cluster_has_its_data_and_goes_its_own_way()
    {
        await cluster.ReadyAsync(Source, Cancelled);
        await cluster.WriteThroughAsync("clone of the source", CloneAsync, Cancelled);
    }

    private async Task CloneAsync(RowWriter writer)
    {
        await WriteAsync("copied", "before the clone");
        var copied = writer.Rows;
        Create(Clone, spec =>
        {
            spec["clone"] = new JsonObject { ["cluster"] = Source };
            spec["users"] = new JsonObject { ["foo_user"] = new JsonArray(), ["copier"] = new JsonArray() };
            spec["databases"] = new JsonObject { ["foo"] = "copier" };
        });
        await cluster.ReadyAsync(Clone, Cancelled);
        await WriteAsync("copied", "after the clone");
        await HasAllUpToAPointAsync(writer, copied, Clone);
        // Passwords are its own, also those of roles that came with the data.
        Assert.NotEqual(cluster.SecretValue("foo_user", "password"), cluster.SecretValue("foo_user", "password", Clone));
        await using (var connection = await cluster.ConnectAsync(Clone, "foo_user", "foo", Cancelled, Clone)) Assert.Equal(false, await connection.ScalarAsync("select pg_is_in_recovery()", Cancelled));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.ConnectAsync(cluster.Sandbox.Services.Find("default", Clone)!, "foo_user", cluster.SecretValue("foo_user", "password")!, "foo", Cancelled));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        var texts = (string)(await cluster.AskAsync(cluster.Primary(Clone), "select string_agg(text, ', ' order by id) from public.copied", Cancelled, "foo", Clone))!;
        Assert.Contains("before the clone", texts, StringComparison.Ordinal);
        Assert.DoesNotContain("after the clone", texts, StringComparison.Ordinal);
        Assert.Equal("copier", await cluster.AskAsync(cluster.Primary(Clone), "select pg_get_userbyid(datdba)::text from pg_database where datname = 'foo'", Cancelled, cluster: Clone));
        cluster.Api.Delete(Postgresql.Descriptor, "default", Clone);
        await GoneAsync(Clone);
    }

    // Rows are committed one after the other, so what a copy has is everything up to some moment: no row from before is missing, and none from after is there.
    private async Task HasAllUpToAPointAsync(RowWriter writer, IReadOnlyList<int> atLeast, string name)
    {
        await writer.GoesOnAsync(Cancelled);
        await using var connection = await cluster.ConnectToMemberAsync(cluster.Primary(name), "foo", Cancelled, name);
        var last = await writer.LastAsync(connection, Cancelled);
        Assert.True(last >= atLeast[^1], $"{name} ends with row {last} and must have row {atLeast[^1]}.");
        Assert.Empty(await writer.MissingAsync(connection, [.. writer.Rows.Where(r => r <= last)], Cancelled));
        Assert.Contains(writer.Rows, r => r > last);
        Assert.Equal(last, await writer.LastAsync(connection, Cancelled));
        Console.WriteLine($"measured: {name} has all {writer.Rows.Count(r => r <= last)} rows up to the moment in which it left its source");
    }

    private async Task<IReadOnlyList<int>> MissingAsync(RowWriter writer, IReadOnlyList<int> rows, string name, CancellationToken cancellationToken)
    {
        await using var connection = await cluster.ConnectToMemberAsync(cluster.Primary(name), "foo", cancellationToken, name);
        return await writer.MissingAsync(connection, rows, cancellationToken);
    }

    private void Create(string name, Action<JsonObject> change)
    {
        var spec = new JsonObject
        {
            ["teamId"] = "acid", ["numberOfInstances"] = 1, ["postgresql"] = new JsonObject { ["version"] = "18" }, ["volume"] = new JsonObject { ["size"] = "1Gi" },
        };
        change(spec);
        cluster.Api.Create(Postgresql.Descriptor, new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["spec"] = spec,
        });
    }

    private async Task WriteAsync(string table, string text)
    {
        await using var connection = await cluster.ConnectAsync(Source, "zalando", "foo", Cancelled);
        await connection.ScalarAsync($"create table if not exists public.{table} (id serial primary key, text text)", Cancelled);
        await connection.ScalarAsync($"insert into public.{table} (text) values ('{text}')", Cancelled);
    }

    private Task StandbyAnswersAsync(string wanted, string question, string database = "postgres") => cluster.Watch.UntilEqualAsync(
        $"the standby cluster answers {question}", wanted, async token => (string?)await cluster.AskAsync(Standby + "-0", question, token, database, Standby), Cancelled);

    private Task GoneAsync(string name) => cluster.UntilAsync(
        $"{name} is gone", () => cluster.Pods(name).Count == 0 && cluster.Api.Get(KubernetesKinds.StatefulSet, "default", name) is null, Cancelled);
}
