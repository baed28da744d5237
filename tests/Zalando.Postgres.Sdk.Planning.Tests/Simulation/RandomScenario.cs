using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Tests.Simulation;

/// <summary>Random manifests and configurations: every feature on or off, valid and invalid values.</summary>
internal static class RandomScenario
{
    public static JsonObject Manifest(Dice dice, bool valid)
    {
        var spec = new JsonObject
        {
            ["teamId"] = "acid",
            ["numberOfInstances"] = dice.Next(4),
            ["volume"] = new JsonObject { ["size"] = dice.Pick("1Gi", "5Gi", "1024Mi", "1.5Gi") },
            ["postgresql"] = new JsonObject { ["version"] = dice.Pick("16", "17", "18") },
        };
        Maybe("dockerImage", () => dice.Pick("spilo:1", "spilo:2", "spilo:3"));
        Maybe("users", () => new JsonObject { ["foo_user"] = new JsonArray("createdb"), ["zalando"] = new JsonArray() });
        Maybe("databases", () => new JsonObject { ["foo"] = "foo_user" });
        Maybe("preparedDatabases", () => new JsonObject { ["bar"] = new JsonObject { ["defaultUsers"] = true } });
        Maybe("enableMasterLoadBalancer", () => dice.Chance(50));
        Maybe("enableReplicaLoadBalancer", () => dice.Chance(50));
        Maybe("enableConnectionPooler", () => dice.Chance(70));
        Maybe("enableReplicaConnectionPooler", () => dice.Chance(50));
        Maybe("enableLogicalBackup", () => dice.Chance(70));
        Maybe("resources", () => new JsonObject
        {
            ["requests"] = new JsonObject { ["cpu"] = dice.Pick("10m", "0.5", "1"), ["memory"] = dice.Pick("100Mi", "0.7Gi") },
            ["limits"] = new JsonObject { ["cpu"] = dice.Pick("500m", "2"), ["memory"] = dice.Pick("500Mi", "1Gi") },
        });
        Maybe("env", () => new JsonArray(
            new JsonObject { ["name"] = dice.Pick("A", "PGVERSION", "wal_s3_bucket"), ["value"] = dice.Pick("x", "y") },
            new JsonObject { ["name"] = "FIELD", ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.name" } } }));
        Maybe("podAnnotations", () => new JsonObject { ["note"] = dice.Pick("a", "b") });
        Maybe("tolerations", () => new JsonArray(new JsonObject { ["key"] = "db", ["operator"] = dice.Pick("Exists", "Equal") }));
        Maybe("initContainers", () => new JsonArray(new JsonObject { ["name"] = "init", ["image"] = dice.Pick("busybox", "busybox:1") }));
        Maybe("sidecars", () => new JsonArray(new JsonObject { ["name"] = "side", ["image"] = "side:1", ["env"] = new JsonArray(new JsonObject { ["name"] = "X", ["value"] = dice.Pick("1", "2") }) }));
        Maybe("additionalVolumes", () => new JsonArray(new JsonObject { ["name"] = "extra", ["mountPath"] = "/extra", ["volumeSource"] = new JsonObject { ["emptyDir"] = new JsonObject() } }));
        Maybe("livenessProbe", () => new JsonObject { ["httpGet"] = new JsonObject { ["port"] = 8008 } });
        Maybe("tls", () => new JsonObject { ["secretName"] = dice.Pick("certificate", "other") });
        Maybe("patroni", () => new JsonObject
        {
            ["ttl"] = dice.Pick(20, 30),
            ["synchronous_mode"] = dice.Chance(50),
            ["pg_hba"] = new JsonArray(dice.Pick("hostssl all all 0.0.0.0/0 md5", "host all all 0.0.0.0/0 reject")),
            ["slots"] = new JsonObject { ["one"] = new JsonObject { ["type"] = "physical" } },
        });
        Maybe("envFrom", () => new JsonArray(new JsonObject { ["configMapRef"] = new JsonObject { ["name"] = dice.Pick("more", "other") } }));
        Maybe("podPriorityClassName", () => dice.Pick("high", "low"));
        Maybe("schedulerName", () => dice.Pick("careful", "default-scheduler"));
        Maybe("spiloRunAsUser", () => dice.Pick(101, 102));
        Maybe("spiloFSGroup", () => dice.Pick(103, 104));
        Maybe("enableShmVolume", () => dice.Chance(50));
        Maybe("allowedSourceRanges", () => new JsonArray(dice.Pick("10.0.0.0/8", "192.168.0.0/16")));
        Maybe("serviceAnnotations", () => new JsonObject { ["example.org/zone"] = dice.Pick("a", "b") });
        Maybe("masterServiceAnnotations", () => new JsonObject { ["example.org/primary"] = "yes" });
        Maybe("logicalBackupSchedule", () => dice.Pick("30 0 * * *", "0 1 * * 0"));
        Maybe("logicalBackupRetention", () => dice.Pick("1 week", "3 days"));
        Maybe("maintenanceWindows", () => new JsonArray(dice.Pick("01:00-06:00", "Wed:00:00-23:59", "Sat:02:00-03:00")));
        Maybe("topologySpreadConstraints", () => new JsonArray(new JsonObject
        {
            ["maxSkew"] = dice.Pick(1, 2), ["topologyKey"] = "topology.kubernetes.io/zone", ["whenUnsatisfiable"] = dice.Pick("DoNotSchedule", "ScheduleAnyway"),
        }));
        Maybe("nodeAffinity", () => new JsonObject
        {
            ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject
            {
                ["nodeSelectorTerms"] = new JsonArray(new JsonObject
                {
                    ["matchExpressions"] = new JsonArray(new JsonObject { ["key"] = "disk", ["operator"] = "In", ["values"] = new JsonArray(dice.Pick("ssd", "nvme"), "fast") }),
                }),
            },
        });
        Maybe("connectionPooler", () => new JsonObject
        {
            ["numberOfInstances"] = dice.Pick(1, 2, 3), ["mode"] = dice.Pick("session", "transaction"), ["schema"] = dice.Pick("pooler", "lookup"), ["user"] = dice.Pick("pooler", "gate"),
            ["maxDBConnections"] = dice.Pick(40, 60), ["dockerImage"] = dice.Pick("pgbouncer:1", "pgbouncer:2"),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = dice.Pick("100Mi", "128Mi") }, ["limits"] = new JsonObject { ["cpu"] = "1", ["memory"] = "0.5Gi" } },
        });
        switch (dice.Next(6))
        {
            case 0:
                spec["clone"] = new JsonObject { ["cluster"] = "acid-other", ["timestamp"] = "2026-01-01T00:00:00+00:00", ["uid"] = "efd12e58-0000-11e8-b5a7-061482302601", ["s3_wal_path"] = dice.Pick("s3://a", "s3://b") };
                break;
            case 1:
                spec["clone"] = new JsonObject { ["cluster"] = "acid-other" };
                break;
            case 2:
                spec["standby"] = new JsonObject { ["standby_host"] = dice.Pick("far.example.org", "near.example.org"), ["standby_port"] = "5433" };
                break;
        }

        if (dice.Chance(25)) spec["volume"]!["subPath"] = "data";
        if (dice.Chance(25)) spec["volume"]!["storageClass"] = dice.Pick("fast", "slow");
        if (dice.Chance(60))
        {
            spec["postgresql"]!["parameters"] = new JsonObject { ["max_connections"] = dice.Pick("100", "200"), ["shared_buffers"] = dice.Pick("32MB", "64MB"), ["work_mem"] = "8MB" };
        }

        if (!valid)
        {
            Maybe("users", () => new JsonObject { [dice.Pick("Bad!", "_x", "a b")] = new JsonArray(dice.Pick("superuser", "nonsense")) });
            if (dice.Chance(50)) spec["volume"] = new JsonObject { ["size"] = dice.Pick("", "much", "-1Gi") };
            if (dice.Chance(30)) spec["maintenanceWindows"] = new JsonArray("25:00-26:00");
            if (dice.Chance(30)) spec["numberOfInstances"] = -3;
        }

        return new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1",
            ["kind"] = "postgresql",
            ["metadata"] = new JsonObject
            {
                ["name"] = "acid-test",
                ["namespace"] = "default",
                ["uid"] = "cluster-uid",
                ["labels"] = new JsonObject { ["environment"] = dice.Pick("prod", "test") },
                ["annotations"] = new JsonObject { ["owned-by"] = dice.Pick("me", "you") },
            },
            ["spec"] = spec,
        };

        void Maybe(string name, Func<JsonNode> value)
        {
            if (dice.Chance(35)) spec[name] = value();
        }
    }

