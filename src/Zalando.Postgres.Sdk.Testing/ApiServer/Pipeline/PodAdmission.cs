using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>What the server adds to a new pod: limits of the namespace, service account and its token volume, priority, tolerations, quality of service.</summary>
internal static class PodAdmission
{
    private const string TokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static void OnCreate(JsonObject pod, ObjectPipeline pipeline)
    {
        var spec = pod.Ensure("spec");
        ApplyLimitRange(pod, spec, pipeline);
        ApplyServiceAccount(pod, spec, pipeline);
        ApplyPriority(pod, spec, pipeline);
        AddToleration(spec, "node.kubernetes.io/not-ready");
        AddToleration(spec, "node.kubernetes.io/unreachable");
        var status = pod.Ensure("status");
        status["phase"] = "Pending";
        ObjectDefaults.Pod(pod);
        status["qosClass"] = QualityOfService(spec);
    }

    private static void ApplyServiceAccount(JsonObject pod, JsonObject spec, ObjectPipeline pipeline)
    {
        if (pod.Object("metadata").Object("annotations").Text("kubernetes.io/config.mirror") is not null) return;
        var name = spec.Text("serviceAccountName") is { Length: > 0 } given ? given : spec.Text("serviceAccount") is { Length: > 0 } old ? old : "default";
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
        var namespaceName = pod.Namespace() ?? "";
        var account = pipeline.Store.Get("serviceaccounts", new(namespaceName, name))?.Value;
        if (account is null)
        {
            // Without its controller no namespace would ever have a default account.
            if (name == "default" && !pipeline.ServiceAccountsAreMade) return;
            throw StatusErrors.Forbidden(KubernetesKinds.Pod, pod.Name(), $"error looking up service account {namespaceName}/{name}: serviceaccount \"{name}\" not found");
        }

        if (spec.Array("imagePullSecrets") is null or { Count: 0 } && account.Array("imagePullSecrets") is { Count: > 0 } secrets) spec["imagePullSecrets"] = secrets.DeepClone();
        if ((spec.Flag("automountServiceAccountToken") ?? account.Flag("automountServiceAccountToken") ?? true) is false) return;
        var containers = new[] { spec.Array("initContainers"), spec.Array("containers") }.Where(static c => c is not null).SelectMany(static c => c!).OfType<JsonObject>()
            .Where(static c => !(c.Array("volumeMounts") ?? []).OfType<JsonObject>().Any(static m => m.Text("mountPath") == TokenFolder)).ToArray();
        if (containers.Length == 0) return;
        var volume = "kube-api-access-" + pipeline.NewSuffix();
        if (spec["volumes"] is not JsonArray volumes) spec["volumes"] = volumes = [];
        volumes.AddNode(new JsonObject
        {
            ["name"] = volume,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(
                    new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = JsonText.Number(3607), ["path"] = "token" } },
                    FromConfigMap("kube-root-ca.crt", "ca.crt"),
                    new JsonObject
                    {
                        ["downwardAPI"] = new JsonObject
                        {
                            ["items"] = new JsonArray(new JsonObject { ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" } }),
                        },
                    },
                    FromConfigMap("openshift-service-ca.crt", "service-ca.crt")),
                ["defaultMode"] = JsonText.Number(420),
            },
        });
        foreach (var container in containers)
        {
            if (container["volumeMounts"] is not JsonArray mounts) container["volumeMounts"] = mounts = [];
            mounts.AddNode(new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = TokenFolder });
        }
    }

    private static JsonObject FromConfigMap(string name, string key) => new()
    {
        ["configMap"] = new JsonObject { ["name"] = name, ["items"] = new JsonArray(new JsonObject { ["key"] = key, ["path"] = key }) },
    };

    private static void ApplyPriority(JsonObject pod, JsonObject spec, ObjectPipeline pipeline)
    {
        var classes = KubernetesKinds.PriorityClass.QualifiedName;
        var name = spec.Text("priorityClassName");
        JsonObject? found = null;
        if (name is { Length: > 0 })
        {
            found = pipeline.Store.Get(classes, new("", name))?.Value
                ?? throw StatusErrors.Forbidden(KubernetesKinds.Pod, pod.Name(), $"no PriorityClass with name {name} was found");
        }
        else
        {
            found = pipeline.Store.List(classes, null).Select(static c => c.Value).FirstOrDefault(static c => c.Flag("globalDefault") == true);
            if (found is not null) spec["priorityClassName"] = found.Name();
        }

        var priority = found.Whole("value") ?? 0;
        if (spec.Whole("priority") is { } given && given != priority)
        {
            throw StatusErrors.Forbidden(KubernetesKinds.Pod, pod.Name(),
                $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        spec["priority"] = JsonText.Number(priority);
        spec["preemptionPolicy"] ??= found.Text("preemptionPolicy") ?? "PreemptLowerPriority";
    }

    private static void AddToleration(JsonObject spec, string key)
    {
        if (spec["tolerations"] is not JsonArray tolerations) spec["tolerations"] = tolerations = [];
        if (tolerations.OfType<JsonObject>().Any(t => (t.Text("key") == key || t.Text("key") is null or "") && t.Text("effect") is null or "" or "NoExecute" && (t.Text("key") == key || t.Text("operator") == "Exists"))) return;
        tolerations.AddNode(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = JsonText.Number(300) });
    }

    private static void ApplyLimitRange(JsonObject pod, JsonObject spec, ObjectPipeline pipeline)
    {
        var notes = new List<string>();
        foreach (var range in pipeline.Store.List("limitranges", pod.Namespace()))
        {
            foreach (var limit in (range.Value.Object("spec").Array("limits") ?? []).OfType<JsonObject>().Where(static l => l.Text("type") == "Container"))
            {
                foreach (var (list, word) in new[] { ("containers", "container"), ("initContainers", "init container") })
                {
                    foreach (var container in (spec.Array(list) ?? []).OfType<JsonObject>())
                    {
                        var resources = container.Ensure("resources");
                        Fill(resources, "requests", limit.Object("defaultRequest"), $"request for {word} {container.Text("name")}", notes, resources.Object("limits"));
                        Fill(resources, "limits", limit.Object("default"), $"limit for {word} {container.Text("name")}", notes, null);
                    }
                }
            }
        }

        if (notes.Count > 0) pod.Metadata().Ensure("annotations")["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + string.Join("; ", notes);
    }

    private static void Fill(JsonObject resources, string part, JsonObject? defaults, string what, List<string> notes, JsonObject? covered)
    {
        if (defaults is not { Count: > 0 }) return;
        var filled = new List<string>();
        foreach (var (name, quantity) in defaults)
        {
            if (resources.Object(part)?.ContainsKey(name) == true || covered?.ContainsKey(name) == true) continue;
            resources.Ensure(part)[name] = quantity?.DeepClone();
            filled.Add(name);
        }

        if (filled.Count > 0) notes.Add($"{string.Join(", ", filled.Order(StringComparer.Ordinal))} {what}");
    }

    internal static string QualityOfService(JsonObject spec)
    {
        var guaranteed = true;
        var any = false;
        foreach (var container in new[] { spec.Array("initContainers"), spec.Array("containers") }.Where(static c => c is not null).SelectMany(static c => c!).OfType<JsonObject>())
        {
            var requests = container.Object("resources").Object("requests");
            var limits = container.Object("resources").Object("limits");
            foreach (var name in (ReadOnlySpan<string>)["cpu", "memory"])
            {
                var request = requests.Text(name);
                var limit = limits.Text(name);
                if (IsPositive(request) || IsPositive(limit)) any = true;
                if (!IsPositive(limit) || (request is not null && request != limit)) guaranteed = false;
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static bool IsPositive(string? quantity) => quantity is not null && quantity.AsSpan().IndexOfAnyInRange('1', '9') >= 0;
}
