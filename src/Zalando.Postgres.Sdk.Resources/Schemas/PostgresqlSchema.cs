using System.Text.Json.Nodes;
using static Zalando.Postgres.Sdk.Resources.Schemas.SchemaBuilder;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>Schema of <see cref="Postgresql"/>. Tests hold it to the record types: same fields, same kinds of value, same words.</summary>
internal static class PostgresqlSchema
{
    private static readonly string[] SupportedVersions = ["14", "15", "16", "17", "18"];

    internal static JsonObject Root() => RootOf("A highly available PostgreSQL cluster.", ("spec", PostgresqlSpec("What the owner asks for.")), ("status", PostgresqlStatus("What the operator says of it.")))
        .Requiring("metadata", "spec");

    private static JsonObject PostgresqlSpec(string? description) => ObjectOf(
        description,
        ("teamId", Text("Team that owns the cluster: label `team` on every object, and its members become database users. Required; may be empty.")),
        ("numberOfInstances", Integer("Number of PostgreSQL pods, primary included. Required, 0 or more; the operator's `min_instances` and `max_instances` limit it. 0 stops the cluster and keeps its volumes.").AtLeast(0)),
        ("postgresql", PostgresqlSection("PostgreSQL's major version and parameters. Required.")),
        ("volume", VolumeSection("Volume that holds the data directory. Required.")),
        ("patroni", PatroniSection("Settings of Patroni, which elects the primary. Default: those of the Spilo image.")),
        ("resources", ResourcesSection("CPU and memory of the PostgreSQL container. Default: operator parameters `default_cpu_request` and its siblings.")),
        ("dockerImage", Text("Spilo image. Default: operator parameter `docker_image`.")),
        ("schedulerName", Text("Scheduler of the PostgreSQL pods. Default: the cluster's default scheduler.")),
        ("maintenanceWindows", ListOf("When disruptive work may be done, UTC: `HH:MM-HH:MM` for every day or `Mon:HH:MM-HH:MM` for one. Default: operator parameter `maintenance_windows`; without any, always.", Text(null).Matching(SchemaPatterns.MaintenanceWindow))),
        ("podPriorityClassName", Text("Priority class of the PostgreSQL pods. Default: operator parameter `pod_priority_class_name`.")),
        ("enableShmVolume", Flag("Mounts a memory volume at `/dev/shm`, so that shared memory is not limited to 64 MiB. Default: operator parameter `enable_shm_volume`; false does not switch it off.")),
        ("enableMasterLoadBalancer", Flag("Makes the Service of the primary a load balancer. Default: operator parameter `enable_master_load_balancer`.")),
        ("enableMasterPoolerLoadBalancer", Flag("Makes the Service of the primary's pooler a load balancer. Default: operator parameter `enable_master_pooler_load_balancer`.")),
        ("enableReplicaLoadBalancer", Flag("Makes the Service of the replicas a load balancer. Default: operator parameter `enable_replica_load_balancer`.")),
        ("enableReplicaPoolerLoadBalancer", Flag("Makes the Service of the replicas' pooler a load balancer. Default: operator parameter `enable_replica_pooler_load_balancer`.")),
        ("enableMasterNodePort", Flag("Makes the Service of the primary reachable on a port of every node; wins over the load balancer. Default: operator parameter `enable_master_node_port`.")),
        ("masterNodePort", Integer("Node port of the primary; read only when `enableMasterNodePort` is written in the manifest. Default: 0, chosen by Kubernetes.")),
        ("enableMasterPoolerNodePort", Flag("Makes the Service of the primary's pooler reachable on a port of every node. Default: operator parameter `enable_master_pooler_node_port`.")),
        ("masterPoolerNodePort", Integer("Node port of the primary's pooler; read only when `enableMasterPoolerNodePort` is written. Default: 0, chosen by Kubernetes.")),
        ("enableReplicaNodePort", Flag("Makes the Service of the replicas reachable on a port of every node. Default: operator parameter `enable_replica_node_port`.")),
        ("replicaNodePort", Integer("Node port of the replicas; read only when `enableReplicaNodePort` is written. Default: 0, chosen by Kubernetes.")),
        ("enableReplicaPoolerNodePort", Flag("Makes the Service of the replicas' pooler reachable on a port of every node. Default: operator parameter `enable_replica_pooler_node_port`.")),
        ("replicaPoolerNodePort", Integer("Node port of the replicas' pooler; read only when `enableReplicaPoolerNodePort` is written. Default: 0, chosen by Kubernetes.")),
        ("allowedSourceRanges", ListOf("Networks (IPv4 or IPv6 CIDR) that may reach the load balancers. Empty or absent: nobody (`127.0.0.1/32`).", Text(null).Matching(SchemaPatterns.Network)).AllowNull()),
        ("serviceAnnotations", MapOf("Annotations of all Services of the cluster, over the operator's `custom_service_annotations`. Default: none.", Text(null))),
        ("masterServiceAnnotations", MapOf("Annotations of the Services of the primary and its pooler, over `serviceAnnotations`. Default: none.", Text(null))),
        ("replicaServiceAnnotations", MapOf("Annotations of the Services of the replicas and their pooler, over `serviceAnnotations`. Default: none.", Text(null))),
        ("users", MapOf("Database roles by name, with their flags (`superuser`, `createdb`, `nologin`, ...). Each gets a Secret with its password. A null list means no flags. Default: none.", ListOf(null, Text(null).OneOf(RoleFlags.All)).AllowNull())),
        ("userOptions", MapOf("More about roles of `users`, by name: memberships, and removal. An addition of this operator; others ignore it. Default: none.", UserOptions(null))),
        ("usersIgnoringSecretRotation", ListOf("Roles whose passwords are never rotated. Default: none.", Text(null)).AllowNull()),
        ("usersWithSecretRotation", ListOf("Roles rotated by new, dated roles, even when rotation is off for all others. Default: none.", Text(null)).AllowNull()),
        ("usersWithInPlaceSecretRotation", ListOf("Roles that keep their name and get a new password. Default: none.", Text(null)).AllowNull()),
        ("databases", MapOf("Databases by name, with the role that owns each. Default: none.", Text(null))),
        ("databaseReclaimPolicy", Text("What happens to a database removed from `databases` or `preparedDatabases`: `Retain` or `Delete`. An addition of this operator; others ignore it. Default: `Retain`.").OneOf("Retain", "Delete")),
        ("preparedDatabases", MapOf("Databases with schemas, extensions and a set of roles, by name. Absent: none. Empty: one named after the cluster, dashes as underscores.", PreparedDatabase(null).AllowNull())),
        ("spiloRunAsUser", LongInteger("User id of the PostgreSQL pods. Default: operator parameter `spilo_runasuser`.")),
        ("spiloRunAsGroup", LongInteger("Group id of the PostgreSQL pods. Default: operator parameter `spilo_runasgroup`.")),
        ("spiloFSGroup", LongInteger("Group id that owns the volumes of the PostgreSQL and pooler pods. Default: operator parameter `spilo_fsgroup`.")),
        ("env", ListOf("Environment variables of the PostgreSQL container. A name the operator sets itself (compared without case) is not replaced. Default: none.", KubernetesSchemas.Of("io.k8s.api.core.v1.EnvVar", null))),
        ("envFrom", ListOf("ConfigMaps and Secrets whose keys become environment variables of the PostgreSQL container. Default: none.", KubernetesSchemas.Of("io.k8s.api.core.v1.EnvFromSource", null))),
        ("livenessProbe", KubernetesSchemas.Of("io.k8s.api.core.v1.Probe", "Liveness probe of the PostgreSQL container. Default: operator parameter `liveness_probe`; without it, none.")),
        ("initContainers", ListOf("Containers that run before PostgreSQL, in this order. Default: none.", KubernetesSchemas.Of("io.k8s.api.core.v1.Container", null))),
        ("sidecars", ListOf("Containers that run beside PostgreSQL. Default: none.", Sidecar(null))),
        ("additionalVolumes", ListOf("More volumes of the PostgreSQL pods. Default: none.", AdditionalVolume(null))),
        ("imagePullSecrets", ListOf("Secrets for pulling the images of the cluster's pods. An addition of this operator; others ignore it. Default: none.", KubernetesSchemas.Of("io.k8s.api.core.v1.LocalObjectReference", null))),
        ("tolerations", ListOf("Taints that the PostgreSQL, pooler and backup pods tolerate. Default: operator parameter `toleration`.", KubernetesSchemas.Of("io.k8s.api.core.v1.Toleration", null))),
        ("nodeAffinity", KubernetesSchemas.Of("io.k8s.api.core.v1.NodeAffinity", "Nodes for the PostgreSQL and pooler pods; merged with operator parameter `node_readiness_label`. Default: any node.")),
        ("topologySpreadConstraints", ListOf("How the pods are spread over zones or nodes. Default: not spread.", KubernetesSchemas.Of("io.k8s.api.core.v1.TopologySpreadConstraint", null))),
        ("podAnnotations", MapOf("Annotations of the PostgreSQL, pooler and backup pods, over the operator's `custom_pod_annotations`. Default: none.", Text(null))),
        ("tls", TlsSection("Server certificate from a Secret. Default: a certificate that Spilo makes.")),
        ("enableConnectionPooler", Flag("Runs PgBouncer in front of the primary. Default: true when `connectionPooler` is written, otherwise false.")),
        ("enableReplicaConnectionPooler", Flag("Runs PgBouncer in front of the replicas. Default: false.")),
        ("connectionPooler", ConnectionPoolerSection("Settings of the poolers. Default: operator parameters `connection_pooler_*`.")),
        ("clone", CloneSection("Makes the cluster as a copy of another, when it is created. Default: an empty cluster.")),
        ("standby", StandbySection("Makes the cluster follow another one, read-only, until the section is removed. Default: a cluster of its own.")),
        ("enableLogicalBackup", Flag("Dumps all databases on a schedule. Default: false.")),
        ("logicalBackupSchedule", Text("When dumps run, as a cron expression of numbers, `*` and steps. Default: operator parameter `logical_backup_schedule`.").Matching(SchemaPatterns.Cron)),
        ("logicalBackupRetention", Text("How long dumps are kept, for example `2 weeks`; S3 only. Default: operator parameter `logical_backup_s3_retention_time`.")),
        ("enableWALArchiving", Flag("False switches WAL archiving and base backups off for this cluster. An addition of this operator; others ignore it. Default: true.")),
        ("streams", ListOf("Tables whose changes become events (logical replication, FabricEventStream objects). Default: none.", EventStream(null))),
        ("paused", Flag("True makes the operator leave the cluster alone: it observes, and changes nothing. An addition of this operator; others ignore it. Default: false.")),
        ("pausedUntil", Text("When `paused` ends by itself. An addition of this operator; others ignore it. Default: it does not.").WithFormat("date-time")),
        ("useLoadBalancer", Flag("Deprecated: write `enableMasterLoadBalancer`.")),
        ("replicaLoadBalancer", Flag("Deprecated: write `enableReplicaLoadBalancer`.")),
        ("init_containers", ListOf("Deprecated: write `initContainers`.", AnyObject(null)).AllowNull()),
        ("pod_priority_class_name", Text("Deprecated: write `podPriorityClassName`.")))
        .Requiring("numberOfInstances", "postgresql", "teamId", "volume");

