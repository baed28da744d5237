using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Benchmarks.Planning;

/// <summary>Clusters that use most features and are as their manifests want them: two members, both poolers, a backup job, users, databases, a sidecar.</summary>
internal static class Fleet
{
    private const string Manifest =
        """
        {
          "apiVersion": "acid.zalan.do/v1", "kind": "postgresql",
          "metadata": {"name": "NAME", "namespace": "NAMESPACE", "uid": "uid-NAME", "resourceVersion": "7", "labels": {"environment": "test"}},
          "spec": {
            "teamId": "acid", "numberOfInstances": 2,
            "dockerImage": "registry.example.org/spilo:18",
            "volume": {"size": "100Gi", "storageClass": "fast"},
            "postgresql": {"version": "18", "parameters": {"shared_buffers": "2GB", "max_connections": "200", "log_statement": "all", "work_mem": "16MB"}},
            "patroni": {"ttl": 30, "loop_wait": 10, "retry_timeout": 10, "synchronous_mode": false, "pg_hba": ["hostssl all all 0.0.0.0/0 scram-sha-256", "host all all 127.0.0.1/32 trust"]},
            "resources": {"requests": {"cpu": "500m", "memory": "4Gi"}, "limits": {"cpu": "4", "memory": "8Gi"}},
            "users": {"app": ["createdb"], "app_reader": [], "reports": [], "migrations": ["superuser"]},
            "databases": {"app": "app", "reports": "reports"},
            "preparedDatabases": {"shop": {"defaultUsers": true, "schemas": {"data": {}, "history": {"defaultRoles": true}}}},
            "env": [{"name": "A", "value": "1"}, {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
            "sidecars": [{"name": "metrics", "image": "registry.example.org/metrics:3", "ports": [{"containerPort": 9187}], "env": [{"name": "LEVEL", "value": "info"}]}],
            "initContainers": [{"name": "date", "image": "busybox:1", "command": ["/bin/date"]}],
            "tolerations": [{"key": "postgres", "operator": "Exists", "effect": "NoSchedule"}],
            "additionalVolumes": [{"name": "empty", "mountPath": "/opt/empty", "targetContainers": ["all"], "volumeSource": {"emptyDir": {}}}],
            "enableMasterLoadBalancer": true, "allowedSourceRanges": ["10.0.0.0/8", "192.168.0.0/16"],
            "enableConnectionPooler": true, "enableReplicaConnectionPooler": true,
            "enableLogicalBackup": true, "logicalBackupSchedule": "30 0 * * *"
          }
        }
        """;

    private static readonly OperatorConfiguration Configuration = ConfigMapConfiguration.Read(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["docker_image"] = "registry.example.org/spilo:18",
        ["wal_s3_bucket"] = "archive",
        ["inherited_labels"] = "environment",
        ["enable_pod_antiaffinity"] = "true",
        ["toleration"] = "key:databases,operator:Exists",
    });

    /// <summary>One cluster of the fleet as the engine sees it in a resync.</summary>
    /// <param name="number">Its number.</param>
    public static PlanningInput Cluster(int number)
    {
        var name = "acid-" + number.ToString("0000", CultureInfo.InvariantCulture);
        var space = "team-" + (number % 40).ToString(CultureInfo.InvariantCulture);
        var text = Manifest.Replace("NAMESPACE", space, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal);
        var input = new PlanningInput
        {
            Manifest = JsonSerializer.Deserialize(text, Postgresql.JsonTypeInfo)!,
            Configuration = Configuration,
            Observed = ObservedCluster.Empty,
            Now = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero),
            PasswordSeed = PasswordSeed.FromBytes(new byte[16]),
        };
        var plan = ClusterPlanner.Plan(input);
        if (plan.IsRefused) throw new InvalidOperationException(string.Join('\n', plan.Findings));
        var observed = Observe(plan, name, space);
        input = input with { Observed = observed };
        plan = ClusterPlanner.Plan(input);
        return plan.IsEmpty ? input : throw new InvalidOperationException(PlanText.Write(plan));
    }

    private static ObservedCluster Observe(Plan plan, string name, string space)
    {
        var objects = new List<JsonObject>();
        foreach (var create in plan.Changes.OfType<CreateObject>())
        {
            var item = (JsonObject)create.Body.DeepClone();
            if (item["stringData"] is JsonObject texts)
            {
                item["data"] = new JsonObject(texts.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(t.Value!.ToString())))));
                item.Remove("stringData");
            }

            KubernetesDefaults.Apply(create.Kind, item);
            Identify(item);
            objects.Add(item);
        }

        var set = objects.First(o => (string?)o["kind"] == "StatefulSet");
        for (var ordinal = 0; ordinal < 2; ordinal++)
        {
            var template = set["spec"]!["template"]!.DeepClone();
            var pod = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["metadata"] = template["metadata"]!.DeepClone(),
                ["spec"] = template["spec"]!.DeepClone(),
                ["status"] = new JsonObject { ["phase"] = "Running", ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) },
            };
            pod["metadata"]!["name"] = $"{name}-{ordinal}";
            pod["metadata"]!["namespace"] = space;
            pod["metadata"]!["labels"]!["spilo-role"] = ordinal == 0 ? "master" : "replica";
            Identify(pod);
            objects.Add(pod);
            var claim = (JsonObject)set["spec"]!["volumeClaimTemplates"]![0]!.DeepClone();
            claim["apiVersion"] = "v1";
            claim["kind"] = "PersistentVolumeClaim";
            claim["metadata"]!["name"] = $"pgdata-{name}-{ordinal}";
            claim["metadata"]!["namespace"] = space;
            Identify(claim);
            objects.Add(claim);
        }

        return ObservedCluster.FromObjects(objects) with
        {
            Patroni = new ObservedPatroni
            {
                Configuration = (JsonObject)JsonNode.Parse(
                    """
                    {"ttl":30,"loop_wait":10,"retry_timeout":10,"failsafe_mode":false,"synchronous_mode":false,
                     "postgresql":{"parameters":{"max_connections":"200","log_statement":"all","work_mem":"16MB"}}}
                    """)!,
                Members =
                [
                    new ObservedMember { Name = name + "-0", Role = MemberRole.Primary, State = "running" },
                    new ObservedMember { Name = name + "-1", Role = MemberRole.Replica, State = "streaming", LagBytes = 0 },
                ],
            },
        };
    }

    private static void Identify(JsonObject item)
    {
        item["metadata"]!["uid"] = $"uid-{item["kind"]}-{item["metadata"]!["name"]}";
        item["metadata"]!["resourceVersion"] = "42";
    }
}
