using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Storage;

/// <summary>Lets a deleted claim go when no pod uses it any more.</summary>
internal sealed class ClaimProtectionController(ControllerContext context) : Controller(context)
{
    private const string Finalizer = "kubernetes.io/pvc-protection";

    public override string Name => "persistentvolumeclaim-protection";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "PersistentVolumeClaim") enqueue(ObjectKey.Of(change.Object));
        else if (change.Kind.Kind == "Pod" && (change.Type == "DELETED" || PodState.IsFinished(change.Object)))
            foreach (var claim in Claims(change.Object)) enqueue(new(change.Object.NamespaceOf(), claim));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.PersistentVolumeClaim, key) is not { } claim) return null;
        if (!claim.IsTerminating() || !claim.HasFinalizer(Finalizer)) return null;
        if (State.List(KubernetesKinds.Pod, key.Namespace).Any(p => !PodState.IsFinished(p) && Claims(p).Contains(key.Name))) return null;
        var copy = claim.Copy();
        copy.RemoveFinalizer(Finalizer);
        Api.Update(KubernetesKinds.PersistentVolumeClaim, copy);
        return null;
    }

    private static IEnumerable<string> Claims(JsonObject pod) => pod.FindObjects("spec", "volumes")
        .Select(v => v.FindText("persistentVolumeClaim", "claimName") ?? (v["ephemeral"] is null ? null : pod.NameOf() + "-" + v.FindText("name")))
        .OfType<string>();
}
