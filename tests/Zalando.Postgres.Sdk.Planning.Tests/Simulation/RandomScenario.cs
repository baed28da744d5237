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
                ["aws_or_gcp"] = dice.Chance(40) ? new JsonObject { ["wal_s3_bucket"] = "bucket" } : new JsonObject(),
            },
        };
        return node.Deserialize(OperatorConfiguration.JsonTypeInfo)!;

        void Flag(string name)
        {
            if (dice.Chance(60)) kubernetes[name] = dice.Chance(60);
        }
    }

    /// <summary>Damages observed objects: deletes some, changes values to others or to nonsense.</summary>
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