    public static OperatorConfiguration Configuration(Dice dice)
    {
        var kubernetes = new JsonObject
        {
            ["secret_name_template"] = "{username}.{cluster}.credentials",
            ["pdb_name_format"] = "postgres-{cluster}-pdb",
            ["pod_management_policy"] = dice.Pick("ordered_ready", "parallel"),
            ["cluster_labels"] = new JsonObject { ["application"] = "spilo" },
        };
        Flag("enable_owner_references");
        Flag("enable_finalizers");
        Flag("enable_pod_antiaffinity");
        Flag("enable_readiness_probe");
        Flag("enable_pod_disruption_budget");
        // Off, they refuse manifests that have any.
        if (dice.Chance(5)) kubernetes["enable_sidecars"] = false;
        if (dice.Chance(5)) kubernetes["enable_init_containers"] = false;
        Flag("share_pgsocket_with_sidecars");
        Flag("spilo_privileged");
        Flag("pdb_master_label_selector");
        if (dice.Chance(30)) kubernetes["storage_resize_mode"] = dice.Pick("pvc", "off", "mixed", "ebs");
        if (dice.Chance(30)) kubernetes["toleration"] = new JsonObject { ["key"] = "databases", ["operator"] = "Exists" };
        if (dice.Chance(30)) kubernetes["custom_pod_annotations"] = new JsonObject { ["cost"] = dice.Pick("1", "2") };
        if (dice.Chance(30)) kubernetes["downscaler_annotations"] = new JsonArray("owned-*");
        if (dice.Chance(30)) kubernetes["ignored_annotations"] = new JsonArray("note");
        if (dice.Chance(30)) kubernetes["pod_environment_configmap"] = "environment";
        if (dice.Chance(30)) kubernetes["pod_environment_secret"] = "environment";
        if (dice.Chance(30)) kubernetes["pod_priority_class_name"] = "configured";
        if (dice.Chance(30)) kubernetes["additional_pod_capabilities"] = new JsonArray("SYS_NICE");
        if (dice.Chance(20)) kubernetes["pod_role_label"] = "role";
        if (dice.Chance(30)) kubernetes["pod_terminate_grace_period"] = dice.Pick("1m", "5m");
        if (dice.Chance(30)) kubernetes["infrastructure_roles_secrets"] = new JsonArray(new JsonObject { ["secretname"] = "infrastructure", ["userkey"] = "user", ["passwordkey"] = "password", ["defaultrolevalue"] = "reader" });
        if (dice.Chance(40)) kubernetes["inherited_labels"] = new JsonArray("environment");
        if (dice.Chance(40)) kubernetes["inherited_annotations"] = new JsonArray("owned-by");
        if (dice.Chance(30)) kubernetes["node_readiness_label"] = new JsonObject { ["a"] = "1", ["b"] = "2" };
        var node = new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1",
            ["kind"] = "OperatorConfiguration",
            ["metadata"] = new JsonObject { ["name"] = "test" },
            ["configuration"] = new JsonObject
            {
                ["docker_image"] = "spilo:0",
                ["min_instances"] = -1,
                ["max_instances"] = -1,
                ["enable_lazy_spilo_upgrade"] = dice.Chance(20),
                ["kubernetes_use_configmaps"] = dice.Chance(70),
                ["kubernetes"] = kubernetes,
                ["load_balancer"] = new JsonObject { ["master_dns_name_format"] = "{cluster}.{namespace}", ["replica_dns_name_format"] = "{cluster}-repl.{namespace}" },
                ["aws_or_gcp"] = Cloud(dice),
                ["etcd_host"] = dice.Chance(10) ? "etcd.example.org:2379" : "",
                ["enable_pgversion_env_var"] = dice.Chance(80),
                ["set_memory_request_to_limit"] = dice.Chance(20),
                ["enable_maintenance_windows"] = dice.Chance(80),
                ["sidecars"] = dice.Chance(30) ? new JsonArray(new JsonObject { ["name"] = "global", ["image"] = dice.Pick("global:1", "global:2") }) : new JsonArray(),
                ["postgres_pod_resources"] = dice.Chance(40)
                    ? new JsonObject { ["default_cpu_request"] = dice.Pick("100m", "0.2"), ["default_memory_limit"] = "500Mi", ["min_memory_limit"] = "250Mi", ["max_memory_request"] = "1Gi" }
                    : new JsonObject(),
            },
        };
        return node.Deserialize(OperatorConfiguration.JsonTypeInfo)!;

