using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Conformance.Defaults;

/// <summary>What the planner takes for stored is what the server stores: one source of defaults, for any valid object.</summary>
public sealed class DefaultsPropertyTests
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("PROPERTY_SEED"), out var seed) ? seed : Random.Shared.Next();

    // Each of them is there or not; together they reach most defaults of a pod template.
    private static readonly string[] ContainerParts =
    [
        """{"ports":[{"containerPort":5432},{"containerPort":53,"protocol":"UDP","name":"dns"}]}""",
        """{"readinessProbe":{"httpGet":{"path":"/readiness","port":8008}},"livenessProbe":{"tcpSocket":{"port":5432},"periodSeconds":7}}""",
        """{"env":[{"name":"A","value":""},{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}},{"name":"KEY","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}""",
        """{"resources":{"limits":{"cpu":"1","memory":"500Mi"},"requests":{"cpu":"100m"}}}""",
        """{"securityContext":{"privileged":false}}""",
        """{"imagePullPolicy":"Always","terminationMessagePolicy":"FallbackToLogsOnError"}""",
        """{"lifecycle":{"preStop":{"httpGet":{"port":80}}}}""",
        """{"volumeMounts":[{"name":"data","mountPath":"/data"}]}""",
    ];

    private static readonly string[] PodParts =
    [
        """{"terminationGracePeriodSeconds":0}""",
        """{"serviceAccountName":"postgres-pod"}""",
        """{"securityContext":{"fsGroup":103}}""",
        """{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"a":"b"}}}]}}}""",
        """{"tolerations":[{"key":"k","operator":"Exists"}]}""",
        """{"dnsPolicy":"Default","schedulerName":"other"}""",
        """{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}]}""",
        """{"initContainers":[{"name":"init","image":"busybox:1.36"}]}""",
    ];

    private static readonly string[] Volumes =
    [
        """{"name":"data","emptyDir":{}}""",
        """{"name":"data","secret":{"secretName":"s"}}""",
        """{"name":"data","configMap":{"name":"c","items":[{"key":"k","path":"p"}]}}""",
        """{"name":"data","projected":{"sources":[{"serviceAccountToken":{"path":"token"}},{"configMap":{"name":"c"}}]}}""",
        """{"name":"data","hostPath":{"path":"/x"}}""",
        """{"name":"data","downwardAPI":{"items":[{"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}}]}}""",
    ];

    private static readonly string[] SetParts =
    [
        """{"replicas":0}""", """{"podManagementPolicy":"Parallel"}""", """{"updateStrategy":{"type":"OnDelete"}}""", """{"updateStrategy":{"rollingUpdate":{}}}""", """{"minReadySeconds":5}""",
        """{"volumeClaimTemplates":[{"metadata":{"name":"pgdata"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}""",
    ];

    private static readonly string[] DeploymentParts =
        ["""{"replicas":3}""", """{"strategy":{"type":"Recreate"}}""", """{"strategy":{"rollingUpdate":{"maxSurge":1}}}""", """{"revisionHistoryLimit":0}""", """{"paused":true}"""];

    private static readonly string[] CronJobParts = ["""{"suspend":true}""", """{"concurrencyPolicy":"Forbid"}""", """{"failedJobsHistoryLimit":0}""", """{"startingDeadlineSeconds":10}"""];

    private static readonly Gen<JsonObject> Templates =
        from container in Some(ContainerParts)
        from pod in Some(PodParts)
        from volume in Gen.Elements(Volumes)
        from image in Gen.Elements("spilo:1", "spilo", "registry:5000/spilo:latest", "spilo@sha256:0123456789012345678901234567890123456789012345678901234567890123")
        select Template(container, pod, volume, image);

    private static readonly Gen<(KubernetesKind Kind, JsonObject Value)> Objects = Gen.OneOf(
        from template in Templates from parts in Some(SetParts) select (KubernetesKinds.StatefulSet, Workload("apps/v1", "StatefulSet", With(new JsonObject { ["serviceName"] = "s" }, parts), template)),
        from template in Templates from parts in Some(DeploymentParts) select (KubernetesKinds.Deployment, Workload("apps/v1", "Deployment", With([], parts), template)),
        from template in Templates from parts in Some(CronJobParts) select (KubernetesKinds.CronJob, CronJob(With(new JsonObject { ["schedule"] = "0 3 * * *" }, parts), template)));

    [Fact]
    public async Task For_any_object_the_defaults_are_what_the_server_stores_and_applying_them_twice_is_applying_them_once()
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, TestContext.Current.CancellationToken);
        var number = 0;
        Prop.ForAll(Objects.ToArbitrary(), story =>
        {
            var (kind, value) = story;
            value = (JsonObject)value.DeepClone();
            value["metadata"]!["name"] = $"x{++number}";
            var stored = server.Access.Create(kind, value);

            var expected = (JsonObject)value.DeepClone();
            KubernetesDefaults.Apply(kind, expected);
            Equal(expected, stored, "spec");
            var twice = (JsonObject)expected.DeepClone();
            KubernetesDefaults.Apply(kind, twice);
            Equal(expected, twice, "spec");
            // What is stored needs nothing more.
            var again = (JsonObject)stored.DeepClone();
            KubernetesDefaults.Apply(kind, again);
            Equal(stored, again, "spec");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay((ulong)(uint)Seed, 1UL));
    }

    private static void Equal(JsonObject expected, JsonObject actual, string field)
    {
        if (!JsonNode.DeepEquals(expected[field], actual[field]))
            Assert.Fail($"PROPERTY_SEED={Seed}\nexpected {expected[field]?.ToJsonString()}\nstored   {actual[field]?.ToJsonString()}");
    }

    private static Gen<string[]> Some(string[] parts) => from chosen in Gen.Elements(true, false).ArrayOf(parts.Length) select parts.Where((_, i) => chosen[i]).ToArray();

    private static JsonObject With(JsonObject target, IEnumerable<string> parts)
    {
        foreach (var part in parts)
        {
            foreach (var (name, value) in JsonNode.Parse(part)!.AsObject()) target[name] = value?.DeepClone();
        }

        return target;
    }

    private static JsonObject Template(string[] container, string[] pod, string volume, string image) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "b" } },
        ["spec"] = With(new JsonObject
        {
            ["containers"] = new JsonArray(With(new JsonObject { ["name"] = "postgres", ["image"] = image }, container)),
            ["volumes"] = new JsonArray(JsonNode.Parse(volume)),
        }, pod),
    };

    private static JsonObject Workload(string apiVersion, string kind, JsonObject spec, JsonObject template)
    {
        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["a"] = "b" } };
        spec["template"] = template.DeepClone();
        return Wrap(apiVersion, kind, spec);
    }

    private static JsonObject CronJob(JsonObject spec, JsonObject template)
    {
        var own = template.DeepClone();
        own["spec"]!["restartPolicy"] = "Never";
        spec["jobTemplate"] = new JsonObject { ["spec"] = new JsonObject { ["template"] = own } };
        return Wrap("batch/v1", "CronJob", spec);
    }

    private static JsonObject Wrap(string apiVersion, string kind, JsonObject spec) =>
        new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = new JsonObject { ["namespace"] = "default" }, ["spec"] = spec };
}
