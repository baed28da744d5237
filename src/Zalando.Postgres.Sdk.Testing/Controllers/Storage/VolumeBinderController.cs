using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Storage;

/// <summary>Gives every claim a volume: a fitting one that is there, or a new one at once, as a storage class with immediate binding would.
/// Grows volumes when claims ask for more.</summary>
internal sealed class VolumeBinderController(ControllerContext context) : Controller(context)
{
    private const string Provisioner = "in-memory.zalando.org/volumes";

    public override string Name => "persistentvolume-binder";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        switch (change.Kind.Kind)
        {
            case "PersistentVolumeClaim":
                enqueue(ObjectKey.Of(change.Object));
                if (change.Object.FindText("spec", "volumeName") is { Length: > 0 } volume) enqueue(new("", volume));
                break;
            case "PersistentVolume":
                enqueue(ObjectKey.Of(change.Object));
                if (change.Object.FindMap("spec", "claimRef") is { } claim) enqueue(new(claim.FindText("namespace") ?? "", claim.FindText("name") ?? ""));
                else if (change.Type == "ADDED")
                    foreach (var waiting in State.List(KubernetesKinds.PersistentVolumeClaim, null).Where(c => c.FindText("status", "phase") == "Pending")) enqueue(ObjectKey.Of(waiting));
                break;
            case "StorageClass":
                foreach (var waiting in State.List(KubernetesKinds.PersistentVolumeClaim, null).Where(c => c.FindText("status", "phase") == "Pending")) enqueue(ObjectKey.Of(waiting));
                break;
        }
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (key.Namespace.Length == 0) ReconcileVolume(key);
        else ReconcileClaim(key);
        return null;
    }

    private void ReconcileVolume(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.PersistentVolume, key) is not { } volume) return;
        var phase = volume.FindText("status", "phase");
        if (volume.FindMap("spec", "claimRef") is not { } reference)
        {
            if (phase is "Pending" or null) SetPhase(volume, "Available");
            return;
        }

        var claim = State.Get(KubernetesKinds.PersistentVolumeClaim, reference.FindText("namespace") ?? "", reference.FindText("name") ?? "");
        var uid = reference.FindText("uid") ?? "";
        if (claim is not null && (uid.Length == 0 || claim.UidOf() == uid)) return;
        if (uid.Length == 0)
        {
            if (phase is "Pending" or null) SetPhase(volume, "Available");
            return;
        }

        // Its claim is gone.
        if (phase != "Released") SetPhase(volume, "Released");
        if (volume.FindText("spec", "persistentVolumeReclaimPolicy") == "Delete" && !volume.IsTerminating())
            Api.Delete(KubernetesKinds.PersistentVolume, null, key.Name);
    }

    private void ReconcileClaim(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.PersistentVolumeClaim, key) is not { } claim || claim.IsTerminating()) return;
        if (claim.FindText("spec", "volumeName") is not { Length: > 0 } name)
        {
            name = Fitting(claim)?.NameOf() ?? Provision(claim);
            if (name.Length == 0) return;
            var copy = claim.Copy();
            copy.Make("spec")["volumeName"] = name;
            var annotations = copy.Make("metadata").Make("annotations");
            annotations["pv.kubernetes.io/bind-completed"] = "yes";
            annotations["pv.kubernetes.io/bound-by-controller"] = "yes";
            claim = Api.Update(KubernetesKinds.PersistentVolumeClaim, copy);
        }

        if (State.Get(KubernetesKinds.PersistentVolume, "", name) is not { } volume)
        {
            if (claim.FindText("status", "phase") == "Bound") SetClaimStatus(claim, "Lost", null);
            return;
        }

        volume = Bind(volume, claim);
        Grow(volume, claim);
    }

    private JsonObject Bind(JsonObject volume, JsonObject claim)
    {
        if (volume.FindText("spec", "claimRef", "uid") != claim.UidOf())
        {
            var copy = volume.Copy();
            var reference = copy.Make("spec").Make("claimRef");
            reference["apiVersion"] = "v1";
            reference["kind"] = "PersistentVolumeClaim";
            reference["namespace"] = claim.NamespaceOf();
            reference["name"] = claim.NameOf();
            reference["uid"] = claim.UidOf();
            volume = Api.Update(KubernetesKinds.PersistentVolume, copy);
        }

        return volume.FindText("status", "phase") == "Bound" ? volume : SetPhase(volume, "Bound");
    }

    private void Grow(JsonObject volume, JsonObject claim)
    {
        var wanted = claim.FindText("spec", "resources", "requests", "storage");
        var has = volume.FindText("spec", "capacity", "storage");
        if (Quantity.TryParse(wanted, out var request) && Quantity.TryParse(has, out var capacity) && request > capacity)
        {
            var copy = volume.Copy();
            copy.Make("spec").Make("capacity")["storage"] = wanted;
            volume = Api.Update(KubernetesKinds.PersistentVolume, copy);
        }

        SetClaimStatus(claim, "Bound", volume);
    }

    private void SetClaimStatus(JsonObject claim, string phase, JsonObject? volume)
    {
        var status = new JsonObject { ["phase"] = phase };
        if (volume is not null)
        {
            if (volume.Find("spec", "accessModes") is { } modes) status["accessModes"] = modes.DeepClone();
            if (volume.Find("spec", "capacity") is { } capacity) status["capacity"] = capacity.DeepClone();
        }

        // Patched conditions of others (a node that grows the file system) stay.
        if (claim.Find("status", "conditions") is { } conditions) status["conditions"] = conditions.DeepClone();
        if (JsonNode.DeepEquals(claim["status"], status)) return;
        var copy = claim.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.PersistentVolumeClaim, copy, "status");
    }

    private JsonObject? Fitting(JsonObject claim) => State.List(KubernetesKinds.PersistentVolume, null)
        .Where(v => Fits(v, claim))
        .OrderBy(static v => Quantity.TryParse(v.FindText("spec", "capacity", "storage"), out var size) ? size : default)
        .FirstOrDefault();

    private static bool Fits(JsonObject volume, JsonObject claim)
    {
        if (volume.IsTerminating()) return false;
        if (volume.FindMap("spec", "claimRef") is { } reference)
            return reference.FindText("namespace") == claim.NamespaceOf() && reference.FindText("name") == claim.NameOf()
                && (reference.FindText("uid") ?? "") is var uid && (uid.Length == 0 || uid == claim.UidOf());
        if ((volume.FindText("spec", "storageClassName") ?? "") != (claim.FindText("spec", "storageClassName") ?? "")) return false;
        if (claim.FindMap("spec", "selector") is { } selector && !LabelMatch.Matches(selector, volume.LabelsOf())) return false;
        if ((volume.FindText("spec", "volumeMode") ?? "Filesystem") != (claim.FindText("spec", "volumeMode") ?? "Filesystem")) return false;
        var offered = (volume.Find("spec", "accessModes") as JsonArray)?.Select(static m => m?.ToString()).ToArray() ?? [];
        if ((claim.Find("spec", "accessModes") as JsonArray ?? []).Any(m => !offered.Contains(m?.ToString()))) return false;
        return Quantity.TryParse(volume.FindText("spec", "capacity", "storage"), out var has)
            && Quantity.TryParse(claim.FindText("spec", "resources", "requests", "storage"), out var wanted) && has >= wanted;
    }

    private string Provision(JsonObject claim)
    {
        // A selector can only be met by a volume that is there.
        if (claim.FindMap("spec", "selector") is not null) return "";
        var name = "pvc-" + claim.UidOf();
        if (State.Get(KubernetesKinds.PersistentVolume, "", name) is not null) return name;
        var className = claim.FindText("spec", "storageClassName") ?? "";
        var storageClass = className.Length == 0 ? null : State.Get(KubernetesKinds.StorageClass, "", className);
        if (storageClass.FindText("provisioner") == "kubernetes.io/no-provisioner") return "";
        var driver = storageClass.FindText("provisioner") ?? Provisioner;
        var spec = new JsonObject
        {
            ["accessModes"] = claim.Find("spec", "accessModes")?.DeepClone() ?? new JsonArray((JsonNode)"ReadWriteOnce"),
            ["capacity"] = new JsonObject { ["storage"] = claim.FindText("spec", "resources", "requests", "storage") ?? "1Gi" },
            ["claimRef"] = new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "PersistentVolumeClaim", ["namespace"] = claim.NamespaceOf(), ["name"] = claim.NameOf(), ["uid"] = claim.UidOf(),
            },
            ["csi"] = new JsonObject { ["driver"] = driver, ["volumeHandle"] = name },
            ["persistentVolumeReclaimPolicy"] = storageClass.FindText("reclaimPolicy") ?? "Delete",
            ["volumeMode"] = claim.FindText("spec", "volumeMode") ?? "Filesystem",
        };
        if (className.Length > 0) spec["storageClassName"] = className;
        Api.Create(KubernetesKinds.PersistentVolume, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "PersistentVolume",
            ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = new JsonObject { ["pv.kubernetes.io/provisioned-by"] = driver } },
            ["spec"] = spec,
        });
        return name;
    }

    private JsonObject SetPhase(JsonObject volume, string phase)
    {
        var copy = volume.Copy();
        var status = copy.Make("status");
        status["phase"] = phase;
        status["lastPhaseTransitionTime"] = Now.Stamp();
        return Api.Update(KubernetesKinds.PersistentVolume, copy, "status");
    }
}
