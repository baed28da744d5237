using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted: first its pods, then everything else, then the namespace itself.</summary>
internal sealed class NamespaceController(ControllerContext context) : Controller(context)
{
    private const string Finalizer = "kubernetes";

    public override string Name => "namespace";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Namespace") enqueue(new("", change.Object.NameOf()));
        else if (change.Kind.Namespaced && State.Get(KubernetesKinds.Namespace, "", change.Object.NamespaceOf()) is { } space && space.IsTerminating())
            enqueue(new("", change.Object.NamespaceOf()));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Namespace, key) is not { } space || !space.IsTerminating() || !HasFinalizer(space)) return null;
        var pods = State.List(KubernetesKinds.Pod, key.Name);
        if (pods.Count > 0)
        {
            foreach (var pod in pods)
                if (!pod.IsTerminating()) Api.Delete(KubernetesKinds.Pod, key.Name, pod.NameOf());
            var left = State.List(KubernetesKinds.Pod, key.Name).Count;
            if (left > 0)
            {
                WriteConditions(key, left, []);
                return null;
            }
        }

        var kinds = Api.Kinds.Where(static k => k.Namespaced && k.Verbs.Contains("delete") && k.Verbs.Contains("list"))
            .DistinctBy(static k => k.Kind == "Event" ? "events" : k.QualifiedName).ToArray();
        foreach (var kind in kinds)
        {
            foreach (var value in Contents(kind, key.Name))
                if (!value.IsTerminating()) Api.Delete(kind, key.Name, value.NameOf(), new JsonObject { ["propagationPolicy"] = "Background" });
        }

        var remaining = kinds.Select(k => (Kind: k, Objects: Contents(k, key.Name))).Where(static e => e.Objects.Count > 0).ToArray();
        if (remaining.Length > 0)
        {
            WriteConditions(key, 0, remaining);
            return null;
        }

        if (State.Get(KubernetesKinds.Namespace, key) is not { } now) return null;
        var copy = now.Copy();
        var spec = copy.Make("spec");
        var finalizers = (spec["finalizers"] as JsonArray ?? []).Select(static f => f?.ToString()).Where(static f => f != Finalizer).ToArray();
        if (finalizers.Length == 0) spec.Remove("finalizers");
        else spec["finalizers"] = new JsonArray(finalizers.Select(static f => (JsonNode?)f).ToArray());
        Api.Update(KubernetesKinds.Namespace, copy, "finalize");
        return null;
    }

    // Events are not kept in the shared state: nobody but this controller wants them.
    private IReadOnlyList<JsonObject> Contents(KubernetesKind kind, string namespaceName) =>
        kind.Kind == "Event" ? Api.List(kind, namespaceName) : State.List(kind, namespaceName);

    private static bool HasFinalizer(JsonObject space) => space.Find("spec", "finalizers") is JsonArray finalizers && finalizers.Any(static f => f?.ToString() == Finalizer);

    private void WriteConditions(ObjectKey key, int pods, (KubernetesKind Kind, IReadOnlyList<JsonObject> Objects)[] remaining)
    {
        if (State.Get(KubernetesKinds.Namespace, key) is not { } space) return;
        var finalizers = remaining.SelectMany(static r => r.Objects).SelectMany(static o => (o.Find("metadata", "finalizers") as JsonArray ?? []).Select(static f => f?.ToString() ?? ""))
            .GroupBy(static f => f, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal).ToArray();
        var conditions = new JsonArray(
            Condition(space, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
            Condition(space, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            pods > 0
                ? Condition(space, "NamespaceDeletionContentFailure", true, "ContentDeletionFailed", $"Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: {key.Name} for gvr: /v1, Resource=pods")
                : Condition(space, "NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            remaining.Length > 0
                ? Condition(space, "NamespaceContentRemaining", true, "SomeResourcesRemain", "Some resources are remaining: " + string.Join(", ", remaining
                    .OrderBy(static r => r.Kind.Plural, StringComparer.Ordinal).Select(static r => $"{r.Kind.Plural}.{r.Kind.Group} has {r.Objects.Count} resource instances")))
                : Condition(space, "NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed"),
            finalizers.Length > 0
                ? Condition(space, "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: " + string.Join(", ", finalizers
                    .Select(static g => $"{g.Key} in {g.Count()} resource instances")))
                : Condition(space, "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished"));
        if (JsonNode.DeepEquals(space.Find("status", "conditions"), conditions)) return;
        var copy = space.Copy();
        copy.Make("status")["conditions"] = conditions;
        Api.Update(KubernetesKinds.Namespace, copy, "status");
    }

    private JsonObject Condition(JsonObject space, string type, bool value, string reason, string message)
    {
        var text = value ? "True" : "False";
        var before = space.Condition(type);
        return new JsonObject
        {
            ["type"] = type, ["status"] = text,
            ["lastTransitionTime"] = before.FindText("status") == text ? before.FindText("lastTransitionTime") ?? Now.Stamp() : Now.Stamp(),
            ["reason"] = reason, ["message"] = message,
        };
    }
}
