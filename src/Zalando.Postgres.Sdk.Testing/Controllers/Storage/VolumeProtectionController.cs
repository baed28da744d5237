using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Storage;

/// <summary>Lets a deleted volume go when it is bound to no claim any more.</summary>
internal sealed class VolumeProtectionController(ControllerContext context) : Controller(context)
{
    private const string Finalizer = "kubernetes.io/pv-protection";

    public override string Name => "persistentvolume-protection";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "PersistentVolume") enqueue(ObjectKey.Of(change.Object));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.PersistentVolume, key) is not { } volume) return null;
        if (!volume.IsTerminating() || !volume.HasFinalizer(Finalizer) || volume.FindText("status", "phase") == "Bound") return null;
        var copy = volume.Copy();
        copy.RemoveFinalizer(Finalizer);
        Api.Update(KubernetesKinds.PersistentVolume, copy);
        return null;
    }
}
