using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>Moves pods from one replica set to the next when the template changes.</summary>
internal sealed class DeploymentController(ControllerContext context) : Controller(context)
{
    private const string HashLabel = "pod-template-hash";
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";
    private const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    private const string MaximumAnnotation = "deployment.kubernetes.io/max-replicas";
    private const string AppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    public override string Name => "deployment";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        switch (change.Kind.Kind)
        {
            case "Deployment":
                enqueue(ObjectKey.Of(change.Object));
                break;
            case "ReplicaSet" when change.Object.ControllerOf() is { } owner && owner.FindText("kind") == "Deployment":
                enqueue(new(change.Object.NamespaceOf(), owner.FindText("name") ?? ""));
                break;
            case "ReplicaSet":
                foreach (var deployment in State.List(KubernetesKinds.Deployment, change.Object.NamespaceOf()))
                    if (LabelMatch.Matches(deployment.FindMap("spec", "selector"), change.Object.LabelsOf())) enqueue(ObjectKey.Of(deployment));
                break;
            case "Pod" when change.Type == "DELETED" && change.Object.ControllerOf() is { } set && set.FindText("kind") == "ReplicaSet":
                // With strategy Recreate the new pods wait until the last old one is gone.
                if (State.Get(KubernetesKinds.ReplicaSet, change.Object.NamespaceOf(), set.FindText("name") ?? "")?.ControllerOf() is { } top)
                    enqueue(new(change.Object.NamespaceOf(), top.FindText("name") ?? ""));
                break;
        }
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Deployment, key) is not { } deployment) return null;
        var selector = deployment.FindMap("spec", "selector");
        var sets = ControllerOwnership.Claim(Context, KubernetesKinds.Deployment, deployment, KubernetesKinds.ReplicaSet, s => LabelMatch.Matches(selector, s.LabelsOf()));
        var current = Find(deployment, sets);
        var created = false;
        if (!deployment.IsTerminating())
        {
            if (deployment.FindFlag("spec", "paused"))
            {
                if (current is not null) Scale(deployment, current, deployment.FindNumber("spec", "replicas") ?? 1);
            }
            else if (deployment.FindText("spec", "strategy", "type") == "Recreate")
            {
                var old = sets.Where(s => !ReferenceEquals(s, current)).ToArray();
                foreach (var set in old) Scale(deployment, set, 0);
                if (old.All(HasNoPods))
                {
                    (current, created) = Ensure(deployment, current, sets);
                    Scale(deployment, current, deployment.FindNumber("spec", "replicas") ?? 1);
                }
            }
            else
            {
                (current, created) = Ensure(deployment, current, sets);
                Roll(deployment, key, current);
            }
        }

        sets = Owned(deployment, key);
        current = Find(deployment, sets);
        var again = WriteStatus(deployment, key, sets, current, created);
        if (!deployment.IsTerminating()) CleanUp(deployment, sets, current);
        return again;
    }

    private List<JsonObject> Owned(JsonObject deployment, ObjectKey key) =>
        State.List(KubernetesKinds.ReplicaSet, key.Namespace).Where(s => s.IsControlledBy(deployment)).ToList();

    private bool HasNoPods(JsonObject set) => !State.List(KubernetesKinds.Pod, set.NamespaceOf()).Any(p => p.IsControlledBy(set) && !PodState.IsFinished(p));

    /// <summary>The replica set whose template is that of the deployment, but for the hash.</summary>
    private static JsonObject? Find(JsonObject deployment, IEnumerable<JsonObject> sets)
    {
        var template = deployment.Find("spec", "template");
        return sets.OrderBy(static s => s.FindText("metadata", "creationTimestamp"), StringComparer.Ordinal).FirstOrDefault(s =>
        {
            var copy = s.FindMap("spec", "template")?.Copy();
            if (copy.FindMap("metadata", "labels") is { } labels)
            {
                labels.Remove(HashLabel);
                if (labels.Count == 0) copy!.Make("metadata").Remove("labels");
            }

            return JsonNode.DeepEquals(copy, template);
        });
    }

    private (JsonObject Set, bool Created) Ensure(JsonObject deployment, JsonObject? current, List<JsonObject> sets)
    {
        var last = sets.Where(s => !ReferenceEquals(s, current)).Select(Revision).DefaultIfEmpty(0).Max();
        var revision = (last + 1).ToString(CultureInfo.InvariantCulture);
        var created = current is null;
        if (current is null)
        {
            var template = deployment.FindMap("spec", "template")!.Copy();
            var hash = StableHash.Of(template.ToJsonString() + deployment.FindNumber("status", "collisionCount"));
            template.Make("metadata").Make("labels")[HashLabel] = hash;
            var selector = deployment.FindMap("spec", "selector")!.Copy();
            selector.Make("matchLabels")[HashLabel] = hash;
            var spec = new JsonObject { ["selector"] = selector, ["template"] = template };
            spec.SetNumber("replicas", 0);
            if (deployment.Find("spec", "minReadySeconds") is { } minReady) spec["minReadySeconds"] = minReady.DeepClone();
            if (deployment.FindText("spec", "strategy", "type") == "Recreate") spec.SetNumber("replicas", deployment.FindNumber("spec", "replicas") ?? 1);
            else spec.SetNumber("replicas", Math.Max(0, Math.Min(Replicas(deployment), Replicas(deployment) + Surge(deployment) - sets.Sum(SpecReplicas))));
            var set = new JsonObject
            {
                ["apiVersion"] = "apps/v1", ["kind"] = "ReplicaSet",
                ["metadata"] = new JsonObject
                {
                    ["name"] = deployment.NameOf() + "-" + hash, ["namespace"] = deployment.NamespaceOf(),
                    ["labels"] = template.FindMap("metadata", "labels")!.DeepClone(), ["annotations"] = Annotations(deployment, revision),
                    ["ownerReferences"] = new JsonArray(deployment.OwnerReference(KubernetesKinds.Deployment)),
                },
                ["spec"] = spec,
            };
            current = Api.Create(KubernetesKinds.ReplicaSet, set);
        }
        else
        {
            if (Revision(current) > last) revision = Revision(current).ToString(CultureInfo.InvariantCulture);
            var copy = current.Copy();
            var marks = copy.Make("metadata").Make("annotations");
            foreach (var (mark, value) in Annotations(deployment, revision)) marks[mark] = value?.DeepClone();
            if (deployment.Find("spec", "minReadySeconds") is { } minReady) copy.Make("spec")["minReadySeconds"] = minReady.DeepClone();
            if (!JsonNode.DeepEquals(copy, current)) current = Api.Update(KubernetesKinds.ReplicaSet, copy);
        }

        if (deployment.FindText("metadata", "annotations", RevisionAnnotation) != revision)
        {
            var copy = (State.Get(KubernetesKinds.Deployment, ObjectKey.Of(deployment)) ?? deployment).Copy();
            copy.Make("metadata").Make("annotations")[RevisionAnnotation] = revision;
            Api.Update(KubernetesKinds.Deployment, copy, "status");
        }

        return (current, created);
    }

    private static JsonObject Annotations(JsonObject deployment, string revision)
    {
        var result = deployment.FindMap("metadata", "annotations")?.Copy() ?? [];
        result.Remove(AppliedAnnotation);
        result[RevisionAnnotation] = revision;
        result[DesiredAnnotation] = Replicas(deployment).ToString(CultureInfo.InvariantCulture);
        result[MaximumAnnotation] = (Replicas(deployment) + Surge(deployment)).ToString(CultureInfo.InvariantCulture);
        return result;
    }

    private void Roll(JsonObject deployment, ObjectKey key, JsonObject current)
    {
        var wanted = Replicas(deployment);
        var sets = Owned(deployment, key);
        current = sets.FirstOrDefault(s => s.UidOf() == current.UidOf()) ?? current;
        var size = SpecReplicas(current);
        if (size > wanted)
        {
            current = Scale(deployment, current, wanted);
        }
        else if (size < wanted)
        {
            var room = wanted + Surge(deployment) - sets.Sum(SpecReplicas);
            if (room > 0) current = Scale(deployment, current, Math.Min(wanted, size + room));
        }

        var old = Owned(deployment, key).Where(s => s.UidOf() != current.UidOf() && SpecReplicas(s) > 0)
            .OrderBy(static s => s.FindText("metadata", "creationTimestamp"), StringComparer.Ordinal).ToArray();
        if (old.Length == 0) return;
        var minimum = wanted - Unavailable(deployment);
        var spare = SpecReplicas(current) + old.Sum(SpecReplicas) - minimum - (SpecReplicas(current) - Available(current));
        // Old pods that do not work are no loss.
        foreach (var set in old)
        {
            if (spare <= 0) return;
            var sick = Math.Min(spare, SpecReplicas(set) - Available(set));
            if (sick <= 0) continue;
            Scale(deployment, set, SpecReplicas(set) - sick);
            spare -= sick;
        }

        sets = Owned(deployment, key);
        var surplus = sets.Sum(Available) - minimum;
        foreach (var set in sets.Where(s => s.UidOf() != current.UidOf() && SpecReplicas(s) > 0).OrderBy(static s => s.FindText("metadata", "creationTimestamp"), StringComparer.Ordinal))
        {
            if (surplus <= 0 || spare <= 0) return;
            var down = Math.Min(Math.Min(surplus, spare), SpecReplicas(set));
            Scale(deployment, set, SpecReplicas(set) - down);
            surplus -= down;
            spare -= down;
        }
    }

    private JsonObject Scale(JsonObject deployment, JsonObject set, int replicas)
    {
        var copy = (State.Get(KubernetesKinds.ReplicaSet, ObjectKey.Of(set)) ?? set).Copy();
        var marks = copy.Make("metadata").Make("annotations");
        marks[DesiredAnnotation] = Replicas(deployment).ToString(CultureInfo.InvariantCulture);
        marks[MaximumAnnotation] = (Replicas(deployment) + Surge(deployment)).ToString(CultureInfo.InvariantCulture);
        if (SpecReplicas(copy) == replicas && JsonNode.DeepEquals(marks, set.Find("metadata", "annotations"))) return set;
        copy.Make("spec").SetNumber("replicas", replicas);
        return Api.Update(KubernetesKinds.ReplicaSet, copy);
    }

    private TimeSpan? WriteStatus(JsonObject deployment, ObjectKey key, List<JsonObject> sets, JsonObject? current, bool created)
    {
        if (State.Get(KubernetesKinds.Deployment, key) is not { } now || now.UidOf() != deployment.UidOf()) return null;
        var wanted = Replicas(deployment);
        var replicas = sets.Sum(static s => s.FindNumber("status", "replicas") ?? 0);
        var updated = current.FindNumber("status", "replicas") ?? 0;
        var ready = sets.Sum(static s => s.FindNumber("status", "readyReplicas") ?? 0);
        var available = sets.Sum(Available);
        var status = new JsonObject();
        status.SetNumber("observedGeneration", deployment.FindNumber("metadata", "generation") ?? 1);
        Put(status, "replicas", replicas);
        Put(status, "updatedReplicas", updated);
        Put(status, "readyReplicas", ready);
        Put(status, "availableReplicas", available);
        Put(status, "unavailableReplicas", Math.Max(0, sets.Sum(SpecReplicas) - available));
        status.SetNumber("terminatingReplicas", sets.Sum(static s => s.FindNumber("status", "terminatingReplicas") ?? 0));
        if (now.Find("status", "collisionCount") is { } collisions) status["collisionCount"] = collisions.DeepClone();
        var enough = available >= wanted - Unavailable(deployment);
        var availability = Condition(now, "Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
        var (progress, again) = Progress(deployment, now, current, created, replicas, updated, available, wanted);
        status["conditions"] = InOrder(now, availability, progress, deployment.FindFlag("spec", "paused"));
        if (JsonNode.DeepEquals(now["status"], status)) return again;
        var copy = now.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.Deployment, copy, "status");
        return again;
    }

    /// <summary>A condition that did not change keeps its place; one that changed goes to the end. A pause is noted before anything else.</summary>
    private static JsonArray InOrder(JsonObject now, JsonObject availability, JsonObject? progress, bool paused)
    {
        JsonObject[] wanted = progress is null ? [availability] : paused && now.Condition("Progressing") is null ? [progress, availability] : [availability, progress];
        bool Stands(JsonObject condition) => now.Condition(condition.FindText("type") ?? "") is { } old && old.FindText("status") == condition.FindText("status") && old.FindText("reason") == condition.FindText("reason");
        var order = now.FindObjects("status", "conditions").Select(static c => c.FindText("type")).ToList();
        return new JsonArray([.. wanted.Where(Stands).OrderBy(c => order.IndexOf(c.FindText("type"))).Concat(wanted.Where(c => !Stands(c))).Select(static c => (JsonNode)c)]);
    }

    private (JsonObject? Condition, TimeSpan? Again) Progress(
        JsonObject deployment, JsonObject now, JsonObject? current, bool created, int replicas, int updated, int available, int wanted)
    {
        var before = now.Condition("Progressing");
        var reason = before.FindText("reason");
        if (deployment.FindFlag("spec", "paused")) return (Condition(now, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"), null);
        if (reason == "DeploymentPaused") return (Condition(now, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed"), TimeSpan.Zero);
        if (current is null) return ((JsonObject?)before?.DeepClone(), null);
        var name = $"ReplicaSet \"{current.NameOf()}\"";
        var complete = updated == wanted && replicas == wanted && available >= wanted;
        if (complete) return (Condition(now, "Progressing", "True", "NewReplicaSetAvailable", $"{name} has successfully progressed."), null);
        // Once finished, a change of the size alone is no new rollout.
        if (!created && reason == "NewReplicaSetAvailable" && replicas == updated && before.FindText("message")?.StartsWith(name, StringComparison.Ordinal) == true)
            return ((JsonObject)before!.DeepClone(), null);
        var moved = created || before is null || now.FindNumber("status", "updatedReplicas") is not { } u || u != updated || (now.FindNumber("status", "replicas") ?? 0) != replicas
            || (now.FindNumber("status", "availableReplicas") ?? 0) < available;
        if (moved)
        {
            var progressing = Condition(now, "Progressing", "True", "ReplicaSetUpdated", $"{name} is progressing.");
            progressing["lastUpdateTime"] = Now.Stamp();
            return (progressing, Deadline(deployment));
        }

        var since = before.FindTime("lastUpdateTime") ?? Now;
        var deadline = Deadline(deployment);
        if (deadline is { } limit && Now - since >= limit)
            return (Condition(now, "Progressing", "False", "ProgressDeadlineExceeded", $"{name} has timed out progressing."), null);
        return ((JsonObject)before!.DeepClone(), deadline is { } left ? left - (Now - since) : null);
    }

    private static TimeSpan? Deadline(JsonObject deployment) =>
        deployment.FindNumber("spec", "progressDeadlineSeconds") is { } seconds and < int.MaxValue ? TimeSpan.FromSeconds(seconds) : null;

    private JsonObject Condition(JsonObject deployment, string type, string value, string reason, string message)
    {
        var before = deployment.Condition(type);
        if (before is not null && before.FindText("status") == value && before.FindText("reason") == reason && before.FindText("message") == message) return before.Copy();
        var changed = before.FindText("status") == value ? before.FindText("lastTransitionTime") ?? Now.Stamp() : Now.Stamp();
        return new JsonObject { ["type"] = type, ["status"] = value, ["lastUpdateTime"] = Now.Stamp(), ["lastTransitionTime"] = changed, ["reason"] = reason, ["message"] = message };
    }

    private void CleanUp(JsonObject deployment, List<JsonObject> sets, JsonObject? current)
    {
        var limit = deployment.FindNumber("spec", "revisionHistoryLimit") ?? 10;
        var idle = sets.Where(s => s.UidOf() != current?.UidOf() && SpecReplicas(s) == 0 && (s.FindNumber("status", "replicas") ?? 0) == 0 && !s.IsTerminating())
            .OrderBy(Revision).ToArray();
        for (var i = 0; i < idle.Length - limit; i++) Api.Delete(KubernetesKinds.ReplicaSet, idle[i].NamespaceOf(), idle[i].NameOf());
    }

    private static int Replicas(JsonObject deployment) => deployment.FindNumber("spec", "replicas") ?? 1;

    private static int SpecReplicas(JsonObject set) => set.FindNumber("spec", "replicas") ?? 1;

    private static int Available(JsonObject set) => set.FindNumber("status", "availableReplicas") ?? 0;

    private static int Surge(JsonObject deployment) => deployment.FindText("spec", "strategy", "type") == "Recreate"
        ? 0
        : IntOrPercent.Of(deployment.Find("spec", "strategy", "rollingUpdate", "maxSurge"), Replicas(deployment), roundUp: true) ?? 0;

    private static int Unavailable(JsonObject deployment)
    {
        if (deployment.FindText("spec", "strategy", "type") == "Recreate" || Replicas(deployment) == 0) return 0;
        var unavailable = IntOrPercent.Of(deployment.Find("spec", "strategy", "rollingUpdate", "maxUnavailable"), Replicas(deployment), roundUp: false) ?? 0;
        return unavailable == 0 && Surge(deployment) == 0 ? 1 : Math.Min(unavailable, Replicas(deployment));
    }

    private static int Revision(JsonObject set) =>
        int.TryParse(set.FindText("metadata", "annotations", RevisionAnnotation), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private static void Put(JsonObject status, string field, int number)
    {
        if (number > 0) status.SetNumber(field, number);
    }
}
