using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Tests.Validation;

public sealed class PostgresqlValidatorTests
{
    [Fact]
    public void The_minimal_manifest_has_no_findings() => Assert.Empty(Validate("{}"));

    [Theory]
    [InlineData("""{"numberOfInstances":null}""", "spec.numberOfInstances", "required", Severity.Error)]
    [InlineData("""{"teamId":""}""", "spec.teamId", "team", Severity.Warning)]
    [InlineData("""{"postgresql":{"version":"13"}}""", "spec.postgresql.version", "version", Severity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"old_snapshot_threshold":"1h"}}}""", "spec.postgresql.parameters.old_snapshot_threshold", "parameter-removed", Severity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"max_connections":"10"}}}""", "spec.postgresql.parameters.max_connections", "parameter-minimum", Severity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"listen_addresses":"*"}}}""", "spec.postgresql.parameters.listen_addresses", "parameter-patroni", Severity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"wal_level":"minimal"}}}""", "spec.postgresql.parameters.wal_level", "wal-level", Severity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"a b":"1"}}}""", "spec.postgresql.parameters.a b", "parameter-name", Severity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"shared_buffers":"1GB"}},"resources":{"limits":{"memory":"500Mi"}}}""", "spec.postgresql.parameters.shared_buffers", "shared-buffers", Severity.Error)]
    [InlineData("""{"volume":{"size":"10K"}}""", "spec.volume.size", "quantity", Severity.Error)]
    [InlineData("""{"volume":{"size":"0"}}""", "spec.volume.size", "volume-size", Severity.Error)]
    [InlineData("""{"volume":{"iops":3000}}""", "spec.volume.iops", "volume-mode", Severity.Warning)]
    [InlineData("""{"patroni":{"ttl":15}}""", "spec.patroni.ttl", "patroni-time", Severity.Warning)]
    [InlineData("""{"patroni":{"ttl":20,"loop_wait":10,"retry_timeout":10}}""", "spec.patroni.ttl", "patroni-times", Severity.Warning)]
    [InlineData("""{"patroni":{"slots":{"Bad":{"type":"physical"}}}}""", "spec.patroni.slots.Bad", "slot-name", Severity.Error)]
    [InlineData("""{"patroni":{"slots":{"a":{"type":"logical","database":"x"}}}}""", "spec.patroni.slots.a.plugin", "slot-type", Severity.Error)]
    [InlineData("""{"patroni":{"pg_hba":["hostssl all all md5","host replication standby all md5"]}}""", "spec.patroni.pg_hba[0]", "pg-hba", Severity.Error)]
    [InlineData("""{"patroni":{"pg_hba":["hostssl all all all scram-sha-256"]}}""", "spec.patroni.pg_hba", "pg-hba-replication", Severity.Warning)]
    [InlineData("""{"patroni":{"synchronous_mode":true,"synchronous_node_count":2}}""", "spec.patroni.synchronous_node_count", "synchronous", Severity.Warning)]
    [InlineData("""{"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}""", "spec.resources.requests.cpu", "request-above-limit", Severity.Warning)]
    [InlineData("""{"resources":{"limits":{"memory":"500m"}}}""", "spec.resources.limits.memory", "memory-unit", Severity.Warning)]
    [InlineData("""{"maintenanceWindows":["Mon:01:00-Tue:02:00"]}""", "spec.maintenanceWindows[0]", "maintenance-window", Severity.Error)]
    [InlineData("""{"maintenanceWindows":["23:00-01:00"]}""", "spec.maintenanceWindows[0]", "maintenance-window-overnight", Severity.Error)]
    [InlineData("""{"maintenanceWindows":[" 01:00-2:3 "]}""", "spec.maintenanceWindows[0]", "maintenance-window-form", Severity.Warning)]
    [InlineData("""{"allowedSourceRanges":["10.0.0.1/8"]}""", "spec.allowedSourceRanges[0]", "source-range", Severity.Warning)]
    [InlineData("""{"allowedSourceRanges":["10.0.0.1"]}""", "spec.allowedSourceRanges[0]", "source-range", Severity.Error)]
    [InlineData("""{"allowedSourceRanges":["fd00::/129"]}""", "spec.allowedSourceRanges[0]", "source-range", Severity.Error)]
    [InlineData("""{"masterNodePort":31000}""", "spec.masterNodePort", "node-port", Severity.Warning)]
    [InlineData("""{"users":{"alice":null}}""", "spec.users.alice", "null-user", Severity.Warning)]
    [InlineData("""{"users":{"alice":["superuser","nosuperuser"]}}""", "spec.users.alice[1]", "role-flag", Severity.Error)]
    [InlineData("""{"users":{"alice":["SuperUser"]}}""", "spec.users.alice[0]", "role-flag", Severity.Error)]
    [InlineData("""{"users":{"Alice":[]}}""", "spec.users.Alice", "role-name", Severity.Error)]
    [InlineData("""{"users":{"admin":[]}}""", "spec.users.admin", "role-protected", Severity.Warning)]
    [InlineData("""{"users":{"postgres":[]}}""", "spec.users.postgres", "role-system", Severity.Warning)]
    [InlineData("""{"users":{"a_b":[],"a-b":[]}}""", "spec.users.a-b", "secret-collision", Severity.Error)]
    [InlineData("""{"usersWithSecretRotation":["nobody"]}""", "spec.usersWithSecretRotation[0]", "rotation-user", Severity.Warning)]
    [InlineData("""{"userOptions":{"foo_user":{"state":"absent"}}}""", "spec.userOptions.foo_user.state", "user-options", Severity.Error)]
    [InlineData("""{"databases":{"a-b":"zalando"}}""", "spec.databases.a-b", "database-name", Severity.Error)]
    [InlineData("""{"databases":{"shop":"nobody"}}""", "spec.databases.shop", "database-owner", Severity.Warning)]
    [InlineData("""{"preparedDatabases":{"shop":{"extensions":{"pg_partman":"other"}}}}""", "spec.preparedDatabases.shop.extensions.pg_partman", "extension-schema", Severity.Warning)]
    [InlineData("""{"preparedDatabases":{"shop":{"secretNamespace":"x"}}}""", "spec.preparedDatabases.shop.secretNamespace", "secret-namespace", Severity.Warning)]
    [InlineData("""{"env":[{"name":"pgversion","value":"1"}]}""", "spec.env[0].name", "env-own", Severity.Warning)]
    [InlineData("""{"env":[{"name":"http_proxy","value":"1"}]}""", "spec.env[0].name", "env-case", Severity.Information)]
    [InlineData("""{"sidecars":[{"name":"a"}]}""", "spec.sidecars[0].image", "required", Severity.Error)]
    [InlineData("""{"sidecars":[{"name":"postgres","image":"x"}]}""", "spec.sidecars[0].name", "container-twice", Severity.Error)]
    [InlineData("""{"sidecars":[{"name":"a","image":"x","volumeMounts":[]}]}""", "spec.sidecars[0].volumeMounts", "sidecar-field", Severity.Warning)]
    [InlineData("""{"additionalVolumes":[{"name":"pgdata","mountPath":"/a","volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].name", "volume-twice", Severity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/home/postgres/pgdata","volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].mountPath", "mount-path", Severity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","volumeSource":{"PersistentVolumeClaim":{}}}]}""", "spec.additionalVolumes[0].volumeSource.PersistentVolumeClaim", "volume-source-case", Severity.Warning)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","targetInitContainers":["x"],"volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].targetInitContainers[0]", "target-containers", Severity.Warning)]
    [InlineData("""{"tls":{"secretName":"s"}}""", "spec.spiloFSGroup", "tls-group", Severity.Warning)]
    [InlineData("""{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]}""", "spec.topologySpreadConstraints[0].labelSelector", "topology-selector", Severity.Warning)]
    [InlineData("""{"connectionPooler":{"mode":"statement"}}""", "spec.connectionPooler.mode", "pooler-mode", Severity.Error)]
    [InlineData("""{"connectionPooler":{"user":"postgres"}}""", "spec.connectionPooler.user", "pooler-user", Severity.Error)]
    [InlineData("""{"connectionPooler":{"parameters":{"auth_query":"x"}}}""", "spec.connectionPooler.parameters.auth_query", "pooler-parameter", Severity.Error)]
    [InlineData("""{"clone":{"cluster":""}}""", "spec.clone.cluster", "clone-source", Severity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-a","timestamp":"2026-01-01T00:00:00Z"}}""", "spec.clone.timestamp", "clone-timestamp", Severity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-a","timestamp":"2026-01-01T00:00:00+00:00"}}""", "spec.clone.s3_wal_path", "clone-source", Severity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-a","s3_wal_path":"s3://x"}}""", "spec.clone.s3_wal_path", "clone-ignored", Severity.Warning)]
    [InlineData("""{"clone":{"cluster":"acid-a"},"standby":{"standby_host":"h"}}""", "spec.clone", "clone-and-standby", Severity.Error)]
    [InlineData("""{"standby":{}}""", "spec.standby", "standby-source", Severity.Error)]
    [InlineData("""{"standby":{"s3_wal_path":""}}""", "spec.standby", "standby-source", Severity.Error)]
    [InlineData("""{"standby":{"standby_host":"h","standby_port":"x"}}""", "spec.standby.standby_port", "standby-port", Severity.Error)]
    [InlineData("""{"enableLogicalBackup":true,"logicalBackupSchedule":"30 24 * * *"}""", "spec.logicalBackupSchedule", "cron", Severity.Error)]
    [InlineData("""{"streams":[{"applicationId":"App","database":"foo","tables":{"t":{"eventType":"e"}}}]}""", "spec.streams[0].applicationId", "slot-name", Severity.Error)]
    [InlineData("""{"pausedUntil":"2026-01-01T00:00:00Z"}""", "spec.pausedUntil", "paused", Severity.Warning)]
    public void A_mistake_is_found_where_it_is(string patch, string path, string ruleId, Severity severity)
    {
        var findings = Validate(patch);

        var finding = Assert.Single(findings, f => f.FieldPath == path && f.RuleId == ruleId);
        Assert.Equal(severity, finding.Severity);
        Assert.False(string.IsNullOrWhiteSpace(finding.Advice));
    }

    [Theory]
    [InlineData("acid-minimal-cluster-with-a-name-that-is-much-too-long", "name-length")]
    [InlineData("1abc", "name")]
    [InlineData("Abc", "name")]
    public void A_name_that_cannot_be_used_is_an_error(string name, string ruleId) =>
        Assert.Contains(Validate("{}", name: name), f => f.FieldPath == "metadata.name" && f.RuleId == ruleId && f.Severity == Severity.Error);

    [Fact]
    public void The_team_prefix_is_a_rule_only_when_the_operator_says_so()
    {
        var configuration = ConfigMapConfiguration.Read(new Dictionary<string, string> { ["enable_team_id_clustername_prefix"] = "true" });

        Assert.Contains(Validate("{}", configuration, "shop-db"), f => f.RuleId == "team-prefix");
        Assert.DoesNotContain(Validate("{}", configuration, "acid-db"), f => f.RuleId == "team-prefix");
        Assert.DoesNotContain(Validate("{}", name: "shop-db"), f => f.RuleId == "team-prefix");
    }

    [Fact]
    public void A_secret_never_stands_in_a_finding() =>
        Assert.All(Validate("""{"clone":{"cluster":"acid-a","s3_secret_access_key":"hunter2"}}"""), f => Assert.DoesNotContain("hunter2", f.ToString(), StringComparison.Ordinal));

    private static IReadOnlyList<Finding> Validate(string patch, OperatorConfiguration? configuration = null, string name = "acid-minimal")
    {
        var manifest = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = JsonNode.Parse("""{"teamId":"acid","numberOfInstances":2,"volume":{"size":"1Gi"},"users":{"zalando":["superuser","createdb"],"foo_user":[]},"databases":{"foo":"zalando"},"preparedDatabases":{"bar":{}},"postgresql":{"version":"17"}}"""),
        };
        Merge((JsonObject)manifest["spec"]!, (JsonObject)JsonNode.Parse(patch)!);
        return PostgresqlValidator.Validate(manifest.Deserialize(Postgresql.JsonTypeInfo)!, configuration ?? new OperatorConfiguration { Form = ConfigurationForm.ConfigMap });
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is JsonObject inner && target[key] is JsonObject existing) Merge(existing, inner);
            else target[key] = value?.DeepClone();
        }
    }
}