    private static JsonObject PostgresqlSection(string? description) => ObjectOf(
        description,
        ("version", Text("Major version, `14` to `18`. Raising it upgrades the cluster in place when `major_version_upgrade_mode` allows. Required.").OneOf(SupportedVersions)),
        ("parameters", MapOf("Server parameters by name; every value is a text. Default: those of the Spilo image.", Text(null))))
        .Requiring("version");

    private static JsonObject VolumeSection(string? description) => ObjectOf(
        description,
        ("size", Text("Size as a quantity, for example `10Gi`. It can grow, never shrink. Required.").Matching(SchemaPatterns.Memory)),
        ("storageClass", Text("Storage class of the claims. Default: the cluster's default class.")),
        ("selector", KubernetesSchemas.Of("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector", "Labels of the persistent volumes that may be bound. Default: any.")),
        ("subPath", Text("Directory inside the volume that is mounted. Default: its root.")),
        ("isSubPathExpr", Flag("Whether `subPath` may use the pod's environment variables, as `$(NAME)`. Default: false.")),
        ("iops", Integer("Provisioned operations per second of an EBS volume, 3000 to 80000; used with `storage_resize_mode: mixed`. Default: the volume's own.").AtMost(80000)),
        ("throughput", Integer("Provisioned throughput of an EBS volume in MiB per second, 125 to 2000; used with `storage_resize_mode: mixed`. Default: the volume's own.").AtMost(2000)),
        ("type", Text("Type of an EBS volume, for example `gp3`; used with `storage_resize_mode: mixed`. Default: the volume's own.")))
        .Requiring("size");