        void Flag(string name)
        {
            if (dice.Chance(60)) kubernetes[name] = dice.Chance(60);
        }
    }

    /// <summary>Damages observed objects: deletes some, changes values to others or to nonsense.</summary>
    /// <summary>When scenarios happen: a Wednesday at noon.</summary>
    public static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What configurations refer to.</summary>
    public static IReadOnlyList<JsonObject> Existing() =>
    [
        Named("Secret", "environment", new JsonObject { ["AWS_ACCESS_KEY_ID"] = "a2V5", ["wal_s3_bucket"] = "Zg==" }),
        Named("ConfigMap", "environment", new JsonObject { ["AWS_REGION"] = "eu-central-1", ["A"] = "from-the-map" }),
        Named("Secret", "infrastructure", new JsonObject { ["user"] = "aW5mcmE=", ["password"] = "aW5mcmEtcGFzc3dvcmQ=" }),
    ];

    private static JsonObject Named(string kind, string name, JsonObject data) =>
        new() { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["uid"] = $"uid-{kind}-{name}", ["resourceVersion"] = "1" }, ["data"] = data };

    private static JsonObject Cloud(Dice dice)
    {
        var cloud = new JsonObject();
        switch (dice.Next(5))
        {
            case 0: cloud["wal_s3_bucket"] = dice.Pick("bucket", "other"); break;
            case 1: cloud["wal_gs_bucket"] = "bucket"; break;
            case 2: cloud["wal_az_storage_account"] = "account"; break;
        }

        if (dice.Chance(25)) cloud["gcp_credentials"] = "/var/cloud/key.json";
        if (dice.Chance(25)) cloud["log_s3_bucket"] = "logs";
        if (dice.Chance(25)) cloud["kube_iam_role"] = dice.Pick("role-a", "role-b");
        if (dice.Chance(25)) cloud["irsa_role_arn"] = "arn:aws:iam::1:role/x";
        if (dice.Chance(25))
        {
            cloud["additional_secret_mount"] = "cloud-key";
            cloud["additional_secret_mount_path"] = "/var/cloud";
        }

        return cloud;
    }

    public static void Damage(Dice dice, SimulatedCluster cluster)
    {
        foreach (var key in cluster.Objects.Keys.ToArray())
        {
            if (dice.Chance(10) && key.Kind != "Pod") cluster.Objects.Remove(key);
            else if (dice.Chance(30)) Damage(dice, cluster.Objects[key], 0);
        }
    }

    private static void Damage(Dice dice, JsonNode node, int depth)
    {
        switch (node)
        {
            case JsonObject item:
                foreach (var name in item.Select(i => i.Key).ToArray())
                {
                    if (depth == 0 && name is "kind" or "apiVersion" || (depth == 1 && name is "name" or "namespace")) continue;
                    if (dice.Chance(8)) item[name] = dice.Pick<JsonNode?>("nonsense", 17, null, new JsonObject(), new JsonArray(1, "x"), true);
                    else if (item[name] is { } child) Damage(dice, child, depth + 1);
                }

                break;
            case JsonArray list:
                foreach (var child in list)
                    if (child is not null) Damage(dice, child, depth + 1);
                break;
        }
    }
}
