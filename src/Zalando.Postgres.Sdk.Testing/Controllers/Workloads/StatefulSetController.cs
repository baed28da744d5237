using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>Pods with stable names and claims, in order or all at once.</summary>
internal sealed class StatefulSetController(ControllerContext context) : Controller(context)
{
    private const string RevisionLabel = "controller-revision-hash";

    private readonly StatefulSetRevisions _revisions = new(context);
    private readonly StatefulSetClaims _claims = new(context);

    public override string Name => "statefulset";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        switch (change.Kind.Kind)
        {
            case "StatefulSet" when change.Kind.Group == "apps":
                enqueue(ObjectKey.Of(change.Object));
                break;
            case "Pod" or "ControllerRevision":
                foreach (var value in (JsonObject?[])[change.Object, change.Previous])
                {
                    if (value?.ControllerOf() is { } owner)
                    {
                        if (owner.FindText("kind") == "StatefulSet") enqueue(new(value.NamespaceOf(), owner.FindText("name") ?? ""));
                    }
                    else if (value is not null && change.Kind.Kind == "Pod")
                    {
                        // Nobody's pod may be adopted by the set that it is named after.
                        var name = value.NameOf();
                        var dash = name.LastIndexOf('-');
                        if (dash > 0) enqueue(new(value.NamespaceOf(), name[..dash]));
                    }
                }

                break;
            case "PersistentVolumeClaim" when change.Type == "DELETED":
                foreach (var set in State.List(KubernetesKinds.StatefulSet, change.Object.NamespaceOf()))
                    if (change.Object.NameOf().Contains("-" + set.NameOf() + "-", StringComparison.Ordinal)) enqueue(ObjectKey.Of(set));
                break;
        }
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.StatefulSet, key) is not { } set) return null;
        var selector = set.FindMap("spec", "selector");
        var pods = ControllerOwnership.Claim(Context, KubernetesKinds.StatefulSet, set, KubernetesKinds.Pod,
            pod => LabelMatch.Matches(selector, pod.LabelsOf()) && Ordinal(set, pod.NameOf()) >= 0);
        var (current, update, all) = _revisions.Of(set);
        if (!set.IsTerminating()) Act(set, pods, current, update);

        // The writes above are in the state already.
        pods = [.. State.List(KubernetesKinds.Pod, key.Namespace).Where(pod => pod.IsControlledBy(set))];
        if (State.Get(KubernetesKinds.StatefulSet, key) is not { } now || now.UidOf() != set.UidOf()) return null;
        WriteStatus(now, set, pods, current, update);
        if (!set.IsTerminating()) _revisions.Truncate(set, all, pods, current, update);
        return NextAvailable(set, pods);
    }

    private void Act(JsonObject set, List<JsonObject> pods, JsonObject current, JsonObject update)
    {
        var spec = set.FindMap("spec")!;
        var replicas = spec.FindNumber("replicas") ?? 1;
        var start = spec.FindNumber("ordinals", "start") ?? 0;
        var minReady = spec.FindNumber("minReadySeconds") ?? 0;
        var ordered = spec.FindText("podManagementPolicy") != "Parallel";
        var wanted = new JsonObject?[replicas];
        var condemned = new List<(int Ordinal, JsonObject Pod)>();
        foreach (var pod in pods)
        {
            var ordinal = Ordinal(set, pod.NameOf());
            if (ordinal >= start && ordinal < start + replicas) wanted[ordinal - start] = pod;
            else condemned.Add((ordinal, pod));
        }

        condemned.Sort(static (a, b) => b.Ordinal.CompareTo(a.Ordinal));
        for (var i = 0; i < replicas; i++) _claims.ApplyRetention(set, start + i, wanted[i], scaledDown: false);
        foreach (var (ordinal, pod) in condemned) _claims.ApplyRetention(set, ordinal, pod, scaledDown: true);

        for (var i = 0; i < replicas; i++)
        {
            if (!BringUp(set, wanted, i, start + i, current, update, minReady, ordered)) return;
        }

        var firstUnhealthy = wanted.OfType<JsonObject>().Concat(condemned.AsEnumerable().Reverse().Select(static c => c.Pod))
            .FirstOrDefault(static p => !PodState.IsRunningAndReady(p) || p.IsTerminating());
        foreach (var (_, pod) in condemned)
        {
            if (pod.IsTerminating())
            {
                if (ordered) return;
                continue;
            }

            // A healthy set shrinks one by one; an unhealthy one may lose the pod that is unhealthy.
            if (ordered && !PodState.IsAvailable(pod, minReady, Now) && !ReferenceEquals(pod, firstUnhealthy)) return;
            Delete(pod);
            if (ordered) return;
        }

        if (spec.FindText("updateStrategy", "type") == "OnDelete") return;
        var partition = spec.FindNumber("updateStrategy", "rollingUpdate", "partition") ?? 0;
        for (var i = replicas - 1; i >= 0 && start + i >= partition; i--)
        {
            if (wanted[i] is not { } pod) return;
            if (Revision(pod) != update.NameOf() && !pod.IsTerminating())
            {
                Delete(pod);
                return;
            }

            if (pod.IsTerminating() || !PodState.IsRunningAndReady(pod) || !PodState.IsAvailable(pod, minReady, Now)) return;
        }
    }

    /// <summary>Sees to one pod; false when the others have to wait.</summary>
    private bool BringUp(JsonObject set, JsonObject?[] wanted, int index, int ordinal, JsonObject current, JsonObject update, int minReady, bool ordered)
    {
        var pod = wanted[index];
        if (pod is not null && PodState.IsFinished(pod))
        {
            // Removed first; its successor is made when it is gone.
            if (!pod.IsTerminating()) Delete(pod);
            return !ordered;
        }

        if (pod is null)
        {
            _claims.Create(set, ordinal);
            wanted[index] = Api.Create(KubernetesKinds.Pod, NewPod(set, ordinal, IsBelowPartition(set, ordinal) ? current : update));
            return !ordered;
        }

        if (PodState.Phase(pod) == "Pending" && !pod.IsTerminating()) _claims.Create(set, ordinal);
        if (!ordered) return true;
        return !pod.IsTerminating() && PodState.IsRunningAndReady(pod) && PodState.IsAvailable(pod, minReady, Now);
    }

    private static bool IsBelowPartition(JsonObject set, int ordinal) =>
        set.FindText("spec", "updateStrategy", "type") != "OnDelete"
        && ordinal < (set.FindNumber("spec", "ordinals", "start") ?? 0) + (set.FindNumber("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0);

    private static JsonObject NewPod(JsonObject set, int ordinal, JsonObject revision)
    {
        var name = PodName(set, ordinal);
        // The revision holds the template as it was; the set only the latest.
        var template = revision.FindMap("data", "spec", "template") ?? [];
        var pod = PodState.FromTemplate(template, set.NamespaceOf(), set.OwnerReference(KubernetesKinds.StatefulSet));
        var metadata = pod.Make("metadata");
        metadata["name"] = name;
        metadata["generateName"] = set.NameOf() + "-";
        var labels = metadata.Make("labels");
        labels["statefulset.kubernetes.io/pod-name"] = name;
        labels["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture);
        labels[RevisionLabel] = revision.NameOf();
        var spec = pod.Make("spec");
        spec["hostname"] = name;
        if (set.FindText("spec", "serviceName") is { Length: > 0 } service) spec["subdomain"] = service;
        StatefulSetClaims.AddVolumes(set, ordinal, spec);
        return pod;
    }

    private void WriteStatus(JsonObject now, JsonObject set, List<JsonObject> pods, JsonObject current, JsonObject update)
    {
        var spec = set.FindMap("spec")!;
        var minReady = spec.FindNumber("minReadySeconds") ?? 0;
        var living = pods.Where(static p => !p.IsTerminating() && PodState.Phase(p).Length > 0).ToArray();
        var ready = pods.Where(PodState.IsRunningAndReady).ToArray();
        var updated = living.Count(p => Revision(p) == update.NameOf());
        var onCurrent = living.Count(p => Revision(p) == current.NameOf());
        var replicas = spec.FindNumber("replicas") ?? 1;
        var currentName = current.NameOf();
        if (spec.FindText("updateStrategy", "type") != "OnDelete" && updated == replicas && pods.Count == replicas && ready.Length == replicas)
        {
            currentName = update.NameOf();
            onCurrent = updated;
        }

        var status = new JsonObject();
        status.SetNumber("observedGeneration", set.FindNumber("metadata", "generation") ?? 1);
        status.SetNumber("replicas", pods.Count);
        if (ready.Length > 0) status.SetNumber("readyReplicas", ready.Length);
        if (onCurrent > 0) status.SetNumber("currentReplicas", onCurrent);
        if (updated > 0) status.SetNumber("updatedReplicas", updated);
        status["currentRevision"] = currentName;
        status["updateRevision"] = update.NameOf();
        status.SetNumber("collisionCount", set.FindNumber("status", "collisionCount") ?? 0);
        status.SetNumber("availableReplicas", ready.Count(p => PodState.IsAvailable(p, minReady, Now)));
        if (JsonNode.DeepEquals(now["status"], status)) return;
        var copy = now.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.StatefulSet, copy, "status");
    }

    private TimeSpan? NextAvailable(JsonObject set, List<JsonObject> pods)
    {
        if (set.FindNumber("spec", "minReadySeconds") is not { } minReady || minReady == 0) return null;
        var waits = pods.Where(PodState.IsRunningAndReady).Select(p => PodState.AvailableIn(p, minReady, Now)).Where(static w => w > TimeSpan.Zero).ToArray();
        return waits.Length == 0 ? null : waits.Min();
    }

    private void Delete(JsonObject pod) =>
        Api.Delete(KubernetesKinds.Pod, pod.NamespaceOf(), pod.NameOf(), new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = pod.UidOf() } });

    private static string Revision(JsonObject pod) => pod.FindText("metadata", "labels", RevisionLabel) ?? "";

    public static string PodName(JsonObject set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.NameOf()}-{ordinal}");

    /// <summary>The ordinal of a pod that is named after the set; -1 for any other.</summary>
    private static int Ordinal(JsonObject set, string podName)
    {
        var prefix = set.NameOf() + "-";
        return podName.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(podName.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
                ? ordinal
                : -1;
    }
}
