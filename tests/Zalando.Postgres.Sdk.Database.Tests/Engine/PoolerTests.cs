using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

/// <summary>Poolers switched on and off through the whole operator with a real PostgreSQL for what they leave in the databases.</summary>
[Collection("whole operator")]
public sealed class PoolerTests(PostgresTemplate postgres)
{
    private const string Primary = DatabaseWorld.Cluster + "-pooler";
    private const string Replica = DatabaseWorld.Cluster + "-pooler-repl";
    private const string DnsName = "external-dns.alpha.kubernetes.io/hostname";
    private const string Lookup = "SELECT count(*)::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pooler' AND p.proname = 'user_lookup' AND p.proconfig = ARRAY['search_path=pg_catalog, pg_temp']";

    [Fact]
    public async Task Poolers_come_and_go_as_the_manifest_says_and_an_explicit_no_wins_over_a_section()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, new OperatorParameters { LoadBalancer = new LoadBalancerParameters { DbHostedZone = "db.example.com", MasterDnsNameFormat = "{cluster}.{namespace}.{hostedzone}", ReplicaDnsNameFormat = "{cluster}-repl.{namespace}.{hostedzone}" } });
        var access = world.World.Server.Access;
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["tls"] = new JsonObject { ["secretName"] = "pg-tls" };
        manifest["spec"]!["spiloFSGroup"] = 103;
        await ApplyAsync(("enableConnectionPooler", true), ("enableReplicaConnectionPooler", true));
        Assert.Equal((2, 2), (Pods(Primary).Count, Pods(Replica).Count));
        Assert.Equal([Primary, Replica], Services());
        Assert.Equal([$"{Replica}-u", $"{Primary}-u", DatabaseWorld.SecretName("pooler")], Secrets());
        Assert.All(Pods(Primary).Concat(Pods(Replica)), pod =>
        {
            var container = pod["spec"]!["containers"]![0]!;
            var names = container["env"]!.AsArray().Select(e => (string)e!["name"]!).ToArray();
            Assert.Contains("CONNECTION_POOLER_CLIENT_TLS_CRT", names);
            Assert.Contains("CONNECTION_POOLER_CLIENT_TLS_KEY", names);
            Assert.Contains(container["volumeMounts"]!.AsArray(), m => (string?)m!["name"] == "pg-tls");
        });

        await ApplyAsync(("enableMasterPoolerLoadBalancer", true), ("enableReplicaPoolerLoadBalancer", true));
        Assert.Equal(("LoadBalancer", $"{Primary}.default.db.example.com"), (Type(Primary), Dns(Primary)));
        Assert.Equal(("LoadBalancer", $"{Replica}.default.db.example.com"), (Type(Replica), Dns(Replica)));

        await ApplyAsync(("enableConnectionPooler", false), ("enableReplicaConnectionPooler", true));
        Assert.Equal((0, 2), (Pods(Primary).Count, Pods(Replica).Count));
        Assert.Equal([Replica], Services());
        Assert.Equal([$"{Replica}-u", DatabaseWorld.SecretName("pooler")], Secrets());

        await ApplyAsync(("enableConnectionPooler", true), ("enableReplicaConnectionPooler", false), ("enableMasterPoolerLoadBalancer", false));
        Assert.Equal((2, 0), (Pods(Primary).Count, Pods(Replica).Count));
        Assert.Equal("ClusterIP", Type(Primary));
        Assert.Null(Dns(Primary));
        Assert.Equal([$"{Primary}-u", DatabaseWorld.SecretName("pooler")], Secrets());

        await ApplyAsync(("connectionPooler", new JsonObject { ["numberOfInstances"] = 3 }));
        Assert.Equal(3, Pods(Primary).Count);

        await ApplyAsync(("enableConnectionPooler", false), ("enableReplicaConnectionPooler", false), ("enableReplicaPoolerLoadBalancer", false));
        Assert.Equal((0, 0), (Pods(Primary).Count, Pods(Replica).Count));
        Assert.Empty(Services());
        Assert.Empty(Secrets());

        // What is in the databases stays: a client that comes back finds it.
        foreach (var database in new[] { "postgres", "foo" }) Assert.Equal(["1"], await world.Server.RowsAsync(database, Lookup));
        Assert.Equal(["0"], await world.Server.RowsAsync("template1", Lookup));
        manifest["spec"]!.AsObject().Remove("connectionPooler");
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the section goes");
        Assert.Empty(Services());

        async Task ApplyAsync(params (string Field, JsonNode Value)[] fields)
        {
            foreach (var (field, value) in fields) manifest["spec"]![field] = value;
            world.World.Apply(manifest);
            await world.World.RunUntilAsync(() => world.World.IsRunning() && access.List(KubernetesKinds.Deployment, OperatorWorld.Namespace).All(d => (int?)d["status"]?["readyReplicas"] == (int?)d["spec"]!["replicas"]), "the manifest is in force");
        }

        List<JsonObject> Pods(string pooler) => [.. access.List(KubernetesKinds.Pod, OperatorWorld.Namespace).Where(p =>
            (string?)p["metadata"]!["labels"]!["connection-pooler"] == pooler && (string?)p["metadata"]!["labels"]!["application"] == "db-connection-pooler" && (string?)p["metadata"]!["labels"]!["cluster-name"] == DatabaseWorld.Cluster)];
        List<string> Services() => Names(KubernetesKinds.Service);
        List<string> Secrets() => Names(KubernetesKinds.Secret);
        List<string> Names(KubernetesKind kind) => [.. access.List(kind, OperatorWorld.Namespace).Where(o => (string?)o["metadata"]!["labels"]?["application"] == "db-connection-pooler").Select(o => (string)o["metadata"]!["name"]!).Order(StringComparer.Ordinal)];
        string? Type(string service) => (string?)access.Get(KubernetesKinds.Service, OperatorWorld.Namespace, service)!["spec"]!["type"];
        string? Dns(string service) => (string?)access.Get(KubernetesKinds.Service, OperatorWorld.Namespace, service)!["metadata"]!["annotations"]?[DnsName];
    }

    [Fact]
    public async Task The_lookup_function_of_the_reference_is_made_again_and_serves_nobody_who_may_do_more_than_the_pooler_should()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        await world.Server.ExecuteAsync("postgres", """
            CREATE ROLE pooler LOGIN PASSWORD 'p'; CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'p'; CREATE ROLE copier REPLICATION LOGIN PASSWORD 'p'; CREATE ROLE late LOGIN PASSWORD 'p' VALID UNTIL '2001-01-01'; CREATE ROLE group1 PASSWORD 'p'; CREATE ROLE plain LOGIN PASSWORD 'p';
            CREATE SCHEMA pooler;
            CREATE FUNCTION pooler.user_lookup(i_username text, OUT uname text, OUT phash text) RETURNS record LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN SELECT usename, passwd INTO uname, phash FROM pg_catalog.pg_shadow WHERE usename = i_username; RETURN; END $$;
            """);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["enableConnectionPooler"] = true;
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        Assert.Equal(["1"], await world.Server.RowsAsync("postgres", Lookup));
        foreach (var (role, rows) in new[] { ("plain", "1"), ("foo_user", "1"), ("boss", "0"), ("postgres", "0"), ("copier", "0"), ("late", "0"), ("group1", "0"), ("nobody", "0") })
            Assert.Equal([$"{role} {rows}"], await world.Server.RowsAsync("postgres", $"SELECT '{role} ' || count(*) FROM pooler.user_lookup('{role}')"));
        var statements = world.Statements.Count;
        var secret = world.World.Server.Access.Get(KubernetesKinds.Secret, OperatorWorld.Namespace, Primary + "-u")!["data"]!.ToJsonString();

        // Another operator finds everything as it should be.
        await world.World.StopOperatorAsync();
        world.World.StartOperator();
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.World.SettleAsync();
        Assert.Equal(statements, world.Statements.Count);
        Assert.Equal(secret, world.World.Server.Access.Get(KubernetesKinds.Secret, OperatorWorld.Namespace, Primary + "-u")!["data"]!.ToJsonString());
    }
}
