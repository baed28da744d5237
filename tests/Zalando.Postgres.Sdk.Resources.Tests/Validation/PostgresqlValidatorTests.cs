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
    [InlineData("""{"numberOfInstances":null}""", "spec.numberOfInstances", "Required", FindingSeverity.Error)]
    [InlineData("""{"teamId":""}""", "spec.teamId", "Team", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"version":"13"}}""", "spec.postgresql.version", "Version", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"old_snapshot_threshold":"1h"}}}""", "spec.postgresql.parameters.old_snapshot_threshold", "ParameterRemoved", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"max_connections":"10"}}}""", "spec.postgresql.parameters.max_connections", "ParameterMinimum", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"listen_addresses":"*"}}}""", "spec.postgresql.parameters.listen_addresses", "ParameterPatroni", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"wal_level":"minimal"}}}""", "spec.postgresql.parameters.wal_level", "WalLevel", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"a b":"1"}}}""", "spec.postgresql.parameters.a b", "ParameterName", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"shared_buffers":"1GB"}},"resources":{"limits":{"memory":"500Mi"}}}""", "spec.postgresql.parameters.shared_buffers", "SharedBuffers", FindingSeverity.Error)]
    [InlineData("""{"volume":{"size":"10K"}}""", "spec.volume.size", "Quantity", FindingSeverity.Error)]
    [InlineData("""{"volume":{"size":"0"}}""", "spec.volume.size", "VolumeSize", FindingSeverity.Error)]
    [InlineData("""{"volume":{"iops":3000}}""", "spec.volume.iops", "VolumeMode", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"ttl":15}}""", "spec.patroni.ttl", "PatroniTime", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"ttl":20,"loop_wait":10,"retry_timeout":10}}""", "spec.patroni.ttl", "PatroniTimes", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"slots":{"Bad":{"type":"physical"}}}}""", "spec.patroni.slots.Bad", "SlotName", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"slots":{"a":{"type":"logical","database":"x"}}}}""", "spec.patroni.slots.a.plugin", "SlotType", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"pg_hba":["hostssl all all md5","host replication standby all md5"]}}""", "spec.patroni.pg_hba[0]", "PgHba", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"pg_hba":["hostssl all all all scram-sha-256"]}}""", "spec.patroni.pg_hba", "PgHbaReplication", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"synchronous_mode":true,"synchronous_node_count":2}}""", "spec.patroni.synchronous_node_count", "Synchronous", FindingSeverity.Warning)]
    [InlineData("""{"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}""", "spec.resources.requests.cpu", "RequestAboveLimit", FindingSeverity.Warning)]
    [InlineData("""{"resources":{"limits":{"memory":"500m"}}}""", "spec.resources.limits.memory", "MemoryUnit", FindingSeverity.Warning)]
    [InlineData("""{"maintenanceWindows":["Mon:01:00-Tue:02:00"]}""", "spec.maintenanceWindows[0]", "MaintenanceWindow", FindingSeverity.Error)]
    [InlineData("""{"maintenanceWindows":["23:00-01:00"]}""", "spec.maintenanceWindows[0]", "MaintenanceWindowOvernight", FindingSeverity.Information)]
    [InlineData("""{"maintenanceWindows":[" 01:00-2:3 "]}""", "spec.maintenanceWindows[0]", "MaintenanceWindowForm", FindingSeverity.Warning)]
    [InlineData("""{"allowedSourceRanges":["10.0.0.1/8"]}""", "spec.allowedSourceRanges[0]", "SourceRange", FindingSeverity.Warning)]
    [InlineData("""{"allowedSourceRanges":["10.0.0.1"]}""", "spec.allowedSourceRanges[0]", "SourceRange", FindingSeverity.Error)]
    [InlineData("""{"allowedSourceRanges":["fd00::/129"]}""", "spec.allowedSourceRanges[0]", "SourceRange", FindingSeverity.Error)]
    [InlineData("""{"masterNodePort":31000}""", "spec.masterNodePort", "NodePort", FindingSeverity.Warning)]
    [InlineData("""{"users":{"alice":null}}""", "spec.users.alice", "NullUser", FindingSeverity.Warning)]
    [InlineData("""{"users":{"alice":["superuser","nosuperuser"]}}""", "spec.users.alice[1]", "RoleFlag", FindingSeverity.Error)]
    [InlineData("""{"users":{"alice":["SuperUser"]}}""", "spec.users.alice[0]", "RoleFlag", FindingSeverity.Error)]
    [InlineData("""{"users":{"Alice":[]}}""", "spec.users.Alice", "RoleName", FindingSeverity.Error)]
    [InlineData("""{"users":{"admin":[]}}""", "spec.users.admin", "RoleProtected", FindingSeverity.Warning)]
    [InlineData("""{"users":{"postgres":[]}}""", "spec.users.postgres", "RoleSystem", FindingSeverity.Warning)]
    [InlineData("""{"users":{"a_b":[],"a-b":[]}}""", "spec.users.a_b", "SecretCollision", FindingSeverity.Error)]
    [InlineData("""{"usersWithSecretRotation":["nobody"]}""", "spec.usersWithSecretRotation[0]", "RotationUser", FindingSeverity.Warning)]
    [InlineData("""{"userOptions":{"foo_user":{"state":"absent"}}}""", "spec.userOptions.foo_user.state", "UserOptions", FindingSeverity.Error)]
    [InlineData("""{"databases":{"a-b":"zalando"}}""", "spec.databases.a-b", "DatabaseName", FindingSeverity.Error)]
    [InlineData("""{"databases":{"shop":"nobody"}}""", "spec.databases.shop", "DatabaseOwner", FindingSeverity.Warning)]
    [InlineData("""{"preparedDatabases":{"shop":{"extensions":{"pg_partman":"other"}}}}""", "spec.preparedDatabases.shop.extensions.pg_partman", "ExtensionSchema", FindingSeverity.Warning)]
    [InlineData("""{"preparedDatabases":{"shop":{"secretNamespace":"x"}}}""", "spec.preparedDatabases.shop.secretNamespace", "SecretNamespace", FindingSeverity.Warning)]
    [InlineData("""{"env":[{"name":"pgversion","value":"1"}]}""", "spec.env[0].name", "EnvOwn", FindingSeverity.Warning)]
    [InlineData("""{"env":[{"name":"http_proxy","value":"1"}]}""", "spec.env[0].name", "EnvCase", FindingSeverity.Information)]
    [InlineData("""{"sidecars":[{"name":"a"}]}""", "spec.sidecars[0].image", "Required", FindingSeverity.Error)]
    [InlineData("""{"sidecars":[{"name":"postgres","image":"x"}]}""", "spec.sidecars[0].name", "ContainerTwice", FindingSeverity.Error)]
    [InlineData("""{"sidecars":[{"name":"a","image":"x","volumeMounts":[]}]}""", "spec.sidecars[0].volumeMounts", "SidecarField", FindingSeverity.Warning)]
    [InlineData("""{"additionalVolumes":[{"name":"pgdata","mountPath":"/a","volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].name", "VolumeTwice", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/home/postgres/pgdata","volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].mountPath", "MountPath", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","volumeSource":{"PersistentVolumeClaim":{}}}]}""", "spec.additionalVolumes[0].volumeSource.PersistentVolumeClaim", "VolumeSourceCase", FindingSeverity.Warning)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","targetInitContainers":["x"],"volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].targetInitContainers[0]", "TargetContainers", FindingSeverity.Warning)]
    [InlineData("""{"tls":{"secretName":"s"}}""", "spec.spiloFSGroup", "TlsGroup", FindingSeverity.Warning)]
    [InlineData("""{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]}""", "spec.topologySpreadConstraints[0].labelSelector", "TopologySelector", FindingSeverity.Warning)]
    [InlineData("""{"connectionPooler":{"mode":"statement"}}""", "spec.connectionPooler.mode", "PoolerMode", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"user":"postgres"}}""", "spec.connectionPooler.user", "PoolerUser", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"parameters":{"auth_query":"x"}}}""", "spec.connectionPooler.parameters.auth_query", "PoolerParameter", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":""}}""", "spec.clone.cluster", "CloneSource", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-a","timestamp":"2026-01-01T00:00:00Z"}}""", "spec.clone.timestamp", "CloneTimestamp", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-a","timestamp":"2026-01-01T00:00:00+00:00"}}""", "spec.clone.s3_wal_path", "CloneSource", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-a","s3_wal_path":"s3://x"}}""", "spec.clone.s3_wal_path", "CloneIgnored", FindingSeverity.Warning)]
    [InlineData("""{"clone":{"cluster":"acid-a"},"standby":{"standby_host":"h"}}""", "spec.clone", "CloneAndStandby", FindingSeverity.Error)]
    [InlineData("""{"standby":{}}""", "spec.standby", "StandbySource", FindingSeverity.Error)]
    [InlineData("""{"standby":{"s3_wal_path":""}}""", "spec.standby", "StandbySource", FindingSeverity.Error)]
    [InlineData("""{"standby":{"standby_host":"h","standby_port":"x"}}""", "spec.standby.standby_port", "StandbyPort", FindingSeverity.Error)]
    [InlineData("""{"enableLogicalBackup":true,"logicalBackupSchedule":"30 24 * * *"}""", "spec.logicalBackupSchedule", "Cron", FindingSeverity.Error)]
    [InlineData("""{"streams":[{"applicationId":"App","database":"foo","tables":{"t":{"eventType":"e"}}}]}""", "spec.streams[0].applicationId", "SlotName", FindingSeverity.Error)]
    [InlineData("""{"pausedUntil":"2026-01-01T00:00:00Z"}""", "spec.pausedUntil", "Paused", FindingSeverity.Warning)]
    public void A_mistake_is_found_where_it_is(string patch, string path, string code, FindingSeverity severity)
    {
        var findings = Validate(patch);

        var finding = Assert.Single(findings, f => f.FieldPath == path && f.Code == code);
        Assert.Equal(severity, finding.Severity);
        Assert.False(string.IsNullOrWhiteSpace(finding.Advice));
    }

    [Theory]
    [InlineData("acid-minimal-cluster-with-a-name-that-is-much-too-long", "NameLength")]
    [InlineData("1abc", "Name")]
    [InlineData("Abc", "Name")]
    public void A_name_that_cannot_be_used_is_an_error(string name, string code) =>
        Assert.Contains(Validate("{}", name: name), f => f.FieldPath == "metadata.name" && f.Code == code && f.Severity == FindingSeverity.Error);

    [Fact]
    public void The_team_prefix_is_a_rule_only_when_the_operator_says_so()
    {
        var configuration = ConfigMapConfiguration.Read(new Dictionary<string, string> { ["enable_team_id_clustername_prefix"] = "true" });

        Assert.Contains(Validate("{}", configuration, "shop-db"), f => f.Code == "TeamPrefix");
        Assert.DoesNotContain(Validate("{}", configuration, "acid-db"), f => f.Code == "TeamPrefix");
        Assert.DoesNotContain(Validate("{}", name: "shop-db"), f => f.Code == "TeamPrefix");
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
