using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>The claims of a stateful set: one for each pod and claim template, kept or removed with pod and set as the retention policy says.</summary>
internal sealed class StatefulSetClaims(ControllerContext context)
{
    public static void AddVolumes(JsonObject set, int ordinal, JsonObject podSpec)
    {
        var volumes = new JsonArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var template in set.FindObjects("spec", "volumeClaimTemplates"))
        {
            names.Add(template.NameOf());
            volumes.Add((JsonNode)new JsonObject
            {
                ["name"] = template.NameOf(),
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = ClaimName(set, template, ordinal) },
            });
        }

        if (volumes.Count == 0) return;
        foreach (var volume in podSpec.FindObjects("volumes").ToArray())
            if (!names.Contains(volume.FindText("name") ?? "")) volumes.Add(volume.DeepClone());
        podSpec["volumes"] = volumes;
    }

    /// <summary>Makes the claims of a pod that are missing.</summary>
    public void Create(JsonObject set, int ordinal)
    {
        foreach (var template in set.FindObjects("spec", "volumeClaimTemplates"))
        {
            var name = ClaimName(set, template, ordinal);
            if (context.State.Get(KubernetesKinds.PersistentVolumeClaim, set.NamespaceOf(), name) is not null) continue;
            var labels = template.LabelsOf()?.Copy() ?? [];
            foreach (var (label, value) in set.FindMap("spec", "selector", "matchLabels") ?? []) labels[label] = value?.DeepClone();
            var metadata = new JsonObject { ["name"] = name, ["namespace"] = set.NamespaceOf(), ["labels"] = labels };
            if (template.Find("metadata", "annotations") is { } annotations) metadata["annotations"] = annotations.DeepClone();
            if (KeepsOnlyWithSet(set)) metadata["ownerReferences"] = new JsonArray(set.OwnerReference(KubernetesKinds.StatefulSet));
            context.Api.Create(KubernetesKinds.PersistentVolumeClaim, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "PersistentVolumeClaim", ["metadata"] = metadata, ["spec"] = template.Find("spec")?.DeepClone() ?? new JsonObject(),
            });
        }
    }

    /// <summary>Sets the owners of the claims of a pod, so that the garbage collector removes them when the policy wants it.</summary>
    public void ApplyRetention(JsonObject set, int ordinal, JsonObject? pod, bool scaledDown)
    {
        if (set.IsTerminating()) return;
        var withPod = scaledDown && set.FindText("spec", "persistentVolumeClaimRetentionPolicy", "whenScaled") == "Delete";
        var withSet = !withPod && KeepsOnlyWithSet(set);
        foreach (var template in set.FindObjects("spec", "volumeClaimTemplates"))
        {
            if (context.State.Get(KubernetesKinds.PersistentVolumeClaim, set.NamespaceOf(), ClaimName(set, template, ordinal)) is not { } claim || claim.IsTerminating()) continue;
            var copy = claim.Copy();
            var changed = Own(copy, set, KubernetesKinds.StatefulSet, withSet);
            if (pod is not null) changed |= Own(copy, pod, KubernetesKinds.Pod, withPod);
            if (changed) context.Api.Update(KubernetesKinds.PersistentVolumeClaim, copy);
        }
    }

    private static bool KeepsOnlyWithSet(JsonObject set) => set.FindText("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete";

    private static bool Own(JsonObject claim, JsonObject owner, KubernetesKind kind, bool wanted)
    {
        var has = claim.FindObjects("metadata", "ownerReferences").Any(r => r.FindText("uid") == owner.UidOf());
        if (has == wanted) return false;
        if (wanted) claim.AddOwner(owner.OwnerReference(kind));
        else claim.RemoveOwner(owner.UidOf());
        return true;
    }

    private static string ClaimName(JsonObject set, JsonObject template, int ordinal) =>
        string.Create(CultureInfo.InvariantCulture, $"{template.NameOf()}-{set.NameOf()}-{ordinal}");
}
