using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>The defaults that depend on other fields in a way a table cannot say.</summary>
internal static class ComputedDefaults
{
    /// <summary>Before the table and before the parts of the object.</summary>
    public static void Before(string type, JsonObject value, DefaultingContext context)
    {
        switch (type)
        {
            case "core/PodSpec":
                ServiceAccount(value);
                break;
            case "core/Container" or "core/EphemeralContainer":
                PullPolicy(value, "image", "imagePullPolicy");
                break;
            case "core/ImageVolumeSource":
                PullPolicy(value, "reference", "pullPolicy");
                break;
            case "core/Volume":
                // Whatever else is there is a source, known to us or not.
                if (!value.Any(p => p.Key != "name")) value["emptyDir"] = new JsonObject();
                break;
            case "core/Secret":
                StringData(value);
                break;
            case "core/Namespace":
                if (Name(value) is { Length: > 0 } name) Labels(value)["kubernetes.io/metadata.name"] = name;
                break;
            case "core/ServicePort":
                if (!value.ContainsKey("targetPort") && value["port"] is JsonValue port) value["targetPort"] = port.DeepClone();
                break;
            case "core/ServiceSpec":
                if (!value.ContainsKey("externalTrafficPolicy") && JsonText.Field(value, "type") is "" or "ClusterIP" && value["externalIPs"] is JsonArray { Count: > 0 })
                    value["externalTrafficPolicy"] = "Cluster";
                break;
            case "batch/JobSpec" when context.Kind.Kind == "Job":
                Job(value);
                break;
            case "batch/Job" or "core/ReplicationController" or "core/PodTemplate":
                break;
            case "networking/NetworkPolicySpec":
                if (!value.ContainsKey("policyTypes"))
                    value["policyTypes"] = value["egress"] is JsonArray { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
                break;
            case "apiextensions/CustomResourceDefinitionNames" when JsonText.Field(value, "kind") is { Length: > 0 } kind:
                if (!value.ContainsKey("singular")) value["singular"] = kind.ToLowerInvariant();
                if (!value.ContainsKey("listKind")) value["listKind"] = kind + "List";
                break;
        }
    }

    /// <summary>After the table and the parts of the object.</summary>
    public static void After(string type, JsonObject value, DefaultingContext context)
    {
        switch (type)
        {
            case "core/Container" when context.InPod:
                RequestsFromLimits(value);
                break;
            case "core/PodSpec" when context.InPod:
                if (value["hostNetwork"] is JsonValue host && host.GetValueKind() == JsonValueKind.True) HostPorts(value);
                break;
            case "core/LimitRangeItem":
                if (JsonText.Field(value, "type") == "Container") LimitRange(value);
                break;
            case "core/ReplicationController":
                ReplicationController(value);
                break;
            case "batch/Job":
                if (value["metadata"] is JsonObject metadata && !metadata.ContainsKey("labels") && TemplateLabels(value) is { } labels)
                    metadata["labels"] = labels.DeepClone();
                break;
            case "apps/StatefulSetSpec":
                foreach (var claim in value["volumeClaimTemplates"] as JsonArray ?? [])
                {
                    if (claim is not JsonObject template) continue;
                    template["apiVersion"] = "v1";
                    template["kind"] = "PersistentVolumeClaim";
                }

                break;
        }
    }

    private static void ServiceAccount(JsonObject spec)
    {
        var name = JsonText.Field(spec, "serviceAccountName") is { Length: > 0 } current ? current : JsonText.Field(spec, "serviceAccount");
        if (name.Length == 0) return;
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
    }

    private static void PullPolicy(JsonObject value, string imageField, string field)
    {
        if (value.ContainsKey(field) || JsonText.Field(value, imageField) is not { Length: > 0 } image) return;
        var digest = image.Contains('@', StringComparison.Ordinal);
        var last = image[(image.LastIndexOf('/') + 1)..];
        var colon = last.IndexOf(':', StringComparison.Ordinal);
        var isLatest = !digest && (colon < 0 || last[(colon + 1)..] == "latest");
        value[field] = isLatest ? "Always" : "IfNotPresent";
    }

    private static void StringData(JsonObject secret)
    {
        if (secret["stringData"] is not JsonObject plain)
        {
            secret.Remove("stringData");
            return;
        }

        if (secret["data"] is not JsonObject data) secret["data"] = data = [];
        foreach (var (key, node) in plain)
        {
            if (node is not null && JsonText.Of(node) is null) continue;
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonText.Of(node) ?? ""));
        }

