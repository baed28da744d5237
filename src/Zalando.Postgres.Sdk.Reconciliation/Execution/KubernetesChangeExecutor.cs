using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>Makes the changes of Kubernetes objects. Every answer goes into the store, so that the next plan knows it before the watch tells it.</summary>
/// <param name="client">The API server.</param>
/// <param name="store">The operator's view of it.</param>
/// <param name="time">The clock.</param>
public sealed class KubernetesChangeExecutor(IKubernetesClient client, ObjectStore store, TimeProvider time) : IChangeExecutor
{
    /// <summary>Name under which the server notes which fields are the operator's.</summary>
    public const string FieldManager = "postgres-operator";

    private const int LongestNote = 300;
    private static readonly WriteOptions Write = new() { FieldManager = FieldManager };
    private static readonly TimeSpan WhileTerminating = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WhileUndefined = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public bool Handles(PlannedChange change) => change is CreateObject or PatchObject or ReplaceObject or DeleteObject or RecreatePod or ResizePod;

    /// <inheritdoc />
    public async Task<ChangeResult> ExecuteAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change switch
        {
            CreateObject create => await CreateAsync(create, create.Kind, create.Body, cancellationToken).ConfigureAwait(false),
            PatchObject patch => await PatchAsync(patch, cancellationToken).ConfigureAwait(false),
            ReplaceObject replace => await ReplaceAsync(replace, cancellationToken).ConfigureAwait(false),
            DeleteObject delete => await DeleteAsync(delete, delete.Kind, delete.Uid, delete.Propagation, cancellationToken).ConfigureAwait(false),
            RecreatePod pod => await DeleteAsync(pod, KubernetesKinds.Pod, pod.Uid, DeletionPropagation.Background, cancellationToken).ConfigureAwait(false),
            ResizePod resize => await ResizeAsync(resize, cancellationToken).ConfigureAwait(false),
            _ => throw new ArgumentException($"A {change.GetType().Name} is no change of a Kubernetes object.", nameof(change)),
        };
    }

    private async Task<ChangeResult> CreateAsync(PlannedChange change, KubernetesKind kind, JsonObject body, CancellationToken cancellationToken)
    {
        try
        {
            store.Put(kind, await client.CreateAsync(kind, (JsonObject)body.DeepClone(), null, Write, cancellationToken).ConfigureAwait(false));
            return new ChangeResult(change, ChangeOutcome.Done);
        }
        catch (KubernetesApiException e) when (e.IsNotFound && kind.Equals(FabricEventStream.Descriptor))
        {
            // Its definition has just been taken away. The watch sees that, too, and then the change waits for it.
            return new ChangeResult(change, ChangeOutcome.InProgress, $"The kind {kind.QualifiedName} is not defined any more.") { LookAgainAfter = WhileUndefined };
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            if (kind.Equals(KubernetesKinds.Secret) && await BelongsToOthersAsync(body, cancellationToken).ConfigureAwait(false))
            {
                return new ChangeResult(
                    change, ChangeOutcome.Failed,
                    $"{change.Target} exists and belongs to somebody else: it has no label {store.ClusterLabel}={Label(body)}. Delete it, or hand it over with the label; "
                    + $"with the annotation {Planning.Roles.RoleSecret.ForeignAnnotation}=true it stays yours and the role gets its password.");
            }

            // It exists: made by an earlier try whose answer was lost, or by somebody else without the labels that the watches select. Reading it once makes
            // it known to the next plan, which takes it over. What is another cluster's stays with it.
            if (Label(body) is { } own && await client.GetAsync(kind, SpaceOf(change, kind), change.Target.Name, cancellationToken).ConfigureAwait(false) is { } present)
            {
                if (present.Label(store.ClusterLabel) is { } other && other != own)
                    return new ChangeResult(change, ChangeOutcome.Failed, $"{change.Target} exists and belongs to the cluster {other}: its label {store.ClusterLabel} says so. Rename one of the clusters, or delete the object if it is left over.");
                if (present.Label(store.ClusterLabel) is null)
                {
                    store.Claim(kind, present, own);
                    return new ChangeResult(change, ChangeOutcome.Stale);
                }
            }

            return await RefreshAsync(change, kind, cancellationToken).ConfigureAwait(false);
        }
    }

    // A password that somebody else put there is never taken over silently.
    private async Task<bool> BelongsToOthersAsync(JsonObject body, CancellationToken cancellationToken) =>
        await client.GetAsync(KubernetesKinds.Secret, body.Metadata("namespace"), body.Metadata("name") ?? "", cancellationToken).ConfigureAwait(false) is { } present
        && present.Label(store.ClusterLabel) != Label(body);

    private string? Label(JsonObject body) => body.Label(store.ClusterLabel);

    private async Task<ChangeResult> PatchAsync(PatchObject change, CancellationToken cancellationToken)
    {
        var body = (JsonObject)change.Patch.DeepClone();
        if (change.Uid is not null || change.ResourceVersion is not null)
        {
            if (body["metadata"] is not JsonObject metadata) body["metadata"] = metadata = [];
            if (change.Uid is { } uid) metadata["uid"] = uid;
            if (change.ResourceVersion is { } version) metadata["resourceVersion"] = version;
        }

        try
        {
            var answer = await client.PatchAsync(
                change.Kind, SpaceOf(change, change.Kind), change.Target.Name, Patch.Merge(body), change.Subresource, Write, cancellationToken).ConfigureAwait(false);
            Take(change.Kind, answer);
            return new ChangeResult(change, ChangeOutcome.Done);
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return await RefreshAsync(change, change.Kind, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ChangeResult> ReplaceAsync(ReplaceObject change, CancellationToken cancellationToken)
    {
        var deleted = await DeleteAsync(change, change.Kind, change.Uid, change.Propagation, cancellationToken).ConfigureAwait(false);
        if (deleted.Outcome != ChangeOutcome.Done) return deleted;
        try
        {
            store.Put(change.Kind, await client.CreateAsync(change.Kind, (JsonObject)change.Body.DeepClone(), null, Write, cancellationToken).ConfigureAwait(false));
            return new ChangeResult(change, ChangeOutcome.Done);
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            // The old one still goes (the collector removes its owner from the pods first); when it is gone the next plan creates the new one.
            return new ChangeResult(change, ChangeOutcome.InProgress, $"{change.Target} is being deleted; then it is created again.") { LookAgainAfter = WhileTerminating };
        }
    }

    private async Task<ChangeResult> DeleteAsync(PlannedChange change, KubernetesKind kind, string? uid, DeletionPropagation propagation, CancellationToken cancellationToken)
    {
        var space = SpaceOf(change, kind);
        // What the watches tell while the call is under way may be about a successor of the same name.
        var known = uid ?? store.Get(kind, space, change.Target.Name)?.Metadata("uid");
        var options = new DeleteOptions
        {
            PropagationPolicy = propagation.ToString(),
            Preconditions = uid is null ? null : new Preconditions { Uid = uid },
        };
        try
        {
            var existed = await client.DeleteAsync(kind, space, change.Target.Name, options, cancellationToken).ConfigureAwait(false);
            if (known is not null && existed) store.MarkDeleted(kind, space, change.Target.Name, known, time.GetUtcNow());
            else if (known is not null) store.Remove(kind, space, change.Target.Name, known);
            return new ChangeResult(change, ChangeOutcome.Done);
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return await RefreshAsync(change, kind, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ChangeResult> ResizeAsync(ResizePod change, CancellationToken cancellationToken)
    {
        var containers = new JsonArray();
        foreach (var (name, amounts) in change.Resources) containers.Add((JsonNode)new JsonObject { ["name"] = name, ["resources"] = amounts.DeepClone() });
        try
        {
            var answer = await client.PatchAsync(
                KubernetesKinds.Pod, change.Target.Namespace, change.Target.Name, Patch.StrategicMerge(new JsonObject { ["spec"] = new JsonObject { ["containers"] = containers } }), "resize", Write, cancellationToken).ConfigureAwait(false);
            Take(KubernetesKinds.Pod, answer);
            return new ChangeResult(change, ChangeOutcome.Done);
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return await RefreshAsync(change, KubernetesKinds.Pod, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (!e.IsTransient)
        {
            // Gone, or really refused? In the second case the pod has to know: the next plan makes it again, whoever plans it.
            var pod = await client.GetAsync(KubernetesKinds.Pod, change.Target.Namespace, change.Target.Name, cancellationToken).ConfigureAwait(false);
            if (pod is null || pod.Metadata("uid") != change.Uid) return await RefreshAsync(change, KubernetesKinds.Pod, cancellationToken).ConfigureAwait(false);
            var note = new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = change.Uid, ["annotations"] = new JsonObject { [PodNotes.ResizeInPlace] = PodNotes.ResizeRefused + Short(e.Message) } },
            };
            Take(KubernetesKinds.Pod, await client.PatchAsync(KubernetesKinds.Pod, change.Target.Namespace, change.Target.Name, Patch.Merge(note), null, Write, cancellationToken).ConfigureAwait(false));
            return new ChangeResult(change, ChangeOutcome.Stale);
        }
    }

    private static string Short(string text) => text.Length <= LongestNote ? text : text[..LongestNote] + "...";

    private async Task<ChangeResult> RefreshAsync(PlannedChange change, KubernetesKind kind, CancellationToken cancellationToken)
    {
        var space = SpaceOf(change, kind);
        var known = store.Get(kind, space, change.Target.Name)?.Metadata("uid");
        if (await client.GetAsync(kind, space, change.Target.Name, cancellationToken).ConfigureAwait(false) is { } present) Take(kind, present);
        else if (known is not null) store.Remove(kind, space, change.Target.Name, known);
        return new ChangeResult(change, ChangeOutcome.Stale);
    }

    // An answer that shows no finalizers any more may already be the last sight of a deleted object.
    private void Take(KubernetesKind kind, JsonObject answer)
    {
        if (answer.Metadata("deletionTimestamp") is not null && answer.Child("metadata").Items("finalizers") is not { Count: > 0 } && kind.Kind != "Pod")
            store.Remove(kind, answer.Metadata("namespace"), answer.Metadata("name") ?? "", answer.Metadata("uid"));
        else
            store.Put(kind, answer);
    }

    private static string? SpaceOf(PlannedChange change, KubernetesKind kind) => kind.Namespaced ? change.Target.Namespace : null;
}
