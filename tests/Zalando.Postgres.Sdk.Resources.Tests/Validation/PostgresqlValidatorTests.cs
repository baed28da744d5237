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
    [InlineData("""{"databases":{"b":"zalando"},"preparedDatabases":{"b":{}}}""", "spec.databases.b", "DatabaseTwice", FindingSeverity.Warning)]
    [InlineData("""{"logicalBackupSchedule":"30 00 * * *"}""", "spec.logicalBackupSchedule", "BackupOff", FindingSeverity.Information)]
    [InlineData("""{"logicalBackupSchedule":"30 00 * *"}""", "spec.logicalBackupSchedule", "Cron", FindingSeverity.Error)]
    [InlineData("""{"logicalBackupSchedule":"*/0 0 * * *"}""", "spec.logicalBackupSchedule", "Cron", FindingSeverity.Error)]
    [InlineData("""{"logicalBackupSchedule":"0 0 0 * *"}""", "spec.logicalBackupSchedule", "Cron", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"acid-minimal"}}""", "spec.clone.cluster", "CloneItself", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"Not A Name"}}""", "spec.clone.cluster", "CloneSource", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"a","uid":"x"}}""", "spec.clone.uid", "CloneUid", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"a","timestamp":"2026-02-30T00:00:00+00:00"}}""", "spec.clone.timestamp", "CloneTimestamp", FindingSeverity.Error)]
    [InlineData("""{"clone":{"cluster":"a","timestamp":""}}""", "spec.clone.timestamp", "CloneTimestamp", FindingSeverity.Warning)]
    [InlineData("""{"clone":{"cluster":"a","timestamp":"2026-01-01T00:00:00+00:00","s3_wal_path":"s3://x","s3_secret_access_key":"hunter2"}}""", "spec.clone.s3_secret_access_key", "CloneKey", FindingSeverity.Warning)]
    [InlineData("""{"standby":{"s3_wal_path":"s3://x","standby_port":"5432"}}""", "spec.standby.standby_port", "StandbyHost", FindingSeverity.Warning)]
    [InlineData("""{"standby":{"s3_wal_path":"s3://x","gs_wal_path":"gs://x"}}""", "spec.standby.gs_wal_path", "StandbySource", FindingSeverity.Error)]
    [InlineData("""{"standby":{"standby_host":"h","standby_primary_slot_name":"Not a slot"}}""", "spec.standby.standby_primary_slot_name", "SlotName", FindingSeverity.Error)]
    [InlineData("""{"standby":{"standby_host":"h"}}""", "spec.standby", "StandbySql", FindingSeverity.Information)]
    [InlineData("""{"standby":{"standby_host":"h"}}""", "spec.numberOfInstances", "StandbyInstances", FindingSeverity.Warning)]
    [InlineData("""{"env":[{"name":"STANDBY_WALE_S3_PREFIX","value":"s3://x"}]}""", "spec.numberOfInstances", "StandbyInstances", FindingSeverity.Warning)]
    [InlineData("""{"standby":{"standby_host":"h"},"streams":[{"applicationId":"a","database":"foo","tables":{"t":{"eventType":"e"}}}]}""", "spec.streams", "StandbyStreams", FindingSeverity.Warning)]
    [InlineData("""{"databases":{"postgres":"zalando"}}""", "spec.databases.postgres", "DatabaseName", FindingSeverity.Warning)]
    [InlineData("""{"databases":{"shop":""}}""", "spec.databases.shop", "DatabaseOwner", FindingSeverity.Error)]
    [InlineData("""{"databaseReclaimPolicy":"Drop"}""", "spec.databaseReclaimPolicy", "ReclaimPolicy", FindingSeverity.Error)]
    [InlineData("""{"preparedDatabases":{"shop":{"schemas":{"s":{"defaultRoles":false,"defaultUsers":true}}}}}""", "spec.preparedDatabases.shop.schemas.s.defaultUsers", "DefaultUsers", FindingSeverity.Warning)]
    [InlineData("""{"preparedDatabases":{"shop":{"schemas":{"a-b":{}}}}}""", "spec.preparedDatabases.shop.schemas.a-b", "SchemaName", FindingSeverity.Error)]
    [InlineData("""{"preparedDatabases":{"shop":{"schemas":{"pg_x":{}}}}}""", "spec.preparedDatabases.shop.schemas.pg_x", "SchemaName", FindingSeverity.Error)]
    [InlineData("""{"preparedDatabases":{"shop":{"extensions":{"a b":"public"}}}}""", "spec.preparedDatabases.shop.extensions.a b", "ExtensionName", FindingSeverity.Error)]
    [InlineData("""{"preparedDatabases":{"shop":{"extensions":{"hstore":""}}}}""", "spec.preparedDatabases.shop.extensions.hstore", "ExtensionSchema", FindingSeverity.Error)]
    [InlineData("""{"preparedDatabases":{"Shop":{}}}""", "spec.preparedDatabases.Shop", "PreparedCase", FindingSeverity.Warning)]
    [InlineData("""{"preparedDatabases":{"a_name_that_leaves_no_room_for_the_ends_of_the_names_of_its_roles":{}}}""", "spec.preparedDatabases.a_name_that_leaves_no_room_for_the_ends_of_the_names_of_its_roles", "DatabaseName", FindingSeverity.Error)]
    [InlineData("""{"users":{"bar_owner":[]}}""", "spec.users.bar_owner", "RoleTwice", FindingSeverity.Warning)]
    [InlineData("""{"maintenanceWindows":["01:00-01:00"]}""", "spec.maintenanceWindows[0]", "MaintenanceWindowShort", FindingSeverity.Warning)]
    [InlineData("""{"maintenanceWindows":["Mon:25:00-26:00"]}""", "spec.maintenanceWindows[0]", "MaintenanceWindow", FindingSeverity.Error)]
    [InlineData("""{"numberOfInstances":-1}""", "spec.numberOfInstances", "Instances", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"initdb":{"--encoding":"UTF8"}}}""", "spec.patroni.initdb.--encoding", "Initdb", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"initdb":{"encoding":null}}}""", "spec.patroni.initdb.encoding", "Initdb", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"maximum_lag_on_failover":-1}}""", "spec.patroni.maximum_lag_on_failover", "PatroniLag", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"ttl":-1}}""", "spec.patroni.ttl", "PatroniTime", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"synchronous_mode_strict":true}}""", "spec.patroni.synchronous_mode_strict", "Synchronous", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"synchronous_node_count":-1}}""", "spec.patroni.synchronous_node_count", "Synchronous", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"pg_hba":["hostssl all all all trust","hostssl replication all all md5"]}}""", "spec.patroni.pg_hba[0]", "PgHbaTrust", FindingSeverity.Warning)]
    [InlineData("""{"patroni":{"pg_hba":["everybody all","hostssl replication all all md5"]}}""", "spec.patroni.pg_hba[0]", "PgHba", FindingSeverity.Error)]
    [InlineData("""{"patroni":{"slots":{"a":{}}}}""", "spec.patroni.slots.a.type", "SlotType", FindingSeverity.Error)]
    [InlineData("""{"sidecars":[{"name":"Bad_Name","image":"x"}]}""", "spec.sidecars[0].name", "ContainerName", FindingSeverity.Error)]
    [InlineData("""{"initContainers":[{"name":"a","image":"x"},{"name":"a","image":"x"}]}""", "spec.initContainers[1].name", "ContainerTwice", FindingSeverity.Error)]
    [InlineData("""{"initContainers":[{"name":"a"}]}""", "spec.initContainers[0].image", "Required", FindingSeverity.Error)]
    [InlineData("""{"env":[{"name":"A","value":"1"},{"name":"a","value":"2"}]}""", "spec.env[1].name", "EnvTwice", FindingSeverity.Warning)]
    [InlineData("""{"env":[{"name":"A","value":"1","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}""", "spec.env[0]", "EnvValue", FindingSeverity.Error)]
    [InlineData("""{"env":[{"value":"1"}]}""", "spec.env[0].name", "Required", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","isSubPathExpr":true,"volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].isSubPathExpr", "SubPath", FindingSeverity.Warning)]
    [InlineData("""{"additionalVolumes":[{"name":"A","mountPath":"/a","volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].name", "VolumeName", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","volumeSource":{}}]}""", "spec.additionalVolumes[0].volumeSource", "VolumeSource", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","volumeSource":{"emptyDir":{},"secret":{}}}]}""", "spec.additionalVolumes[0].volumeSource", "VolumeSource", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","volumeSource":{"noSuch":{}}}]}""", "spec.additionalVolumes[0].volumeSource.noSuch", "VolumeSource", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","volumeSource":{"emptyDir":{}}},{"name":"b","mountPath":"/a/","volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[1].mountPath", "MountPath", FindingSeverity.Error)]
    [InlineData("""{"additionalVolumes":[{"name":"a","mountPath":"/a","targetContainers":["all","postgres"],"volumeSource":{"emptyDir":{}}}]}""", "spec.additionalVolumes[0].targetContainers[0]", "TargetContainers", FindingSeverity.Warning)]
    [InlineData("""{"tls":{"secretName":""}}""", "spec.tls.secretName", "Tls", FindingSeverity.Warning)]
    [InlineData("""{"tls":{"caFile":"x"}}""", "spec.tls.secretName", "Required", FindingSeverity.Error)]
    [InlineData("""{"tls":{"secretName":"s","caSecretName":"c"}}""", "spec.tls.caSecretName", "Tls", FindingSeverity.Warning)]
    [InlineData("""{"spiloRunAsUser":-1}""", "spec.spiloRunAsUser", "UserId", FindingSeverity.Error)]
    [InlineData("""{"imagePullSecrets":[{}]}""", "spec.imagePullSecrets[0].name", "Required", FindingSeverity.Error)]
    [InlineData("""{"tolerations":[{"key":"a","operator":"Exists","value":"b"}]}""", "spec.tolerations[0].value", "Toleration", FindingSeverity.Error)]
    [InlineData("""{"tolerations":[{"key":"a","operator":"Is"}]}""", "spec.tolerations[0].operator", "Toleration", FindingSeverity.Error)]
    [InlineData("""{"tolerations":[{"effect":"Never","operator":"Exists"}]}""", "spec.tolerations[0].effect", "Toleration", FindingSeverity.Error)]
    [InlineData("""{"enableShmVolume":false}""", "spec.enableShmVolume", "ShmVolume", FindingSeverity.Warning)]
    [InlineData("""{"enableConnectionPooler":true,"connectionPooler":{"numberOfInstances":4,"maxDBConnections":2}}""", "spec.connectionPooler.maxDBConnections", "PoolerConnections", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"numberOfInstances":0}}""", "spec.connectionPooler.numberOfInstances", "PoolerInstances", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"numberOfInstances":1}}""", "spec.connectionPooler.numberOfInstances", "PoolerInstances", FindingSeverity.Warning)]
    [InlineData("""{"enableConnectionPooler":false,"connectionPooler":{}}""", "spec.connectionPooler", "PoolerOff", FindingSeverity.Information)]
    [InlineData("""{"connectionPooler":{"schema":"a-b"}}""", "spec.connectionPooler.schema", "SchemaName", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"users":{"a":{"poolMode":"never"}}}}""", "spec.connectionPooler.users.a.poolMode", "PoolerMode", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"users":{"a":{"maxUserConnections":-1}}}}""", "spec.connectionPooler.users.a.maxUserConnections", "PoolerConnections", FindingSeverity.Error)]
    [InlineData("""{"connectionPooler":{"accessList":["all"]}}""", "spec.connectionPooler.accessList[0]", "PgHba", FindingSeverity.Error)]
    [InlineData("""{"resources":{"requests":{"hugepages-2Mi":"2Mi"},"limits":{"hugepages-2Mi":"4Mi"}}}""", "spec.resources.requests.hugepages-2Mi", "HugePages", FindingSeverity.Error)]
    [InlineData("""{"resources":{"requests":{"cpu":"0"}}}""", "spec.resources.requests.cpu", "QuantityZero", FindingSeverity.Information)]
    [InlineData("""{"resources":{"requests":{"cpu":"-1"}}}""", "spec.resources.requests.cpu", "Quantity", FindingSeverity.Error)]
    [InlineData("""{"allowedSourceRanges":["10.0.0.0/8"],"enableMasterLoadBalancer":false}""", "spec.allowedSourceRanges", "SourceRanges", FindingSeverity.Information)]
    [InlineData("""{"allowedSourceRanges":["::/0"]}""", "spec.allowedSourceRanges[0]", "SourceRange", FindingSeverity.Warning)]
    [InlineData("""{"enableMasterLoadBalancer":true}""", "spec.allowedSourceRanges", "SourceRangesEmpty", FindingSeverity.Information)]
    [InlineData("""{"enableMasterNodePort":true,"masterNodePort":80}""", "spec.masterNodePort", "NodePort", FindingSeverity.Warning)]
    [InlineData("""{"enableMasterNodePort":true,"masterNodePort":30001,"enableReplicaNodePort":true,"replicaNodePort":30001}""", "spec.replicaNodePort", "NodePort", FindingSeverity.Error)]
    [InlineData("""{"streams":[{"applicationId":"a","database":"foo","tables":{"t":{"eventType":"e"}},"batchSize":-1}]}""", "spec.streams[0].batchSize", "StreamBatch", FindingSeverity.Error)]
    [InlineData("""{"streams":[{"applicationId":"a","database":"nowhere","tables":{"t":{"eventType":"e"}}}]}""", "spec.streams[0].database", "StreamDatabase", FindingSeverity.Warning)]
    [InlineData("""{"streams":[{"applicationId":"a","database":"foo","tables":{"t":{"eventType":"e"}},"filter":{"u":"x"}}]}""", "spec.streams[0].filter.u", "StreamFilter", FindingSeverity.Warning)]
    [InlineData("""{"streams":[{"applicationId":"a","database":"foo","tables":{"a.b.c":{"eventType":"e"}}}]}""", "spec.streams[0].tables.a.b.c", "StreamTable", FindingSeverity.Error)]
    [InlineData("""{"streams":[{"applicationId":"a","database":"foo","tables":{"t":{"eventType":"e"}}}],"postgresql":{"parameters":{"wal_level":"replica"}}}""", "spec.postgresql.parameters.wal_level", "StreamWalLevel", FindingSeverity.Warning)]
    [InlineData("""{"users":{"other.reader":[]}}""", "spec.users.other.reader", "RoleNamespace", FindingSeverity.Information)]
    [InlineData("""{"users":{"pg_monitor2":[]}}""", "spec.users.pg_monitor2", "RoleReserved", FindingSeverity.Error)]
    [InlineData("""{"users":{"alice":["login","LOGIN"]}}""", "spec.users.alice[1]", "RoleFlag", FindingSeverity.Warning)]
    [InlineData("""{"usersWithSecretRotation":["postgres"]}""", "spec.usersWithSecretRotation[0]", "RotationUser", FindingSeverity.Error)]
    [InlineData("""{"userOptions":{"nobody":{"memberOf":["a"]}}}""", "spec.userOptions.nobody", "UserOptions", FindingSeverity.Warning)]
    [InlineData("""{"userOptions":{"foo_user":{"memberOf":["foo_user"]}}}""", "spec.userOptions.foo_user.memberOf[0]", "UserOptions", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"fsync":"off"}}}""", "spec.postgresql.parameters.fsync", "Durability", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"hot_standby":"off"}}}""", "spec.postgresql.parameters.hot_standby", "HotStandby", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"log_line_prefix":null}}}""", "spec.postgresql.parameters.log_line_prefix", "ParameterValue", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"password_encryption":"md5"}}}""", "spec.postgresql.parameters.password_encryption", "PasswordEncryption", FindingSeverity.Warning)]
    [InlineData("""{"postgresql":{"parameters":{"password_encryption":"plain"}}}""", "spec.postgresql.parameters.password_encryption", "PasswordEncryption", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"work_mem":"64Mi"}}}""", "spec.postgresql.parameters.work_mem", "ParameterForm", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"statement_timeout":"5m"}}}""", "spec.postgresql.parameters.statement_timeout", "ParameterForm", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"jit":"perhaps"}}}""", "spec.postgresql.parameters.jit", "ParameterForm", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"max_parallel_workers":"many"}}}""", "spec.postgresql.parameters.max_parallel_workers", "ParameterForm", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"io_method":"worker"}}}""", "spec.postgresql.parameters.io_method", "ParameterUnknown", FindingSeverity.Error)]
    [InlineData("""{"postgresql":{"parameters":{"work_mem":"1MB","Work_Mem":"2MB"}}}""", "spec.postgresql.parameters.Work_Mem", "ParameterTwice", FindingSeverity.Warning)]
    [InlineData("""{"volume":{"subPath":"../up"}}""", "spec.volume.subPath", "SubPath", FindingSeverity.Error)]
    [InlineData("""{"volume":{"isSubPathExpr":true}}""", "spec.volume.isSubPathExpr", "SubPath", FindingSeverity.Warning)]
    [InlineData("""{"volume":{"size":"10G"}}""", "spec.volume.size", "VolumeUnit", FindingSeverity.Information)]
    [InlineData("""{"volume":{"type":"gp3"}}""", "spec.volume.type", "VolumeMode", FindingSeverity.Warning)]
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

    [Theory]
    [InlineData("{}", """{"min_instances":"3"}""", "spec.numberOfInstances", "InstanceLimits")]
    [InlineData("{}", """{"max_instances":"1"}""", "spec.numberOfInstances", "InstanceLimits")]
    [InlineData("""{"sidecars":[{"name":"a","image":"b"}]}""", """{"enable_sidecars":"false"}""", "spec.sidecars", "SidecarsOff")]
    [InlineData("""{"initContainers":[{"name":"a","image":"b"}]}""", """{"enable_init_containers":"false"}""", "spec.initContainers", "InitContainersOff")]
    [InlineData("""{"resources":{"limits":{"cpu":"100m"}}}""", """{"min_cpu_limit":"250m"}""", "spec.resources.limits.cpu", "ResourceLimits")]
    [InlineData("""{"resources":{"requests":{"memory":"4Gi"}}}""", """{"max_memory_request":"2Gi"}""", "spec.resources.requests.memory", "ResourceLimits")]
    [InlineData("""{"volume":{"iops":100}}""", """{"storage_resize_mode":"mixed"}""", "spec.volume.iops", "VolumeIops")]
    [InlineData("""{"volume":{"throughput":1}}""", """{"storage_resize_mode":"mixed"}""", "spec.volume.throughput", "VolumeThroughput")]
    [InlineData("""{"logicalBackupRetention":"2 weeks"}""", """{"logical_backup_provider":"gcs"}""", "spec.logicalBackupRetention", "BackupRetention")]
    [InlineData("""{"postgresql":{"version":"14"}}""", """{"major_version_upgrade_mode":"full","minimal_major_version":"16"}""", "spec.postgresql.version", "Version")]
    [InlineData("""{"clone":{"cluster":"a","timestamp":"2026-01-01T00:00:00+00:00"}}""", """{"wal_s3_bucket":"b"}""", "spec.clone.uid", "CloneUid")]
    [InlineData("""{"clone":{"cluster":"a","timestamp":"2026-01-01T00:00:00+00:00"}}""", """{"pod_environment_secret":"s"}""", "spec.clone.s3_wal_path", "CloneSource")]
    [InlineData("""{"connectionPooler":{"user":"cron_admin"}}""", """{"protected_role_names":"cron_admin"}""", "spec.connectionPooler.user", "PoolerUser")]
    public void A_rule_follows_the_configuration(string patch, string data, string path, string code)
    {
        var configuration = ConfigMapConfiguration.Read(JsonSerializer.Deserialize(data, PostgresJsonContext.Default.IReadOnlyDictionaryStringString));

        Assert.Contains(Validate(patch, configuration), f => f.FieldPath == path && f.Code == code);
        Assert.DoesNotContain(Validate(patch), f => f.FieldPath == path && f.Code == code && f.Severity == FindingSeverity.Warning);
    }

    [Fact]
    public void An_annotation_lifts_the_limits_of_instances_and_resources()
    {
        var configuration = ConfigMapConfiguration.Read(new Dictionary<string, string>
        {
            ["max_instances"] = "1", ["ignore_instance_limits_annotation_key"] = "lift", ["min_cpu_limit"] = "250m", ["ignore_resources_limits_annotation_key"] = "lift",
        });
        const string patch = """{"resources":{"limits":{"cpu":"100m"}}}""";

        Assert.Equal(2, Validate(patch, configuration).Count(f => f.Code is "InstanceLimits" or "ResourceLimits"));
        Assert.DoesNotContain(Validate(patch, configuration, metadata: """{"annotations":{"lift":"true"}}"""), f => f.Code is "InstanceLimits" or "ResourceLimits");
    }

    [Fact]
    public void An_inherited_label_must_not_take_the_place_of_a_label_of_the_operator()
    {
        var configuration = ConfigMapConfiguration.Read(new Dictionary<string, string> { ["inherited_labels"] = "application,owner" });

        Assert.Contains(Validate("{}", configuration, metadata: """{"labels":{"application":"other"}}"""), f => f is { FieldPath: "metadata.labels.application", Code: "LabelCollision", Severity: FindingSeverity.Error, IsTolerated: false });
        Assert.DoesNotContain(Validate("{}", configuration, metadata: """{"labels":{"owner":"me","cluster-name":"x"}}"""), f => f.Code == "LabelCollision");
    }

    [Theory]
    [InlineData("shared_buffers", "1.5GB")]
    [InlineData("shared_buffers", "16384")]
    [InlineData("work_mem", " 4 MB ")]
    [InlineData("statement_timeout", "30min")]
    [InlineData("statement_timeout", "0")]
    [InlineData("jit", "T")]
    [InlineData("jit", "of")]
    [InlineData("max_wal_size", "-1")]
    [InlineData("max_parallel_workers", "0x8")]
    public void A_value_that_PostgreSQL_reads_is_no_mistake(string name, string value) =>
        Assert.DoesNotContain(Validate(new JsonObject { ["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { [name] = value } } }.ToJsonString()), f => f.Code == "ParameterForm");

    [Fact]
    public void A_finding_has_one_form_everywhere_and_a_code_that_can_be_the_reason_of_an_Event()
    {
        var findings = Validate("""{"users":{"Alice":null},"volume":{"size":"10K"},"maintenanceWindows":["x"],"env":[{"name":"a"}]}""");

        Assert.All(findings, f => Assert.Matches("^[A-Z][A-Za-z0-9]+$", f.Code));
        Assert.All(findings, f => Assert.StartsWith(f.FieldPath, f.ToString(), StringComparison.Ordinal));
        Assert.All(findings, f => Assert.DoesNotMatch("[.]$", f.Rule + f.Advice));
    }

    [Fact]
    public void A_secret_never_stands_in_a_finding() =>
        Assert.All(Validate("""{"clone":{"cluster":"acid-a","s3_secret_access_key":"hunter2"}}"""), f => Assert.DoesNotContain("hunter2", f.ToString(), StringComparison.Ordinal));

    private static IReadOnlyList<Finding> Validate(string patch, OperatorConfiguration? configuration = null, string name = "acid-minimal", string metadata = "{}")
    {
        var manifest = new JsonObject
        {
            ["metadata"] = JsonNode.Parse(metadata),
            ["spec"] = JsonNode.Parse("""{"teamId":"acid","numberOfInstances":2,"volume":{"size":"1Gi"},"users":{"zalando":["superuser","createdb"],"foo_user":[]},"databases":{"foo":"zalando"},"preparedDatabases":{"bar":{}},"postgresql":{"version":"17"}}"""),
        };
        manifest["metadata"]!["name"] = name;
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