        secret.Remove("stringData");
        if (data.Count == 0) secret.Remove("data");
    }

    private static void Job(JsonObject spec)
    {
        if (!spec.ContainsKey("parallelism"))
        {
            if (!spec.ContainsKey("completions") && JsonText.Field(spec, "completionMode") != "Indexed") spec["completions"] = JsonNode.Parse("1");
            spec["parallelism"] = JsonNode.Parse("1");
        }

        if (!spec.ContainsKey("backoffLimit") && spec.ContainsKey("backoffLimitPerIndex")) spec["backoffLimit"] = JsonNode.Parse("2147483647");
        if (!spec.ContainsKey("podReplacementPolicy"))
            spec["podReplacementPolicy"] = spec.ContainsKey("podFailurePolicy") ? "Failed" : "TerminatingOrFailed";
    }

    private static void RequestsFromLimits(JsonObject container)
    {
        if (container["resources"] is not JsonObject resources || resources["limits"] is not JsonObject limits) return;
        if (resources["requests"] is not JsonObject requests) requests = [];
        foreach (var (resource, limit) in limits)
            if (!requests.ContainsKey(resource)) requests[resource] = limit?.DeepClone();
        if (requests.Count > 0 && requests.Parent is null) resources["requests"] = requests;
    }

    private static void HostPorts(JsonObject spec)
    {
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in spec[list] as JsonArray ?? [])
            {
                if (container is not JsonObject c) continue;
                foreach (var port in c["ports"] as JsonArray ?? [])
                    if (port is JsonObject p && !p.ContainsKey("hostPort") && p["containerPort"] is JsonValue number) p["hostPort"] = number.DeepClone();
            }
        }
    }

    private static void LimitRange(JsonObject item)
    {
        Copy(item, "max", "default");
        Copy(item, "default", "defaultRequest");
        Copy(item, "min", "defaultRequest");
    }

    private static void Copy(JsonObject item, string from, string to)
    {
        if (item[from] is not JsonObject source) return;
        if (item[to] is not JsonObject target) item[to] = target = [];
        foreach (var (resource, amount) in source)
            if (!target.ContainsKey(resource)) target[resource] = amount?.DeepClone();
    }

    private static void ReplicationController(JsonObject controller)
    {
        if (TemplateLabels(controller) is not { } labels) return;
        if (controller["spec"] is JsonObject spec && !spec.ContainsKey("selector")) spec["selector"] = labels.DeepClone();
        if (controller["metadata"] is JsonObject metadata && !metadata.ContainsKey("labels")) metadata["labels"] = labels.DeepClone();
    }

    private static JsonObject? TemplateLabels(JsonObject value) =>
        value["spec"] is JsonObject spec && spec["template"] is JsonObject template && template["metadata"] is JsonObject metadata
        && metadata["labels"] is JsonObject { Count: > 0 } labels
            ? labels
            : null;

    private static string Name(JsonObject value) => value["metadata"] is JsonObject metadata ? JsonText.Field(metadata, "name") : "";

    private static JsonObject Labels(JsonObject value)
    {
        var metadata = (JsonObject)value["metadata"]!;
        if (metadata["labels"] is not JsonObject labels) metadata["labels"] = labels = [];
        return labels;
    }
}
