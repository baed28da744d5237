using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>Keeps a number of equal pods.</summary>
internal sealed class ReplicaSetController(ControllerContext context) : Controller(context)
{
    public override string Name => "replicaset";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "ReplicaSet")
        {
            enqueue(ObjectKey.Of(change.Object));
        }
        else if (change.Kind.Kind == "Pod")
        {
            foreach (var pod in (JsonObject?[])[change.Object, change.Previous])
            {
                if (pod is null) continue;
                if (pod.ControllerOf() is { } owner)
                {
                    if (owner.FindText("kind") == "ReplicaSet") enqueue(new(pod.NamespaceOf(), owner.FindText("name") ?? ""));
                    continue;
                }

                foreach (var set in State.List(KubernetesKinds.ReplicaSet, pod.NamespaceOf()))
                    if (LabelMatch.Matches(set.FindMap("spec", "selector"), pod.LabelsOf())) enqueue(ObjectKey.Of(set));
            }
        }
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.ReplicaSet, key) is not { } set) return null;
        var selector = set.FindMap("spec", "selector");
        var all = ControllerOwnership.Claim(Context, KubernetesKinds.ReplicaSet, set, KubernetesKinds.Pod, p => LabelMatch.Matches(selector, p.LabelsOf()));
        var pods = all.Where(PodState.IsActive).ToList();
        var wanted = set.FindNumber("spec", "replicas") ?? 1;
        if (!set.IsTerminating())
        {
            for (var i = pods.Count; i < wanted; i++)
            {
                var pod = PodState.FromTemplate(set.FindMap("spec", "template") ?? [], key.Namespace, set.OwnerReference(KubernetesKinds.ReplicaSet));
                pod.Make("metadata")["generateName"] = key.Name + "-";
                pods.Add(Api.Create(KubernetesKinds.Pod, pod));
            }

            // The least useful go first: not on a node, not running, not ready, youngest.
            foreach (var surplus in pods
                .OrderBy(static p => p.FindText("spec", "nodeName") is { Length: > 0 }).ThenBy(static p => PodState.Phase(p) == "Running").ThenBy(PodState.IsReady)
                .ThenByDescending(static p => p.FindText("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(static p => p.NameOf(), StringComparer.Ordinal)
                .Take(Math.Max(0, pods.Count - wanted)).ToArray())
            {
                Api.Delete(KubernetesKinds.Pod, key.Namespace, surplus.NameOf());
                pods.Remove(surplus);
            }
        }

        all = State.List(KubernetesKinds.Pod, key.Namespace).Where(p => p.IsControlledBy(set)).ToList();
        pods = all.Where(PodState.IsActive).ToList();
        var minReady = set.FindNumber("spec", "minReadySeconds") ?? 0;
        WriteStatus(key, set, all, pods, minReady);
        if (minReady == 0) return null;
        var waits = pods.Where(PodState.IsReady).Select(p => PodState.AvailableIn(p, minReady, Now)).Where(static w => w > TimeSpan.Zero).ToArray();
        return waits.Length == 0 ? null : waits.Min();
    }

    private void WriteStatus(ObjectKey key, JsonObject set, List<JsonObject> all, List<JsonObject> pods, int minReady)
    {
        if (State.Get(KubernetesKinds.ReplicaSet, key) is not { } now || now.UidOf() != set.UidOf()) return;
        var labels = set.FindMap("spec", "template", "metadata", "labels") ?? [];
        var status = new JsonObject();
        status.SetNumber("replicas", pods.Count);
        Put(status, "fullyLabeledReplicas", pods.Count(p => LabelMatch.MatchesMap(labels, p.LabelsOf())));
        Put(status, "readyReplicas", pods.Count(PodState.IsReady));
        Put(status, "availableReplicas", pods.Count(p => PodState.IsAvailable(p, minReady, Now)));
        status.SetNumber("terminatingReplicas", all.Count(static p => p.IsTerminating() && !PodState.IsFinished(p)));
        status.SetNumber("observedGeneration", set.FindNumber("metadata", "generation") ?? 1);
        if (JsonNode.DeepEquals(now["status"], status)) return;
        var copy = now.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.ReplicaSet, copy, "status");
    }

    private static void Put(JsonObject status, string field, int number)
    {
        if (number > 0) status.SetNumber(field, number);
    }
}