    private static JsonObject PatroniSection(string? description) => ObjectOf(
        description,
        ("initdb", MapOf("Options of `initdb`, used once. `\"true\"` makes a bare flag. Default: `auth-host: scram-sha-256`, `auth-local: trust`.", Text(null))),
        ("pg_hba", ListOf("Lines of `pg_hba.conf`, which replace all of the image's. Default: those of the Spilo image.", Text(null))),
        ("ttl", Integer("Lifetime of the leader lock in seconds. Default: Spilo's, 30.")),
        ("loop_wait", Integer("Pause of Patroni's loop in seconds. Default: Spilo's, 10.")),
        ("retry_timeout", Integer("How long Patroni retries against Kubernetes and PostgreSQL before the primary steps down, in seconds. Default: Spilo's, 10.")),
        ("maximum_lag_on_failover", LongInteger("How far behind, in bytes, a replica may be to become primary. Default: Spilo's, 33554432.")),
        ("slots", MapOf("Replication slots that survive a failover, by name: `type` `physical`, or `logical` with `database` and `plugin`. Default: none.", MapOf(null, Text(null)))),
        ("synchronous_mode", Flag("A commit waits for a replica. Default: false.")),
        ("synchronous_mode_strict", Flag("Without a replica, writes stop instead of going on unprotected. Default: false.")),
        ("synchronous_node_count", Integer("Number of replicas a commit waits for. Default: 0, which Patroni treats as 1.")),
        ("failsafe_mode", Flag("The primary stays primary while Kubernetes is unreachable, as long as it reaches all replicas. Default: operator parameter `enable_patroni_failsafe_mode`.")));

