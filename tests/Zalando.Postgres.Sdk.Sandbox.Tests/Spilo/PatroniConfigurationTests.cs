using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Sandbox.Spilo;

namespace Zalando.Postgres.Sdk.Sandbox.Tests.Spilo;

public sealed class PatroniConfigurationTests
{
    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal)
    {
        ["SCOPE"] = "acid-shop",
        ["PGUSER_SUPERUSER"] = "postgres",
        ["PGPASSWORD_SUPERUSER"] = "one",
        ["PGUSER_STANDBY"] = "standby",
        ["PGPASSWORD_STANDBY"] = "two",
        ["KUBERNETES_SCOPE_LABEL"] = "cluster-name",
        ["KUBERNETES_ROLE_LABEL"] = "spilo-role",
        ["KUBERNETES_LABELS"] = """{"application":"spilo"}""",
        ["KUBERNETES_USE_CONFIGMAPS"] = "true",
        ["PAM_OAUTH2"] = "https://info.example.com uid",
        ["HUMAN_ROLE"] = "zalandos",
    };

    [Fact]
    public void The_cluster_is_kept_in_config_maps_or_endpoints_as_the_pod_says()
    {
        var kubernetes = Build().Document["kubernetes"]!;
        Assert.False((bool)kubernetes["use_endpoints"]!);
        Assert.Equal("""{"application":"spilo"}""", kubernetes["labels"]!.ToJsonString());
        Assert.Equal(("cluster-name", "spilo-role", "127.70.128.1"), ((string?)kubernetes["scope_label"], (string?)kubernetes["role_label"], (string?)kubernetes["pod_ip"]));
        Assert.True((bool)Build(("KUBERNETES_USE_CONFIGMAPS", null)).Document["kubernetes"]!["use_endpoints"]!);
        Assert.Equal("{}", Build(("KUBERNETES_LABELS", "null")).Document["kubernetes"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public void What_the_manifest_says_wins_over_the_defaults()
    {
        var document = Build(("SPILO_CONFIGURATION", """
            {"postgresql":{"parameters":{"shared_buffers":"32MB","log_destination":"csvlog"},"pg_hba":["local all all trust"]},
             "bootstrap":{"initdb":[{"auth-host":"scram-sha-256"},{"locale":"C"},"data-checksums"],"dcs":{"ttl":40,"synchronous_mode":true,"postgresql":{"parameters":{"max_connections":"50"}}}}}
            """)).Document;
        var dynamic = document["bootstrap"]!["dcs"]!;
        Assert.Equal((40, 2), ((int)dynamic["ttl"]!, (int)dynamic["loop_wait"]!));
        Assert.True((bool)dynamic["synchronous_mode"]!);
        Assert.Equal("50", (string?)dynamic["postgresql"]!["parameters"]!["max_connections"]);
        Assert.Equal("ddl", (string?)dynamic["postgresql"]!["parameters"]!["log_statement"]);
        Assert.Equal("""[{"encoding":"UTF8"},{"locale":"C"},"data-checksums",{"auth-host":"scram-sha-256"}]""", document["bootstrap"]!["initdb"]!.ToJsonString());
        var postgresql = document["postgresql"]!;
        Assert.Equal(("32MB", "csvlog", "on"), ((string?)postgresql["parameters"]!["shared_buffers"], (string?)postgresql["parameters"]!["log_destination"], (string?)postgresql["parameters"]!["ssl"]));
        Assert.Equal("""["local all all trust"]""", postgresql["pg_hba"]!.ToJsonString());
    }

    [Fact]
    public void Clients_must_use_TLS_and_people_log_in_by_their_group()
    {
        var rules = Build().Document["postgresql"]!["pg_hba"]!.AsArray().Select(r => (string?)r).ToList();
        Assert.Equal(["local all all trust", "local replication all trust", "hostssl replication standby all md5", "hostnossl all all all reject", "hostssl all +zalandos all pam", "hostssl all all all md5"], rules);
        Assert.DoesNotContain(Build(("PAM_OAUTH2", null)).Document["postgresql"]!["pg_hba"]!.AsArray(), r => ((string?)r)!.Contains("pam", StringComparison.Ordinal));
        Assert.Contains("\"+odd \"\"role\"\"\"", Build(("HUMAN_ROLE", "odd \"role\"")).Document["postgresql"]!["pg_hba"]!.ToJsonString().Replace("\\u0022", "\"", StringComparison.Ordinal).Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void What_this_machine_does_not_have_is_left_out_and_said()
    {
        var built = Build(("SPILO_CONFIGURATION", """{"postgresql":{"bin_dir":"/usr/lib/postgresql/18/bin","parameters":{"shared_preload_libraries":"bg_mon, pg_stat_statements,timescaledb","bg_mon.listen_address":"::"}}}"""));
        var parameters = built.Document["postgresql"]!["parameters"]!;
        Assert.Equal("pg_stat_statements", (string?)parameters["shared_preload_libraries"]);
        Assert.Null(parameters["bg_mon.listen_address"]);
        Assert.Equal("/usr/lib/postgresql/15/bin", (string?)built.Document["postgresql"]!["bin_dir"]);
        Assert.Equal(3, built.Notes.Count);
        Assert.Contains(built.Notes, n => n.Contains("bg_mon, timescaledb", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(500L * 1024 * 1024, "100MB")]
    [InlineData(10L * 1024 * 1024 * 1024, "128MB")]
    [InlineData(10L * 1024 * 1024, "16MB")]
    [InlineData(null, "128MB")]
    public void Buffers_follow_the_memory_limit_within_bounds(long? limit, string expected) =>
        Assert.Equal(expected, (string?)PatroniConfiguration.Build(Input() with { MemoryLimit = limit }).Document["postgresql"]!["parameters"]!["shared_buffers"]);

    [Fact]
    public void A_standby_follows_the_address_of_the_service_it_names()
    {
        var standby = PatroniConfiguration.Build(Input(("STANDBY_HOST", "other"), ("STANDBY_PORT", "5433")) with { ResolveHost = host => host == "other" ? "127.70.1.7" : host }).Document["bootstrap"]!["dcs"]!["standby_cluster"]!;
        Assert.Equal(("127.70.1.7", "5433"), ((string?)standby["host"], (string?)standby["port"]));
    }

    [Theory]
    [InlineData("SCOPE", null)]
    [InlineData("PGPASSWORD_SUPERUSER", "")]
    [InlineData("SPILO_CONFIGURATION", "{not json")]
    [InlineData("SPILO_CONFIGURATION", "[1]")]
    [InlineData("KUBERNETES_LABELS", "7")]
    public void A_variable_that_cannot_be_used_is_named_without_its_value(string name, string? value)
    {
        var exception = Assert.Throws<SandboxException>(() => Build((name, value)));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("two", exception.Message, StringComparison.Ordinal);
    }

    private static PatroniConfiguration Build(params (string Name, string? Value)[] changes) => PatroniConfiguration.Build(Input(changes));

    private static PatroniConfigurationInput Input(params (string Name, string? Value)[] changes)
    {
        var environment = new Dictionary<string, string>(Environment, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (value is null) environment.Remove(name);
            else environment[name] = value;
        }

        return new PatroniConfigurationInput
        {
            Environment = environment,
            PodName = "acid-shop-0",
            Namespace = "default",
            PodAddress = "127.70.128.1",
            BinDirectory = "/usr/lib/postgresql/15/bin",
            PostgresRoot = "/s/claims/default/pgdata/pgroot",
            RunDirectory = "/s/pods/128.1",
            CertificateFile = "/s/pods/128.1/server.crt",
            PrivateKeyFile = "/s/pods/128.1/server.key",
            KubeconfigContext = "sandbox",
            PostInitCommand = "true",
            CloneCommand = "true",
            HasLibrary = name => name == "pg_stat_statements",
        };
    }
}
