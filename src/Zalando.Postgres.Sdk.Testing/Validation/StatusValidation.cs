using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Statuses, as far as the server looks at them.</summary>
internal static class StatusValidation
{
    public static void Validate(KubernetesKind kind, JsonObject value, FaultList faults)
    {
        var status = value.Object("status");
        switch (kind.QualifiedName)
        {
            case "statefulsets.apps":
                Counts(status, ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"], faults);
                break;
            case "deployments.apps":
                Counts(status, ["updatedReplicas", "readyReplicas", "availableReplicas"], faults);
                break;
            case "replicasets.apps":
                Counts(status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], faults);
                break;
            case "namespaces":
                var phase = status.Text("phase") ?? "";
                if (!value.IsDeleting() && phase != "Active") faults.Invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
                if (value.IsDeleting() && phase != "Terminating") faults.Invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
                break;
        }
    }

    private static void Counts(JsonObject? status, ReadOnlySpan<string> fields, FaultList faults)
    {
        var replicas = status.Whole("replicas") ?? 0;
        if (replicas < 0) faults.Invalid("status.replicas", status!["replicas"], "must be greater than or equal to 0");
        foreach (var field in fields)
        {
            var count = status.Whole(field) ?? 0;
            if (count < 0) faults.Invalid("status." + field, status![field], "must be greater than or equal to 0");
            if (count > replicas) faults.Invalid("status." + field, status?[field] ?? 0, "cannot be greater than status.replicas");
        }
    }
}
