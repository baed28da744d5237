using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Jobs;

/// <summary>Deletes finished jobs when their time to live is over.</summary>
internal sealed class FinishedJobController(ControllerContext context) : Controller(context)
{
    public override string Name => "ttl-after-finished";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Job" && change.Type != "DELETED" && change.Object.Find("spec", "ttlSecondsAfterFinished") is not null) enqueue(ObjectKey.Of(change.Object));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Job, key) is not { } job || job.IsTerminating()) return null;
        if (job.FindNumber("spec", "ttlSecondsAfterFinished") is not { } seconds || JobState.FinishedAt(job) is not { } finished) return null;
        var left = finished.AddSeconds(seconds) - Now;
        if (left > TimeSpan.Zero) return left;
        Api.Delete(KubernetesKinds.Job, key.Namespace, key.Name, new JsonObject
        {
            ["propagationPolicy"] = "Foreground", ["preconditions"] = new JsonObject { ["uid"] = job.UidOf() },
        });
        return null;
    }
}
