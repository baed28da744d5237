using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Stateful sets, deployments, replica sets, daemon sets.</summary>
internal static class WorkloadValidation
{
    private const string MutableFields = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    private static readonly string[] Mutable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public static void StatefulSet(JsonObject set, JsonObject? old, FaultList faults)
    {
        var spec = set.Object("spec") ?? [];
        if (old is not null && !JsonNode.DeepEquals(Immutable(spec), Immutable(old.Object("spec") ?? []))) faults.Forbidden("spec", MutableFields);
        if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
            faults.Invalid("spec.podManagementPolicy", spec.Text("podManagementPolicy") ?? "", "must be 'OrderedReady' or 'Parallel'");
        var strategy = spec.Object("updateStrategy");
        switch (strategy.Text("type"))
        {
            case "OnDelete":
                if (strategy.Object("rollingUpdate") is { } rolling) faults.Invalid("spec.updateStrategy.rollingUpdate", rolling, "only allowed for updateStrategy 'RollingUpdate'");
                break;
            case "RollingUpdate":
                NotNegative(strategy.Object("rollingUpdate"), "partition", "spec.updateStrategy.rollingUpdate.partition", faults);
                break;
            default:
                faults.Invalid("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }

        foreach (var field in (ReadOnlySpan<string>)["whenDeleted", "whenScaled"])
            if (spec.Object("persistentVolumeClaimRetentionPolicy").Text(field) is { } policy and not ("Retain" or "Delete"))
                faults.NotSupported("spec.persistentVolumeClaimRetentionPolicy." + field, policy, "Retain", "Delete");
        NotNegative(spec, "replicas", "spec.replicas", faults);
        NotNegative(spec, "minReadySeconds", "spec.minReadySeconds", faults);
        NotNegative(spec.Object("ordinals"), "start", "spec.ordinals.start", faults);
        if (spec.Text("serviceName") is { Length: > 0 } service && old is null && NameValidation.LabelFault(service) is { } fault) faults.Invalid("spec.serviceName", service, fault);
        Template(spec, "statefulset", "StatefulSet", faults);
    }

    public static void Deployment(JsonObject deployment, JsonObject? old, FaultList faults)
    {
        var spec = deployment.Object("spec") ?? [];
        NotNegative(spec, "replicas", "spec.replicas", faults);
        Template(spec, "deployment", "Deployment", faults);
        var strategy = spec.Object("strategy");
        switch (strategy.Text("type"))
        {
            case "Recreate":
                if (strategy.Object("rollingUpdate") is not null) faults.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "RollingUpdate": break;
            default:
                faults.NotSupported("spec.strategy.type", strategy.Text("type") ?? "", "Recreate", "RollingUpdate");
                break;
        }

        NotNegative(spec, "minReadySeconds", "spec.minReadySeconds", faults);
        NotNegative(spec, "revisionHistoryLimit", "spec.revisionHistoryLimit", faults);
        NotNegative(spec, "progressDeadlineSeconds", "spec.progressDeadlineSeconds", faults);
        ImmutableSelector(spec, old, faults);
    }

    public static void ReplicaSet(JsonObject set, JsonObject? old, FaultList faults)
    {
        var spec = set.Object("spec") ?? [];
        NotNegative(spec, "replicas", "spec.replicas", faults);
        NotNegative(spec, "minReadySeconds", "spec.minReadySeconds", faults);
        Template(spec, "deployment", "ReplicaSet", faults);
        ImmutableSelector(spec, old, faults);
    }

    public static void DaemonSet(JsonObject set, JsonObject? old, FaultList faults)
    {
        var spec = set.Object("spec") ?? [];
        Template(spec, "daemonset", "DaemonSet", faults);
        ImmutableSelector(spec, old, faults);
    }

    public static void NotNegative(JsonObject? value, string field, string path, FaultList faults)
    {
        if (value.Whole(field) is < 0) faults.Invalid(path, value![field], "must be greater than or equal to 0");
    }

    /// <summary>Selector and template of a workload that keeps its pods running.</summary>
    private static void Template(JsonObject spec, string emptyName, string kind, FaultList faults)
    {
        var selector = spec.Object("selector");
        var template = spec.Object("template");
        var labels = template.Object("metadata").Object("labels");
        if (selector is null)
        {
            faults.Required("spec.selector");
            faults.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
        else
        {
            var faulty = SelectorValidation.Validate(selector, "spec.selector", faults);
            if (selector.Object("matchLabels") is not { Count: > 0 } && selector.Array("matchExpressions") is not { Count: > 0 })
                faults.Invalid("spec.selector", selector, $"empty selector is invalid for {emptyName}");
            else if (faulty) faults.InvalidBare("spec.selector", selector);
            else if (!LabelMatch.Matches(selector, labels)) faults.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }

        // The claims of a stateful set are volumes of its pods.
        var claims = (spec.Array("volumeClaimTemplates") ?? []).OfType<JsonObject>().Select(static c => c.Name());
        PodTemplate(template, "spec.template", faults, claims);
        var podSpec = template.Object("spec");
        if (podSpec.Text("restartPolicy") is "OnFailure" or "Never")
            faults.NotSupported("spec.template.spec.restartPolicy", podSpec.Text("restartPolicy"), "Always");
        if (podSpec?.ContainsKey("activeDeadlineSeconds") == true)
            faults.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
    }

    public static void PodTemplate(JsonObject? template, string path, FaultList faults, IEnumerable<string>? claims = null)
    {
        NameValidation.Labels(template.Object("metadata").Object("labels"), path + ".labels", faults);
        PodSpecValidation.Validate(template.Object("spec") ?? [], path + ".spec", TemplateKind.Template, faults, claims);
    }

    private static void ImmutableSelector(JsonObject spec, JsonObject? old, FaultList faults)
    {
        if (old is not null && !JsonNode.DeepEquals(spec["selector"], old.Object("spec")?["selector"])) faults.Invalid("spec.selector", spec["selector"], "field is immutable");
    }

    private static JsonObject Immutable(JsonObject spec)
    {
        var copy = spec.CopyObject();
        foreach (var field in Mutable) copy.Remove(field);
        return copy;
    }
}