    private static JsonObject ResourcesSection(string? description) => ObjectOf(
        description,
        ("requests", ResourceAmounts("What the container is guaranteed. Default: the operator's.")),
        ("limits", ResourceAmounts("What the container may use at most. Default: the operator's.")));

    private static JsonObject ResourceAmounts(string? description) => ObjectOf(
        description,
        ("cpu", Text("CPU in cores, for example `100m` or `1.5`. `0` counts as absent. Default: the operator's.").Matching(SchemaPatterns.Cpu)),
        ("memory", Text("Memory as a quantity, for example `500Mi`. `0` counts as absent. Default: the operator's.").Matching(SchemaPatterns.Memory)),
        ("hugepages-2Mi", Text("Huge pages of 2 MiB as a quantity. Default: none.").Matching(SchemaPatterns.Memory)),
        ("hugepages-1Gi", Text("Huge pages of 1 GiB as a quantity. Default: none.").Matching(SchemaPatterns.Memory)));

    private static JsonObject Sidecar(string? description) => ObjectOf(
        description,
        ("name", Text("Container name. Default: `sidecar-` and its index.")),
        ("image", Text("Image. The operator needs it although the schema does not.")),
        ("ports", ListOf("Ports of the container. Default: none.", KubernetesSchemas.Of("io.k8s.api.core.v1.ContainerPort", null))),
        ("env", ListOf("Environment variables, after POD_NAME, POD_NAMESPACE, POSTGRES_USER and POSTGRES_PASSWORD, which cannot be replaced. Default: none.", KubernetesSchemas.Of("io.k8s.api.core.v1.EnvVar", null))),
        ("command", ListOf("Command instead of the image's entry point. Default: the image's.", Text(null))),
        ("resources", ResourcesSection("CPU and memory. Default: those of the PostgreSQL container's operator parameters.")));

    private static JsonObject AdditionalVolume(string? description) => ObjectOf(
        description,
        ("name", Text("Volume name, unique in the pod. Required.")),
        ("mountPath", Text("Where it is mounted; not `/home/postgres/pgdata`, and each path once. Required.")),
        ("subPath", Text("Directory inside the volume that is mounted. Default: its root.")),
        ("isSubPathExpr", Flag("Whether `subPath` may use the pod's environment variables, as `$(NAME)`. Default: false.")),
        ("targetContainers", ListOf("Containers that get the mount, by name, or the single word `all`. Default: `postgres`.", Text(null)).AllowNull()),
        ("targetInitContainers", ListOf("Init containers that get the mount, by name, or the single word `all`. An addition of this operator; others ignore it. Default: none.", Text(null)).AllowNull()),
        ("volumeSource", AnyObject("What is mounted: any Kubernetes volume source, for example `emptyDir: {}`. Required.")))
        .Requiring("mountPath", "name", "volumeSource");

