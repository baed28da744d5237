using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Collection;

/// <summary>Deletes what has lost its owners, keeps owners that wait for their dependents, and frees dependents that are to stay.</summary>
internal sealed class GarbageCollectorController(ControllerContext context) : Controller(context)
{
    private const string OrphanFinalizer = "orphan";
    private const string ForegroundFinalizer = "foregroundDeletion";

    public override string Name => "garbage-collector";

    // Keys of this controller are uids: an object of the same name is another one.
    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        var uid = change.Object.UidOf();
        if (change.Type == "DELETED")
        {
            foreach (var (_, dependent) in State.Dependents(uid)) enqueue(new("", dependent.UidOf()));
            foreach (var owner in Owners(change.Object)) enqueue(new("", owner.FindText("uid") ?? ""));
            return;
        }

        if (change.Object.IsTerminating() || Owners(change.Object).Any()) enqueue(new("", uid));
        if (change.Previous is { } previous)
            foreach (var owner in Owners(previous).Concat(Owners(change.Object))) enqueue(new("", owner.FindText("uid") ?? ""));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.ByUid(key.Name) is not var (kind, value)) return null;
        if (value.IsTerminating())
        {
            if (value.HasFinalizer(OrphanFinalizer)) Orphan(kind, value);
            else if (value.HasFinalizer(ForegroundFinalizer)) DeleteDependents(kind, value);
            return null;
        }

        Collect(kind, value);
        return null;
    }

    private void Orphan(KubernetesKind kind, JsonObject owner)
    {
        foreach (var (dependentKind, dependent) in State.Dependents(owner.UidOf()))
        {
            var copy = dependent.Copy();
            if (copy.RemoveOwner(owner.UidOf())) Api.Update(dependentKind, copy);
        }

        RemoveFinalizer(kind, owner, OrphanFinalizer);
    }

    private void DeleteDependents(KubernetesKind kind, JsonObject owner)
    {
        var uid = owner.UidOf();
        var dependents = State.Dependents(uid);
        foreach (var (dependentKind, dependent) in dependents)
        {
            if (dependent.IsTerminating()) continue;
            // Others own it too: it only loses this owner.
            if (Owners(dependent).Any(r => r.FindText("uid") != uid && IsSolid(r, dependent)))
            {
                var copy = dependent.Copy();
                copy.RemoveOwner(uid);
                Api.Update(dependentKind, copy);
                continue;
            }

            Delete(dependentKind, dependent, State.Dependents(dependent.UidOf()).Count > 0 ? "Foreground" : "Background");
        }

        var blocking = State.Dependents(uid).Any(d => Owners(d.Value).Any(r => r.FindText("uid") == uid && r.FindFlag("blockOwnerDeletion")));
        if (!blocking && State.ByUid(uid) is var (_, now)) RemoveFinalizer(kind, now, ForegroundFinalizer);
    }

    private void Collect(KubernetesKind kind, JsonObject value)
    {
        var owners = Owners(value).ToArray();
        if (owners.Length == 0) return;
        var solid = new List<JsonObject>();
        var waiting = new List<JsonObject>();
        var absent = new List<JsonObject>();
        foreach (var owner in owners)
        {
            if (!IsKnownKind(owner)) return;
            var stored = Stored(owner, value);
            if (stored is null) absent.Add(owner);
            else if (stored.IsTerminating() && stored.HasFinalizer(ForegroundFinalizer)) waiting.Add(owner);
            else solid.Add(owner);
        }

        if (solid.Count > 0)
        {
            if (absent.Count == 0 && waiting.Count == 0) return;
            var copy = value.Copy();
            foreach (var owner in absent.Concat(waiting)) copy.RemoveOwner(owner.FindText("uid") ?? "");
            Api.Update(kind, copy);
            return;
        }

        if (waiting.Count > 0) Delete(kind, value, State.Dependents(value.UidOf()).Count > 0 ? "Foreground" : "Background");
        else Delete(kind, value, "Background");
    }

    private void Delete(KubernetesKind kind, JsonObject value, string policy) =>
        Api.Delete(kind, value.FindText("metadata", "namespace"), value.NameOf(), new JsonObject
        {
            ["propagationPolicy"] = policy, ["preconditions"] = new JsonObject { ["uid"] = value.UidOf() },
        });

    private void RemoveFinalizer(KubernetesKind kind, JsonObject value, string finalizer)
    {
        if (State.ByUid(value.UidOf()) is not var (_, now)) return;
        var copy = now.Copy();
        if (copy.RemoveFinalizer(finalizer)) Api.Update(kind, copy);
    }

    private bool IsSolid(JsonObject reference, JsonObject dependent) => Stored(reference, dependent) is { } owner && !owner.IsTerminating();

    /// <summary>The owner as stored; null when it is gone, is another object of that name, or lives in another namespace.</summary>
    private JsonObject? Stored(JsonObject reference, JsonObject dependent)
    {
        if (State.ByUid(reference.FindText("uid") ?? "") is not var (kind, owner)) return null;
        if (owner.NameOf() != reference.FindText("name") || kind.Kind != reference.FindText("kind")) return null;
        return kind.Namespaced && owner.NamespaceOf() != dependent.NamespaceOf() ? null : owner;
    }

    private bool IsKnownKind(JsonObject reference)
    {
        var version = reference.FindText("apiVersion") ?? "";
        var group = version.Contains('/', StringComparison.Ordinal) ? version[..version.IndexOf('/', StringComparison.Ordinal)] : "";
        var kind = reference.FindText("kind");
        return Api.Kinds.Any(k => k.Group == group && k.Kind == kind);
    }

    private static IEnumerable<JsonObject> Owners(JsonObject value) => value.FindObjects("metadata", "ownerReferences");
}
