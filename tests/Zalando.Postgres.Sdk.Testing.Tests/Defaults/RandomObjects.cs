using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Tests.Defaults;

/// <summary>Valid objects of the kinds an operator of databases writes, with and without each optional field, and with values written in odd ways.</summary>
internal sealed class RandomObjects(Random random)
{
    public static IReadOnlyList<KubernetesKind> Kinds { get; } =
    [
        KubernetesKinds.StatefulSet, KubernetesKinds.Service, KubernetesKinds.Secret, KubernetesKinds.ConfigMap, KubernetesKinds.PodDisruptionBudget, KubernetesKinds.CronJob, KubernetesKinds.Job,
        KubernetesKinds.Deployment, KubernetesKinds.ServiceAccount, KubernetesKinds.RoleBinding, KubernetesKinds.Role, KubernetesKinds.Endpoints, KubernetesKinds.PersistentVolumeClaim,
        KubernetesKinds.Pod, KubernetesKinds.Lease,
    ];

    public JsonObject Make(KubernetesKind kind)
    {
        var value = new JsonObject { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind, ["metadata"] = Metadata() };
        switch (kind.Kind)
        {
            case "ConfigMap":
                if (Maybe()) value["data"] = Maybe() ? new JsonObject { ["k"] = "v", ["empty"] = "" } : [];
                if (Maybe()) value["immutable"] = Maybe();
                break;
            case "Secret":
                if (Maybe()) value["type"] = "Opaque";
                if (Maybe()) value["data"] = new JsonObject { ["password"] = "czNjcmV0" };
                break;
            case "ServiceAccount":
                if (Maybe()) value["automountServiceAccountToken"] = Maybe();
                if (Maybe()) value["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = "pull" });
                break;
            case "Role": value["rules"] = Maybe() ? [] : new JsonArray(new JsonObject { ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("pods"), ["verbs"] = new JsonArray("get") }); break;
            case "RoleBinding":
                value["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "x" };
                if (Maybe()) value["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = "s", ["namespace"] = "default" }, new JsonObject { ["kind"] = "User", ["name"] = "u" });
                break;
            case "Endpoints":
                if (Maybe()) value["subsets"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(new JsonObject { ["ip"] = "10.1.2.3" }), ["ports"] = new JsonArray(new JsonObject { ["port"] = 5432 }) });
                break;
            case "Lease":
                value["spec"] = Some(("holderIdentity", Maybe() ? "me" : ""), ("leaseDurationSeconds", 15), ("renewTime", "2026-01-01T00:00:00.000000Z"), ("leaseTransitions", 0));
                break;
            case "PodDisruptionBudget": value["spec"] = Some((Maybe() ? "minAvailable" : "maxUnavailable", Maybe() ? 1 : "50%"), ("selector", Selector()), ("unhealthyPodEvictionPolicy", "AlwaysAllow")); break;
            case "PersistentVolumeClaim": value["spec"] = Claim(); break;
            case "Service": value["spec"] = Service(); break;
            case "Pod": value["spec"] = PodSpec("Always"); break;
            case "StatefulSet":
                value["spec"] = Some(("serviceName", "s"), ("podManagementPolicy", Maybe() ? "Parallel" : "OrderedReady"), ("updateStrategy", new JsonObject { ["type"] = "OnDelete" }),
                    ("revisionHistoryLimit", 3), ("minReadySeconds", 0), ("replicas", random.Next(4)), ("persistentVolumeClaimRetentionPolicy", Some(("whenDeleted", "Delete"), ("whenScaled", "Retain"))));
                Template(value);
                if (Maybe()) value["spec"]!["volumeClaimTemplates"] = new JsonArray(new JsonObject { ["metadata"] = new JsonObject { ["name"] = "pgdata" }, ["spec"] = Claim() });
                break;
            case "Deployment":
                value["spec"] = Some(("replicas", random.Next(4)), ("strategy", Maybe() ? new JsonObject { ["type"] = "Recreate" } : new JsonObject { ["rollingUpdate"] = Some(("maxSurge", 1), ("maxUnavailable", "10%")) }),
                    ("paused", Maybe()), ("progressDeadlineSeconds", 30), ("minReadySeconds", 5));
                Template(value);
                break;
            case "Job": value["spec"] = JobSpec(); break;
            case "CronJob":
                value["spec"] = Some(("suspend", Maybe()), ("concurrencyPolicy", "Forbid"), ("startingDeadlineSeconds", 0), ("successfulJobsHistoryLimit", 0));
                value["spec"]!["schedule"] = "30 00 * * *";
                value["spec"]!["jobTemplate"] = new JsonObject { ["spec"] = JobSpec() };
                break;
        }

        return value;
    }

    private bool Maybe() => random.Next(2) == 0;

    /// <summary>A map with some of the fields.</summary>
    private JsonObject Some(params (string Key, JsonNode? Value)[] fields)
    {
        var value = new JsonObject();
        foreach (var (key, node) in fields)
        {
            if (Maybe()) value[key] = node;
        }

        return value;
    }

    private JsonObject Metadata()
    {
        var metadata = Some(("labels", new JsonObject { ["app"] = "x" }), ("annotations", new JsonObject { ["a"] = "", ["b"] = "c" }), ("finalizers", new JsonArray("example.com/f")));
        if (random.Next(4) == 0) metadata["creationTimestamp"] = null;
        if (random.Next(4) == 0) metadata["labels"] = new JsonObject();
        return metadata;
    }

    private static JsonObject Selector() => new() { ["matchLabels"] = new JsonObject { ["app"] = "x" } };

    private void Template(JsonObject value)
    {
        var spec = (JsonObject)value["spec"]!;
        spec["selector"] = Selector();
        spec["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "x" } }, ["spec"] = PodSpec("Always") };
    }

    private JsonObject JobSpec()
    {
        var spec = Some(("backoffLimit", 0), ("parallelism", 1), ("completions", 1), ("activeDeadlineSeconds", 60), ("ttlSecondsAfterFinished", 0), ("suspend", false));
        spec["template"] = new JsonObject { ["spec"] = PodSpec(Maybe() ? "Never" : "OnFailure") };
        return spec;
    }

    private JsonObject Claim()
    {
        var spec = Some(("storageClassName", Maybe() ? "" : "fast"), ("volumeMode", "Filesystem"));
        spec["accessModes"] = new JsonArray("ReadWriteOnce");
        spec["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = Quantity() } };
        return spec;
    }

    private JsonNode Quantity() => random.Next(6) switch { 0 => "1Gi", 1 => "1024Mi", 2 => "0.5Gi", 3 => "1000000k", 4 => "1e9", _ => 1073741824 };

    private JsonObject Service()
    {
        var type = random.Next(4) switch { 0 => "ClusterIP", 1 => "NodePort", 2 => "LoadBalancer", _ => null };
        var spec = Some(("selector", new JsonObject { ["app"] = "x" }), ("sessionAffinity", Maybe() ? "ClientIP" : "None"), ("publishNotReadyAddresses", Maybe()));
        if (type is not null) spec["type"] = type;
        if (type is null && Maybe()) spec["clusterIP"] = "None";
        if (type == "LoadBalancer" && Maybe()) spec["externalTrafficPolicy"] = Maybe() ? "Local" : "Cluster";
        if (type == "LoadBalancer" && Maybe()) spec["loadBalancerSourceRanges"] = new JsonArray("127.0.0.1/32");
        var port = Some(("protocol", "TCP"), ("targetPort", Maybe() ? 5432 : "pg"));
        port["port"] = 5432;
        if (Maybe()) port["name"] = "postgresql";
        spec["ports"] = new JsonArray(port);
        return spec;
    }

    private JsonObject PodSpec(string restart)
    {
        var spec = Some(("terminationGracePeriodSeconds", Maybe() ? 0 : 300), ("serviceAccountName", "pods"), ("hostNetwork", false), ("schedulerName", "mine"), ("dnsPolicy", "Default"),
            ("securityContext", Some(("runAsUser", 0), ("fsGroup", 103), ("runAsNonRoot", false))), ("automountServiceAccountToken", Maybe()), ("nodeSelector", new JsonObject { ["n"] = "" }),
            ("imagePullSecrets", new JsonArray(new JsonObject { ["name"] = "pull" })), ("tolerations", new JsonArray(new JsonObject { ["key"] = "k", ["operator"] = "Exists" })));
        if (restart != "Always" || Maybe()) spec["restartPolicy"] = restart;
        spec["containers"] = new JsonArray(Enumerable.Range(0, 1 + random.Next(2)).Select(i => (JsonNode)Container("c" + i)).ToArray());
        if (Maybe()) spec["initContainers"] = new JsonArray(Container("init"));
        spec["volumes"] = new JsonArray(
            new JsonObject { ["name"] = "data", ["emptyDir"] = Some(("medium", "Memory"), ("sizeLimit", Quantity())) },
            Maybe() ? new JsonObject { ["name"] = "s", ["secret"] = Some(("secretName", "x"), ("optional", false)) is var secret && secret.ContainsKey("secretName") ? secret : new JsonObject { ["secretName"] = "y" } }
                : new JsonObject { ["name"] = "s", ["configMap"] = new JsonObject { ["name"] = "cm", ["defaultMode"] = 256 } },
            new JsonObject { ["name"] = "p", ["projected"] = new JsonObject { ["sources"] = new JsonArray(new JsonObject { ["serviceAccountToken"] = new JsonObject { ["path"] = "t" } }) } });
        return spec;
    }

    private JsonObject Container(string name)
    {
        var container = Some(("imagePullPolicy", "Always"), ("args", new JsonArray("a")), ("stdin", false), ("terminationMessagePolicy", "FallbackToLogsOnError"),
            ("resources", Some(("requests", new JsonObject { ["cpu"] = Maybe() ? "0.1" : 1, ["memory"] = Quantity() }))),
            ("securityContext", Some(("privileged", false), ("readOnlyRootFilesystem", false), ("allowPrivilegeEscalation", true))),
            ("readinessProbe", Probe()), ("livenessProbe", Probe()), ("lifecycle", new JsonObject { ["preStop"] = new JsonObject { ["exec"] = new JsonObject { ["command"] = new JsonArray("x") } } }));
        container["name"] = name;
        container["image"] = random.Next(3) switch { 0 => "i", 1 => "i:1", _ => "registry.example.com:5000/i:latest" };
        if (Maybe()) container["ports"] = new JsonArray(Some(("name", "pg"), ("protocol", "TCP")) is var port ? With(port, "containerPort", 5432) : null);
        container["env"] = new JsonArray(
            new JsonObject { ["name"] = "A", ["value"] = "" },
            new JsonObject { ["name"] = "B", ["valueFrom"] = new JsonObject { ["fieldRef"] = With(Some(("apiVersion", "v1")), "fieldPath", "metadata.name") } },
            new JsonObject { ["name"] = "C", ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = "s", ["key"] = "k" } } });
        if (Maybe()) container["volumeMounts"] = new JsonArray(With(Some(("readOnly", Maybe()), ("subPath", "")), "name", "data") is var mount ? With(mount, "mountPath", "/data") : null);
        return container;
    }

    private JsonObject Probe()
    {
        var probe = Some(("initialDelaySeconds", 0), ("timeoutSeconds", 0), ("periodSeconds", 5), ("failureThreshold", 0));
        probe["httpGet"] = With(Some(("path", "/readiness"), ("scheme", "HTTP")), "port", Maybe() ? 8008 : "patroni");
        return probe;
    }

    private static JsonObject With(JsonObject value, string key, JsonNode node)
    {
        value[key] = node;
        return value;
    }
}
