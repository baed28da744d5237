using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>Makes sure that a cluster is really gone before anything of it is deleted, and keeps the <see cref="DeletionRecord"/>s.</summary>
internal sealed class DeletionRecords(IKubernetesClient client, ObjectStore store, string controllerId, TimeSpan callTimeout, TimeProvider time)
{
    private static readonly WriteOptions Write = new() { FieldManager = KubernetesChangeExecutor.FieldManager };

    /// <summary>The stored record of a cluster; null when its deletion has not begun.</summary>
    public JsonObject? Find(ClusterKey cluster) =>
        store.Get(KubernetesKinds.Secret, cluster.Namespace, DeletionRecord.NameOf(cluster)) is { } secret && DeletionRecord.IsRecord(secret)
            && secret.Metadata("deletionTimestamp") is null ? secret : null;

    /// <summary>All stored records.</summary>
    public IReadOnlyList<JsonObject> All() => [.. store.List(KubernetesKinds.Secret).Where(s => DeletionRecord.IsRecord(s) && s.Metadata("deletionTimestamp") is null)];

    /// <summary>Asks the API server afresh whether a cluster is gone. A watch may have missed something, a cache may be behind: what is deleted by mistake
    /// does not come back.</summary>
    /// <exception cref="KubernetesApiException">The server did not answer, or showed something unreadable: nothing is known then.</exception>
    public async Task<Departure> ConfirmAsync(ClusterKey cluster, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(callTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        if (!await IsDefinedAsync(both.Token).ConfigureAwait(false)) return Departure.WithDefinition;
        KubernetesList<JsonObject> list;
        try
        {
            // A list and not a get: a server without the kind answers a get as if only the object were missing.
            list = await client.ListAsync(
                Postgresql.Descriptor, cluster.Namespace, new ListOptions { FieldSelector = "metadata.name=" + cluster.Name }, both.Token).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return Departure.WithDefinition;
        }

        if (list.Unreadable.Count > 0) throw list.Unreadable[0].Error;
        var present = list.Items.FirstOrDefault(i => i.Metadata("name") == cluster.Name);
        if (present is null) return Departure.Gone;
        store.Put(Postgresql.Descriptor, present);
        return Departure.None;
    }

    // Who deletes the definition deletes all manifests with it, and hardly means the databases of a whole fleet.
    private async Task<bool> IsDefinedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var definition = await client.GetAsync(
                KubernetesKinds.CustomResourceDefinition, null, $"{Postgresql.Descriptor.Plural}.{Postgresql.Descriptor.Group}", cancellationToken).ConfigureAwait(false);
            return definition is not null && definition.Metadata("deletionTimestamp") is null;
        }
        catch (KubernetesApiException e) when (e.StatusCode == 403)
        {
            // An operator with rights in namespaces only cannot know.
            return true;
        }
    }

    /// <summary>Stores that a deletion has begun.</summary>
    /// <exception cref="InvalidOperationException">Something else has the name of the record.</exception>
    public async Task BeginAsync(ClusterKey cluster, Postgresql manifest, OperatorSettings settings, CancellationToken cancellationToken)
    {
        if (Find(cluster) is not null) return;
        using var deadline = new CancellationTokenSource(callTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var secret = new DeletionRecord(manifest, controllerId).ToSecret(cluster, settings);
            store.Put(KubernetesKinds.Secret, await client.CreateAsync(KubernetesKinds.Secret, secret, null, Write, both.Token).ConfigureAwait(false));
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // Made by a try whose answer was lost, or it is somebody else's.
            var name = DeletionRecord.NameOf(cluster);
            var present = await client.GetAsync(KubernetesKinds.Secret, cluster.Namespace, name, both.Token).ConfigureAwait(false);
            if (present is not null)
            {
                var isOurs = DeletionRecord.IsRecord(present) && DeletionRecord.TryRead(present, out var record, out _) && record.ControllerId == controllerId;
                if (!isOurs) throw new InvalidOperationException($"The Secret {cluster.Namespace}/{name} is not a note of this operator, so the deletion cannot begin: remove it.", e);
                store.Put(KubernetesKinds.Secret, present);
            }
        }
    }

    /// <summary>Removes the record of a cluster, if there is one that is this operator's.</summary>
    public async Task EndAsync(ClusterKey cluster, CancellationToken cancellationToken)
    {
        if (Find(cluster) is not { } secret || !DeletionRecord.TryRead(secret, out var record, out _) || record.ControllerId != controllerId) return;
        using var deadline = new CancellationTokenSource(callTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var name = DeletionRecord.NameOf(cluster);
        var options = new DeleteOptions { Preconditions = secret.Metadata("uid") is { } uid ? new Preconditions { Uid = uid } : null };
        await client.DeleteAsync(KubernetesKinds.Secret, cluster.Namespace, name, options, both.Token).ConfigureAwait(false);
        store.Remove(KubernetesKinds.Secret, cluster.Namespace, name, secret.Metadata("uid"));
    }
}
