using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.StatefulSets;

/// <summary>Variables of the database container: every source, every cloud, both forms of the configuration, and which source wins.</summary>
public sealed class SpiloEnvironmentTests
{
    private const string Uid = "/0b9f4a3e-small";

    public static TheoryData<bool> Forms => [true, false];

    [Theory]
    [InlineData("wal_s3_bucket", "archive", "WAL_S3_BUCKET=archive;WAL_BUCKET_SCOPE_SUFFIX=" + Uid + ";WAL_BUCKET_SCOPE_PREFIX=")]
    [InlineData("wal_gs_bucket", "archive", "WAL_GS_BUCKET=archive;WAL_BUCKET_SCOPE_SUFFIX=" + Uid + ";WAL_BUCKET_SCOPE_PREFIX=")]
    [InlineData("wal_az_storage_account", "account", "AZURE_STORAGE_ACCOUNT=account;WAL_BUCKET_SCOPE_SUFFIX=" + Uid + ";WAL_BUCKET_SCOPE_PREFIX=")]
    [InlineData("gcp_credentials", "/key.json", "GOOGLE_APPLICATION_CREDENTIALS=/key.json")]
    [InlineData("log_s3_bucket", "logs", "LOG_S3_BUCKET=logs;LOG_BUCKET_SCOPE_SUFFIX=" + Uid + ";LOG_BUCKET_SCOPE_PREFIX=")]
    public void A_cloud_setting_adds_its_variables_at_the_end_in_both_forms(string setting, string value, string expected)
    {
        var wanted = expected.Split(';');
        foreach (var form in new[] { true, false })
        {
            var variables = Variables(form, new JsonObject { [setting] = value });
            Assert.Equal(wanted, variables.TakeLast(wanted.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void All_clouds_together_keep_their_order_and_share_one_suffix(bool asConfigMap)
    {
        var cloud = new JsonObject { ["wal_s3_bucket"] = "s3", ["wal_gs_bucket"] = "gs", ["wal_az_storage_account"] = "az", ["gcp_credentials"] = "/key.json", ["log_s3_bucket"] = "logs" };
        var names = Variables(asConfigMap, cloud).Select(v => v.Split('=')[0]).ToArray();
        Assert.Equal(
            ["WAL_S3_BUCKET", "WAL_BUCKET_SCOPE_SUFFIX", "WAL_BUCKET_SCOPE_PREFIX", "WAL_GS_BUCKET", "AZURE_STORAGE_ACCOUNT", "GOOGLE_APPLICATION_CREDENTIALS", "LOG_S3_BUCKET", "LOG_BUCKET_SCOPE_SUFFIX", "LOG_BUCKET_SCOPE_PREFIX"],
            names[^9..]);
    }

    // From strongest to weakest: the operator's own, the manifest, the secret, the ConfigMap, cloud settings.
    [Theory]
    [InlineData("PGVERSION", "env;secret;map", "17")]
    [InlineData("WAL_S3_BUCKET", "env;secret;map;cloud", "env")]
    [InlineData("WAL_S3_BUCKET", "secret;map;cloud", "secret")]
    [InlineData("WAL_S3_BUCKET", "map;cloud", "map")]
    [InlineData("WAL_S3_BUCKET", "cloud", "cloud")]
    [InlineData("wal_s3_bucket", "map;cloud", "map")]
    [InlineData("Wal_S3_Bucket", "env;secret", "env")]
    public void The_stronger_source_wins_whatever_the_case_of_the_name(string name, string sources, string winner)
    {
        foreach (var form in new[] { true, false })
        {
            var given = sources.Split(';').ToHashSet(StringComparer.Ordinal);
            var variables = Variables(
                form,
                given.Contains("cloud") ? new JsonObject { ["wal_s3_bucket"] = "cloud" } : [],
                spec =>
                {
                    if (given.Contains("env")) spec["env"] = new JsonArray(new JsonObject { ["name"] = name, ["value"] = "env" });
                },
                secret: given.Contains("secret") ? name : null,
                map: given.Contains("map") ? name : null);
            var found = variables.Where(v => v.Split('=')[0].Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray();
            Assert.Equal(winner == "secret" ? $"{name}=secret:environment/{name}" : $"{(winner == "cloud" ? "WAL_S3_BUCKET" : name)}={winner}", Assert.Single(found));
        }
    }

    [Fact]
    public void A_clone_repeats_names_of_the_manifest_because_the_last_one_counts_in_a_container()
    {
        var variables = Variables(true, new JsonObject { ["wal_s3_bucket"] = "archive" }, spec =>
        {
            spec["env"] = new JsonArray(new JsonObject { ["name"] = "CLONE_SCOPE", ["value"] = "mine" });
            spec["clone"] = new JsonObject { ["cluster"] = "shop-other", ["timestamp"] = "2026-02-03T04:05:06+00:00" };
        });
        Assert.Equal(["CLONE_SCOPE=mine", "CLONE_SCOPE=shop-other"], variables.Where(v => v.StartsWith("CLONE_SCOPE=", StringComparison.Ordinal)));
        Assert.Contains("CLONE_WAL_S3_BUCKET=archive", variables);
    }

    [Theory]
    [InlineData("wal_gs_bucket", "CLONE_WAL_GS_BUCKET=x")]
    [InlineData("wal_az_storage_account", "CLONE_AZURE_STORAGE_ACCOUNT=x")]
    public void A_clone_reads_the_archive_of_the_configured_cloud(string setting, string expected) => Assert.Contains(expected, Variables(
        false, new JsonObject { [setting] = "x" }, spec => spec["clone"] = new JsonObject { ["cluster"] = "shop-other", ["timestamp"] = "2026-02-03T04:05:06+00:00" }));

    [Fact]
    public void A_role_of_the_service_account_reaches_clones_and_standbys()
    {
        var cloud = new JsonObject { ["irsa_role_arn"] = "arn:aws:iam::1:role/x" };
        var clone = Variables(true, cloud, spec => spec["clone"] = new JsonObject { ["cluster"] = "shop-other" });
        var standby = Variables(true, cloud, spec => spec["standby"] = new JsonObject { ["standby_host"] = "far.example.org" });
        Assert.Contains("CLONE_AWS_ROLE_ARN=arn:aws:iam::1:role/x", clone);
        Assert.Contains("STANDBY_AWS_ROLE_ARN=arn:aws:iam::1:role/x", standby);
    }

    [Fact]
    public void A_missing_environment_secret_refuses_instead_of_starting_pods_without_it()
    {
        var cluster = new FixtureCase("small").Start();
        cluster.Configuration = Configuration(true, [], secret: true, map: false);
        var plan = ClusterPlanner.Plan(cluster.Input());
        Assert.True(plan.IsRefused);
        Assert.Contains(plan.Findings, f => f.FieldPath == "pod_environment_secret");
    }

    [Fact]
    public void Both_forms_of_the_configuration_make_the_same_objects()
    {
        var cloud = new JsonObject { ["wal_s3_bucket"] = "archive", ["kube_iam_role"] = "writer", ["log_s3_bucket"] = "logs", ["additional_secret_mount"] = "key", ["additional_secret_mount_path"] = "/key" };
        var texts = new[] { true, false }.Select(form =>
        {
            var cluster = new FixtureCase("complete").Start();
            cluster.Configuration = Configuration(form, (JsonObject)cloud.DeepClone(), secret: false, map: false);
            return FixtureCase.Text(ClusterPlanner.Plan(cluster.Input()));
        }).ToArray();
        Assert.NotEmpty(texts[0]);
        Assert.Equal(texts[0], texts[1]);
    }

    // NAME=value of each variable in order; a reference to a secret is NAME=secret:name/key.
    private static IReadOnlyList<string> Variables(bool asConfigMap, JsonObject cloud, Action<JsonNode>? edit = null, string? secret = null, string? map = null)
    {
        var cluster = new FixtureCase("small").Start();
        edit?.Invoke(cluster.Manifest["spec"]!);
        cluster.Configuration = Configuration(asConfigMap, cloud, secret is not null, map is not null);
        if (secret is not null) Add("Secret", "shop", secret, Convert.ToBase64String("secret"u8));
        if (map is not null) Add("ConfigMap", "default", map, "map");
        var plan = ClusterPlanner.Plan(cluster.Input());
        Assert.False(plan.IsRefused, string.Join('\n', plan.Findings));
        var set = plan.Changes.OfType<CreateObject>().Single(c => c.Kind.Kind == "StatefulSet").Body;
        return
        [
            .. set["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Select(v =>
                v!["valueFrom"]?["secretKeyRef"] is { } reference ? $"{v["name"]}=secret:{reference["name"]}/{reference["key"]}" : $"{v["name"]}={v["value"]}"),
        ];

        void Add(string kind, string space, string key, string value) => cluster.Objects[new ObjectKey(kind, space, "environment")] = new JsonObject
        {
            ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = "environment", ["namespace"] = space }, ["data"] = new JsonObject { [key] = value },
        };
    }

    private static Resources.OperatorConfiguration Configuration(bool asConfigMap, JsonObject cloud, bool secret, bool map)
    {
        if (asConfigMap)
        {
            var data = cloud.ToDictionary(c => c.Key, c => c.Value!.ToString(), StringComparer.Ordinal);
            data["docker_image"] = "spilo:1";
            data["master_dns_name_format"] = "{cluster}.{namespace}";
            data["replica_dns_name_format"] = "{cluster}-repl.{namespace}";
            data["cluster_labels"] = "application:spilo";
            data["enable_init_containers"] = data["enable_sidecars"] = "true";
            if (secret) data["pod_environment_secret"] = "environment";
            if (map) data["pod_environment_configmap"] = "environment";
            return ConfigMapConfiguration.Read(data);
        }

        var kubernetes = new JsonObject { ["cluster_labels"] = new JsonObject { ["application"] = "spilo" }, ["enable_init_containers"] = true, ["enable_sidecars"] = true };
        if (secret) kubernetes["pod_environment_secret"] = "environment";
        if (map) kubernetes["pod_environment_configmap"] = "environment";
        return GoldenCase.ReadConfiguration(new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1",
            ["kind"] = "OperatorConfiguration",
            ["metadata"] = new JsonObject { ["name"] = "test" },
            ["configuration"] = new JsonObject { ["docker_image"] = "spilo:1", ["kubernetes"] = kubernetes, ["aws_or_gcp"] = cloud.DeepClone(), ["logical_backup"] = new JsonObject { ["logical_backup_ttl_seconds_after_finished"] = 86400 }, ["load_balancer"] = new JsonObject { ["master_dns_name_format"] = "{cluster}.{namespace}", ["replica_dns_name_format"] = "{cluster}-repl.{namespace}" } },
        });
    }
}
