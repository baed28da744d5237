using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Feeds the <see cref="ObjectStore"/> with the objects of one kind from a <see cref="ResourceCache{T}"/>.</summary>
internal sealed class ObjectWatch
{
    private readonly KubernetesKind _kind;
    private readonly ObjectStore _store;
    private readonly ResourceCache<JsonObject> _cache;
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ObjectWatch(
        IKubernetesClient client, KubernetesKind kind, string? namespaceName, string? labelSelector, string? fieldSelector,
        ObjectStore store, TimeProvider time, Func<double> random, ILogger logger)
    {
        _kind = kind;
        _store = store;
        _cache = ResourceCache.Create(client, kind, new ResourceCacheOptions<JsonObject>
        {
            Namespace = namespaceName, LabelSelector = labelSelector, FieldSelector = fieldSelector, TimeProvider = time, Random = random, Logger = logger,
            Projection = kind.Equals(KubernetesKinds.Node) ? Slim : kind.Equals(KubernetesKinds.PersistentVolume) ? SlimVolume : null,
        });
    }

    // Nodes are big and many; only whether pods may be placed on them is of interest.
    private static JsonObject Slim(JsonObject node) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = node.Metadata("name"), ["uid"] = node.Metadata("uid"), ["resourceVersion"] = node.Metadata("resourceVersion"),
            ["labels"] = node.Child("metadata").Child("labels")?.DeepClone(),
        },
        ["spec"] = new JsonObject { ["unschedulable"] = node.Child("spec").Flag("unschedulable") },
    };

    // There may be many, most of others; only what a claim is bound to and how big it is are of interest.
    internal static JsonObject SlimVolume(JsonObject volume)
    {
        var metadata = volume.Child("metadata");
        var spec = volume.Child("spec");
        var result = new JsonObject
        {
            ["metadata"] = Part(metadata, "name", "uid", "resourceVersion", "deletionTimestamp", "labels"),
            ["spec"] = Part(spec, "capacity", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk", "nodeAffinity"),
        };
        if (spec.Child("claimRef") is { } claim) result["spec"]!["claimRef"] = Part(claim, "namespace", "name", "uid");
        if (spec.Child("csi") is { } csi) result["spec"]!["csi"] = Part(csi, "driver", "volumeHandle");
        if (metadata.Child("annotations").Text(ProvisionedBy) is { } provisioner) result["metadata"]!["annotations"] = new JsonObject { [ProvisionedBy] = provisioner };
        return result;
    }

    private const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    private static JsonObject Part(JsonObject? value, params ReadOnlySpan<string> fields)
    {
        var result = new JsonObject();
        foreach (var field in fields)
            if (value?[field] is { } content) result[field] = content.DeepClone();
        return result;
    }

    /// <summary>Completes when the store has everything that was there at first.</summary>
    public Task Listed => _listed.Task;

    /// <summary>Why the watch cannot keep up now; null when it does.</summary>
    public string? LastFailure => _cache.LastError is { } error ? $"{_kind.QualifiedName}: {error.Message}" : null;

    /// <summary>Whether the server does not know the kind now.</summary>
    public bool HasNoDefinition => _cache.LastError is { StatusCode: 404 };

    /// <summary>Whether the operator may not see the kind.</summary>
    public bool IsForbidden => _cache.LastError is { StatusCode: 401 or 403 };

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_cache.RunAsync(cancellationToken), FeedAsync(cancellationToken));

    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in _cache.SubscribeAsync(cancellationToken).ConfigureAwait(false))
            {
                switch (change.Type)
                {
                    case CacheEventType.Added or CacheEventType.Modified when change.Object is { } value:
                        _store.Put(_kind, value);
                        break;
                    case CacheEventType.Deleted:
                        _store.Remove(_kind, change.Namespace, change.Name, change.Object?.Metadata("uid"));
                        break;
                    case CacheEventType.InitialListComplete:
                        _listed.TrySetResult();
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wanted end.
        }
    }
}