    private static JsonObject ConnectionPoolerSection(string? description) => ObjectOf(
        description,
        ("numberOfInstances", Integer("Pods of each pooler, 1 or more. Default: operator parameter `connection_pooler_number_of_instances`.").AtLeast(1)),
        ("schema", Text("Schema of the function that looks passwords up, in every database. Default: operator parameter `connection_pooler_schema`.")),
        ("user", Text("Role with which PgBouncer looks passwords up. Default: operator parameter `connection_pooler_user`.")),
        ("mode", Text("When a server connection is given back: `session` or `transaction`. Default: operator parameter `connection_pooler_mode`.").OneOf("session", "transaction")),
        ("dockerImage", Text("PgBouncer image. Default: operator parameter `connection_pooler_image`.")),
        ("maxDBConnections", Integer("Connections to PostgreSQL, shared by all pods of a pooler. Default: operator parameter `connection_pooler_max_db_connections`.")),
        ("resources", ResourcesSection("CPU and memory. Default: operator parameters `connection_pooler_default_*`.")),
        ("parameters", MapOf("PgBouncer settings by name, over those of the image and the operator. The pods get a template of the configuration in place of the image's `/etc/pgbouncer/pgbouncer.ini.tmpl`; an image that does not fill that file ignores it. A change rolls out new pods. An addition of this operator; others ignore it. Default: none.", Text(null))),
        ("users", MapOf("PgBouncer's limits per role, by role name; written to PgBouncer's configuration as `parameters` are. Older PgBouncers (1.18 among them) do not look up the password of a role named here, so passwords that the operator knows, those of `spec.users` and of prepared databases, are in the pooler's list of users. An addition of this operator; others ignore it. Default: none.", PoolerUser(null))),
        ("accessList", ListOf("Who may connect to PgBouncer, as lines of `pg_hba.conf`, the first that fits decides; connections without TLS are refused before. Written to PgBouncer's configuration as `parameters` are. An addition of this operator; others ignore it. Default: everybody who has a password.", Text(null))));

    private static JsonObject PoolerUser(string? description) => ObjectOf(
        description,
        ("poolMode", Text("`session`, `transaction` or `statement`. Default: the pooler's mode.").OneOf("session", "transaction", "statement")),
        ("maxUserConnections", Integer("Server connections the role may use at most, 0 for no limit. Default: 0.").AtLeast(0)));

    private static JsonObject TlsSection(string? description) => ObjectOf(
        description,
        ("secretName", Text("Secret mounted at `/tls`. Required; empty switches the section off.")),
        ("certificateFile", Text("Key of the certificate in the Secret. Default: `tls.crt`.")),
        ("privateKeyFile", Text("Key of the private key in the Secret. Default: `tls.key`.")),
        ("caFile", Text("Key of the authorities' certificates. Default: none.")),
        ("caSecretName", Text("Secret that holds `caFile`, mounted at `/tlsca`. Default: `secretName`.")))
        .Requiring("secretName");

    private static JsonObject PreparedDatabase(string? description) => ObjectOf(
        description,
        ("defaultUsers", Flag("Makes login roles for owner, writer and reader, each with a Secret. Default: false.")),
        ("extensions", MapOf("Extensions by name, with the schema of each. Default: none.", Text(null))),
        ("schemas", MapOf("Schemas by name. Default, also when empty: one named `data`.", PreparedSchema(null).AllowNull())),
        ("secretNamespace", Text("Namespace of the Secrets; needs `enable_cross_namespace_secret`. Default: the cluster's.")));

    private static JsonObject PreparedSchema(string? description) => ObjectOf(
        description,
        ("defaultRoles", Flag("Makes owner, writer and reader roles of the schema. Default: true.")),
        ("defaultUsers", Flag("Makes login roles of the schema; only with `defaultRoles`. Default: false.")));

    private static JsonObject CloneSection(string? description) => ObjectOf(
        description,
        ("cluster", Text("Name of the source cluster. Required; empty switches cloning off.")),
        ("uid", Text("UID of the source cluster, part of its path in the backup store. Default: none.").WithFormat("uuid")),
        ("timestamp", Text("Point in time to restore, RFC 3339 with a numeric offset (`+00:00`, not `Z`). Absent: a base backup of the running source.").Matching(SchemaPatterns.Timestamp)),
        ("s3_wal_path", Text("Full path of the source's WAL, instead of the operator's bucket. Default: none.")),
        ("s3_endpoint", Text("URL of the S3 service. Default: AWS.")),
        ("s3_access_key_id", Text("S3 access key. Default: the pod's own identity.")),
        ("s3_secret_access_key", Text("S3 secret key, in clear text in the pod. Default: the pod's own identity.")),
        ("s3_force_path_style", Flag("Puts the bucket into the path instead of the host name. Default: Spilo's.")))
        .Requiring("cluster");

