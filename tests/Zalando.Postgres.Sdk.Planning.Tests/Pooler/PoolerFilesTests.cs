using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;

namespace Zalando.Postgres.Sdk.Planning.Tests.Pooler;

public sealed class PoolerFilesTests
{
    private const string Hash = "acid.zalan.do/pooler-configuration";

    [Fact]
    public void Settings_of_PgBouncer_become_files_of_its_pods_and_go_without_a_trace_in_the_pods()
    {
        var cluster = Running();
        var before = Template(cluster).ToJsonString();
        Edit(cluster, pooler =>
        {
            pooler["parameters"] = new JsonObject { ["Max_Client_Conn"] = "77", ["server_reset_query"] = "DISCARD $ALL" };
            pooler["users"] = new JsonObject { ["report$er"] = new JsonObject { ["poolMode"] = "session", ["maxUserConnections"] = 3 }, ["nothing"] = new JsonObject() };
            pooler["accessList"] = new JsonArray("hostssl all report$er 10.0.0.0/8 scram-sha-256", "hostssl all all all reject");
        });
        var plans = cluster.Run();
        Assert.Contains(plans.SelectMany(p => p.Changes), c => c.Target is { Kind: "Deployment", Name: "shop-complete-pooler" } && c.Disruption == Disruption.PoolerRestart);
        Assert.Equal("max_client_conn = 77\nserver_reset_query = DISCARD $ALL\n", File(cluster, "parameters.ini"));
        Assert.Equal("[users]\nreport$er = pool_mode=session max_user_connections=3\n", File(cluster, "users.ini"));
        Assert.Equal("hostssl all report$er 10.0.0.0/8 scram-sha-256\nhostssl all all all reject\n", File(cluster, "pg_hba.conf"));
        var template = File(cluster, "pgbouncer.ini.tmpl").Split('\n');
        Assert.Contains("auth_type = hba", template);
        Assert.Contains("auth_hba_file = /etc/pgbouncer/pg_hba.conf", template);
        Assert.Contains("auth_query = SELECT * FROM $PGSCHEMA.user_lookup($1)", template);
        Assert.DoesNotContain(template, l => l.StartsWith("max_client_conn", StringComparison.Ordinal));
        Assert.Equal(["%include /etc/pgbouncer/parameters.ini", "%include /etc/pgbouncer/users.ini"], template.Where(l => l.StartsWith('%')));
        Assert.Equal(
            ["/etc/pgbouncer/parameters.ini", "/etc/pgbouncer/pg_hba.conf", "/etc/pgbouncer/pgbouncer.ini.tmpl", "/etc/pgbouncer/userlist.txt", "/etc/pgbouncer/users.ini"],
            Template(cluster)["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray().Select(m => (string)m!["mountPath"]!).Where(p => p.StartsWith("/etc/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        Edit(cluster, pooler =>
        {
            foreach (var field in new[] { "parameters", "users", "accessList" }) pooler.Remove(field);
        });
        cluster.Run();
        Assert.Equal(before, Template(cluster).ToJsonString());
    }

    [Theory]
    [InlineData("parameters", """{"query_timeout":"5"}""", """{"query_timeout":"6"}""")]
    [InlineData("users", """{"a":{"maxUserConnections":1}}""", """{"a":{"maxUserConnections":2}}""")]
    [InlineData("accessList", """["hostssl all a all md5","hostssl all all all reject"]""", """["hostssl all all all reject","hostssl all a all md5"]""")]
    public void Every_change_rolls_out_new_pods_and_the_order_of_the_access_list_counts(string field, string first, string second)
    {
        var cluster = Running();
        Edit(cluster, pooler => pooler[field] = JsonNode.Parse(first));
        cluster.Run();
        var hash = Annotation(cluster);
        Edit(cluster, pooler => pooler[field] = JsonNode.Parse(second));
        cluster.Run();
        Assert.NotNull(hash);
        Assert.NotEqual(hash, Annotation(cluster));
        Assert.Empty(ClusterPlanner.Plan(cluster.Input()).Changes);
    }

    [Fact]
    public void What_the_file_cannot_hold_or_the_operator_sets_is_left_out_of_a_cluster_that_exists()
    {
        var cluster = Running();
        var before = Template(cluster).ToJsonString();
        Edit(cluster, pooler =>
        {
            pooler["parameters"] = new JsonObject { ["auth_type"] = "any", ["query_timeout"] = "5\nauth_type = any", ["a b"] = "1", ["%include"] = "/etc/shadow" };
            pooler["users"] = new JsonObject { ["x\n[pgbouncer]"] = new JsonObject { ["maxUserConnections"] = 1 } };
        });
        foreach (var change in ClusterPlanner.Plan(cluster.Input()).Changes) Assert.NotEqual("Deployment", change.Target.Kind);
        Assert.Equal(before, Template(cluster).ToJsonString());
    }

    [Fact]
    public void A_role_with_limits_is_in_the_list_of_users_unless_it_may_do_more_than_the_pooler_lets_in()
    {
        var cluster = Running();
        var manifest = (JsonObject)cluster.Manifest.DeepClone();
        manifest["spec"]!["users"]!["reporter"] = new JsonArray("createdb");
        manifest["spec"]!["users"]!["boss"] = new JsonArray("SUPERUSER");
        cluster.Manifest = manifest;
        cluster.Run();
        Assert.DoesNotContain("reporter", File(cluster, "userlist.txt"), StringComparison.Ordinal);
        Edit(cluster, pooler => pooler["users"] = new JsonObject
        {
            ["reporter"] = new JsonObject { ["maxUserConnections"] = 2 }, ["boss"] = new JsonObject { ["maxUserConnections"] = 2 },
            ["postgres"] = new JsonObject { ["maxUserConnections"] = 2 }, ["unknown"] = new JsonObject { ["maxUserConnections"] = 2 },
        });
        cluster.Run();
        var lines = File(cluster, "userlist.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var password = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)cluster.Objects.Single(o => o.Key.Kind == "Secret" && o.Key.Name.StartsWith("reporter.", StringComparison.Ordinal)).Value["data"]!["password"]!));
        Assert.Contains($"\"reporter\" \"{password}\"", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("\"boss\"", StringComparison.Ordinal) || l.StartsWith("\"postgres\"", StringComparison.Ordinal) || l.StartsWith("\"unknown\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(60, 2, "30", "15", "7")]
    [InlineData(2, 2, "1", "1", "0")]
    [InlineData(1, 3, "1", "1", "0")]
    public void Few_connections_are_shared_out_and_never_become_none(int connections, int instances, string share, string size, string reserve)
    {
        var cluster = Running();
        Edit(cluster, pooler => (pooler["maxDBConnections"], pooler["numberOfInstances"]) = (connections, instances));
        cluster.Run();
        var variables = Template(cluster)["spec"]!["containers"]![0]!["env"]!.AsArray().ToDictionary(e => (string)e!["name"]!, e => (string?)e!["value"]);
        Assert.Equal((share, size, reserve, reserve), (variables["CONNECTION_POOLER_MAX_DB_CONN"], variables["CONNECTION_POOLER_DEFAULT_SIZE"], variables["CONNECTION_POOLER_RESERVE_SIZE"], variables["CONNECTION_POOLER_MIN_SIZE"]));
    }

    private static SimulatedCluster Running()
    {
        var cluster = new FixtureCase("complete").Running();
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        return cluster;
    }

    private static void Edit(SimulatedCluster cluster, Action<JsonObject> change)
    {
        var manifest = (JsonObject)cluster.Manifest.DeepClone();
        if (manifest["spec"]!["connectionPooler"] is not JsonObject) manifest["spec"]!["connectionPooler"] = new JsonObject();
        change((JsonObject)manifest["spec"]!["connectionPooler"]!);
        cluster.Manifest = manifest;
    }

    private static JsonNode Template(SimulatedCluster cluster) => cluster.Objects[new ObjectKey("Deployment", "shop", "shop-complete-pooler")]["spec"]!["template"]!;

    private static string? Annotation(SimulatedCluster cluster) => (string?)Template(cluster)["metadata"]?["annotations"]?[Hash];

    private static string File(SimulatedCluster cluster, string name)
    {
        var secret = cluster.Objects[new ObjectKey("Secret", "shop", "shop-complete-pooler-u")];
        return (string?)secret["stringData"]?[name] ?? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![name]!));
    }
}
