using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Puts together what is known of one cluster. Answers from the <see cref="ObjectStore"/> alone: observing costs no request.</summary>
/// <param name="store">The operator's view of the API server.</param>
/// <param name="operatorNamespace">Namespace in which the configuration looks for objects that it names without one.</param>
public sealed class ClusterObserver(ObjectStore store, string operatorNamespace)
{
    /// <summary>What exists of a cluster.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="settings">The operator's settings.</param>
    public ObservedCluster Observe(Postgresql manifest, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        var key = new ClusterKey(manifest.Metadata.Namespace ?? "default", manifest.Metadata.Name ?? "");
        // Asked before anything is read: a list that is complete a moment later has objects that are not in what was read.
        var streams = store.IsComplete(FabricEventStream.Descriptor) ? EventStreamKnowledge.Listed : EventStreamKnowledge.NotListed;
        var objects = new Dictionary<ObjectKey, JsonObject>();
        foreach (var item in store.OfCluster(key.Name))
        {
            if (item.Text("kind") is not { } kind || kind == Postgresql.Descriptor.Kind) continue;
            var space = item.Metadata("namespace") ?? "";
            // A secret may live in the namespace of the application that uses it, as long as no cluster of that name lives there.
            if (space != key.Namespace && (kind != "Secret" || store.Get(Postgresql.Descriptor, space, key.Name) is not null)) continue;
            objects[new ObjectKey(kind, space, item.Metadata("name") ?? "")] = kind == "ConfigMap" && item.Label(History.ClusterHistory.Label) is not null ? WithoutData(item) : item;
        }

        foreach (var reference in ReferencedObjects.OfCluster(manifest, settings, operatorNamespace)) Include(objects, reference.Kind, reference.Namespace, reference.Name);
        foreach (var node in objects.Where(o => o.Key.Kind == "Pod").Select(o => o.Value.Child("spec").Text("nodeName")).OfType<string>().Distinct(StringComparer.Ordinal).ToArray())
            Include(objects, KubernetesKinds.Node, "", node);
        foreach (var volume in objects.Where(o => o.Key.Kind == "PersistentVolumeClaim").Select(o => o.Value.Child("spec").Text("volumeName")).OfType<string>().ToArray())
            Include(objects, KubernetesKinds.PersistentVolume, "", volume);
        foreach (var binding in store.ListIn(KubernetesKinds.RoleBinding, key.Namespace))
            objects[ObjectStore.KeyOf(KubernetesKinds.RoleBinding, binding)] = binding;
        return new ObservedCluster { Objects = objects, Patroni = PatroniRecords.Read(key, objects), PostgresTeams = Teams(), EventStreams = streams };
    }

    // One that cannot be read says nothing; the others count.
    private List<PostgresTeam>? Teams()
    {
        if (!store.IsComplete(PostgresTeam.Descriptor)) return null;
        var teams = new List<PostgresTeam>();
        foreach (var item in store.List(PostgresTeam.Descriptor).OrderBy(t => $"{t.Metadata("namespace")}/{t.Metadata("name")}", StringComparer.Ordinal))
        {
            try
            {
                if (item.Deserialize(PostgresJsonContext.Default.PostgresTeam) is { } team) teams.Add(team);
            }
            catch (JsonException)
            {
                // Its author sees it in the object; here nobody loses a role because of it, as members are only added by what can be read.
            }
        }

        return teams;
    }

    // What happened before decides nothing.
    private static JsonObject WithoutData(JsonObject history) => new()
    {
        ["apiVersion"] = history.Text("apiVersion"), ["kind"] = history.Text("kind"), ["metadata"] = history["metadata"]?.DeepClone(),
    };

    private void Include(Dictionary<ObjectKey, JsonObject> objects, KubernetesKind kind, string namespaceName, string name)
    {
        if (store.Get(kind, namespaceName, name) is { } item) objects[ObjectKey.Of(kind, namespaceName, name)] = item;
    }
}