    private static JsonObject StandbySection(string? description) => ObjectOf(
        description,
        ("s3_wal_path", Text("WAL archive in S3. Not together with `gs_wal_path`. Default: none.")),
        ("gs_wal_path", Text("WAL archive in Google Cloud Storage. Default: none.")),
        ("standby_host", Text("Host of the server to follow. Default: none.")),
        ("standby_port", Text("Its port; only with `standby_host`. Default: 5432.")),
        ("standby_primary_slot_name", Text("Replication slot on that server; only with `standby_host`. Default: none.")))
        .RequiringAnyOf("s3_wal_path", "gs_wal_path", "standby_host")
        .NotBoth("s3_wal_path", "gs_wal_path");

    private static JsonObject EventStream(string? description) => ObjectOf(
        description,
        ("applicationId", Text("Application that owns the events; one FabricEventStream object per application. Required.")),
        ("database", Text("Source database. Required.")),
        ("tables", MapOf("Source tables, as `table` or `schema.table`. Required.", EventStreamTable(null))),
        ("filter", MapOf("Filter expression per table, under the same key. Default: none.", Text(null))),
        ("batchSize", Integer("Largest number of events per batch. Default: the consumer's.")),
        ("cpu", Text("CPU of the consumer, in cores. Default: the consumer's.").Matching(SchemaPatterns.Cpu)),
        ("memory", Text("Memory of the consumer, as a quantity. Default: the consumer's.").Matching(SchemaPatterns.Memory)),
        ("enableRecovery", Flag("What happens to events that cannot be delivered: true keeps them in a dead letter queue, false drops nothing and stops. Default: true when a table has a `recoveryEventType`.")))
        .Requiring("applicationId", "database", "tables");

    private static JsonObject EventStreamTable(string? description) => ObjectOf(
        description,
        ("eventType", Text("Type of the events. Required.")),
        ("recoveryEventType", Text("Type of the events in the dead letter queue. Default: the event type and `-dead-letter-queue`.")),
        ("ignoreRecovery", Flag("Drops events that cannot be delivered. Default: false.")),
        ("idColumn", Text("Column that orders the events. Default: the consumer's.")),
        ("payloadColumn", Text("Column that holds the payload. Default: the consumer's.")))
        .Requiring("eventType");

    private static JsonObject UserOptions(string? description) => ObjectOf(
        description,
        ("memberOf", ListOf("Roles it is a member of, besides those the operator grants. Default: none.", Text(null))),
        ("state", Text("`present`, or `absent` to take the login away and remove the role once it owns nothing. Default: `present`.").OneOf("present", "absent")));

    private static JsonObject PendingStatus(string? description) => ObjectOf(
        description,
        ("change", Text("What has to be done, for people.")),
        ("waitsFor", Text("What kind of thing it waits for, one word such as `MaintenanceWindow`.")),
        ("message", Text("What it waits for, by name, for people.")),
        ("approval", Text("What the annotation `acid.zalan.do/approved-restart` has to be to let it run. Absent: no approval helps.")),
        ("until", Text("When the wait ends by itself. Absent: it ends with an event.").WithFormat("date-time")));

    private static JsonObject RestartStatus(string? description) => ObjectOf(
        description,
        ("member", Text("Name of the member, which is that of its pod; after a switchover the former primary.")),
        ("time", Text("When.").WithFormat("date-time")),
        ("cause", Text("What was done and why, for people.")));

    private static JsonObject PostgresqlStatus(string? description) => ObjectOf(
        description,
        ("PostgresClusterStatus", Text("One word, as the reference operator writes it: `Creating`, `Updating`, `Running`, `CreateFailed`, `UpdateFailed`, `SyncFailed`, `Invalid`. Absent: not seen yet.")),
        ("observedGeneration", LongInteger("Generation of the manifest that this status is about.")),
        ("conditions", ListOf("Standard conditions: `Ready`, `Progressing`, `Degraded`, `Paused` and more.", KubernetesSchemas.Of("io.k8s.apimachinery.pkg.apis.meta.v1.Condition", null)).ByKeys("type")),
        ("numberOfInstances", Integer("PostgreSQL pods that exist; what `kubectl scale` reads.")),
        ("labelSelector", Text("Selector of the PostgreSQL pods, as text; what `kubectl scale` and autoscalers read.")),
        ("pending", ListOf("What has to be done but cannot be done now, the first 20.", PendingStatus(null))),
        ("lastRestart", RestartStatus("The last restart of a member that the operator caused.")))
        .Requiring("PostgresClusterStatus");
}
