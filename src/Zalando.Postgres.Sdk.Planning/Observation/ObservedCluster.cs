using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What is known of a cluster when planning starts. Planning reads it and never changes it.</summary>
public sealed record ObservedCluster
{
    private static readonly IReadOnlyDictionary<ObjectKey, JsonObject> NoObjects = new Dictionary<ObjectKey, JsonObject>();

    /// <summary>Nothing exists, neither Patroni nor the databases were observed.</summary>
    public static ObservedCluster Empty { get; } = new();

    /// <summary>The Kubernetes objects as the API server stores them: those that carry the cluster's labels (pods and claims among them), the
    /// shared ServiceAccount and RoleBinding, and the Secrets and ConfigMaps that manifest and configuration refer to.</summary>
    /// <remarks>An object that is not here does not exist.</remarks>
    public IReadOnlyDictionary<ObjectKey, JsonObject> Objects { get; init; } = NoObjects;

    /// <summary>What Patroni says; null when it was not observed (then nothing is planned that needs to know it).</summary>
    public ObservedPatroni? Patroni { get; init; }

    /// <summary>The catalogue of the primary; null when it was not observed (then nothing is planned inside PostgreSQL).</summary>
    public ObservedServer? Databases { get; init; }

    /// <summary>The PostgresTeam objects of the watched namespaces; null when they were not observed (then nobody counts as a former member).</summary>
    public IReadOnlyList<PostgresTeam>? PostgresTeams { get; init; }

    /// <summary>Whether the API server takes other amounts of cpu and memory for running pods (subresource <c>pods/resize</c>).</summary>
    /// <value>Default: false, also when it is not known.</value>
    public bool OffersPodResize { get; init; }

    /// <summary>What is known of PersistentVolumes. It matters with <c>storage_resize_mode</c> <c>ebs</c> or <c>mixed</c> only.</summary>
    /// <value>Default: <see cref="VolumeKnowledge.NotObserved"/>.</value>
    public VolumeKnowledge VolumeKnowledge { get; init; }

    /// <summary>What storage providers say of volumes, by name of the PersistentVolume: of those that <see cref="ClusterPlanner.Volumes"/> names.</summary>
    public IReadOnlyDictionary<string, ObservedVolume> Volumes { get; init; } = new Dictionary<string, ObservedVolume>(StringComparer.Ordinal);

    /// <summary>What is known of FabricEventStream objects.</summary>
    /// <value>Default: <see cref="EventStreamKnowledge.Listed"/>.</value>
    public EventStreamKnowledge EventStreams { get; init; }

    /// <summary>Tables of the publications of event streams, as <c>schema.table</c> by the name of the publication, which is also that of the slot; null when they were not looked at.
    /// Not needed where <see cref="Databases"/> is known.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? StreamTables { get; init; }

    /// <summary>One object, or null when it does not exist.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public JsonObject? Find(KubernetesKind kind, string namespaceName, string name) => Objects.GetValueOrDefault(ObjectKey.Of(kind, namespaceName, name));

    /// <summary>The objects of a kind in a namespace, ordered by name.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="namespaceName">The namespace.</param>
    public IReadOnlyList<JsonObject> List(KubernetesKind kind, string namespaceName)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return Objects.Where(o => o.Key.Kind == kind.Kind && o.Key.Namespace == namespaceName)
            .OrderBy(o => o.Key.Name, StringComparer.Ordinal).Select(o => o.Value).ToArray();
    }

    /// <summary>Makes an observation from objects: each has <c>kind</c> and <c>metadata</c>.</summary>
    /// <param name="objects">The objects; of several with one key the last counts.</param>
    /// <exception cref="ArgumentException">An object has no kind or no name.</exception>
    public static ObservedCluster FromObjects(IEnumerable<JsonObject> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        var byKey = new Dictionary<ObjectKey, JsonObject>();
        foreach (var item in objects)
        {
            if (item["kind"] is not JsonValue kindValue || !kindValue.TryGetValue(out string? kind)
                || item["metadata"] is not JsonObject metadata || metadata["name"] is not JsonValue nameValue || !nameValue.TryGetValue(out string? name))
                throw new ArgumentException("An object needs kind and metadata.name.", nameof(objects));
            var inNamespace = metadata["namespace"] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
            byKey[new ObjectKey(kind, inNamespace, name)] = item;
        }

        return new() { Objects = byKey };
    }
}
