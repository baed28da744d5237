using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Accepts custom resource definitions: sets their conditions, serves their kinds, and removes their objects when they go.</summary>
internal sealed class CustomKindPublisher
{
    private readonly ObjectPipeline _pipeline;

    private CustomKindPublisher(ObjectPipeline pipeline) => _pipeline = pipeline;

    public static void Attach(ObjectPipeline pipeline) => pipeline.Store.Observe(new CustomKindPublisher(pipeline).OnChange);

    private void OnChange(HistoryEntry entry)
    {
        if (entry.Resource != KubernetesKinds.CustomResourceDefinition.QualifiedName) return;
        var definition = entry.Current.Value;
        if (entry.Type == "DELETED")
        {
            _pipeline.Kinds.RemoveCustom(definition.Name());
            return;
        }

        _pipeline.Kinds.SetCustom(definition);
        if (IsEstablished(definition)) return;
        var value = definition.CopyObject();
        var names = value.Object("spec").Object("names");
        value["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted")),
            ["acceptedNames"] = names?.DeepClone(),
            ["storedVersions"] = new JsonArray([.. (value.Object("spec").Array("versions") ?? []).OfType<JsonObject>().Where(static v => v.Flag("storage") == true).Select(static v => v["name"]?.DeepClone())]),
        };
        _pipeline.Update(_pipeline.Kinds.Require(KubernetesKinds.CustomResourceDefinition), null, value.Name(), "status", _ => value, WriteContext.Internal, needsVersion: false);
    }

    private static bool IsEstablished(JsonObject definition) =>
        (definition.Object("status").Array("conditions") ?? []).OfType<JsonObject>().Any(static c => c.Text("type") == "Established" && c.Text("status") == "True");

    private JsonObject Condition(string type, string reason, string message) => new()
    {
        ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = _pipeline.Now, ["reason"] = reason, ["message"] = message,
    };
}
