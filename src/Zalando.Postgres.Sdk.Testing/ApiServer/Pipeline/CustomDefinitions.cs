using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Defaults of custom resource definitions, and the state a new one starts in.</summary>
internal static class CustomDefinitions
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public static void OnCreate(JsonObject definition)
    {
        Complete(definition);
        definition["status"] = new JsonObject
        {
            ["conditions"] = null,
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = new JsonArray([.. (definition.Object("spec").Array("versions") ?? []).OfType<JsonObject>().Where(static v => v.Flag("storage") == true).Select(static v => v["name"]?.DeepClone())]),
        };
    }

    /// <summary>A definition stays until its objects are gone.</summary>
    public static void StartDeletion(JsonObject definition, string now)
    {
        var status = definition.Ensure("status");
        if (!(status.Array("conditions") ?? []).OfType<JsonObject>().Any(static c => c.Text("type") == "Established" && c.Text("status") == "True")) return;
        var metadata = definition.Metadata();
        if (metadata["finalizers"] is not JsonArray finalizers) metadata["finalizers"] = finalizers = [];
        if (!finalizers.Texts().Contains(CleanupFinalizer)) finalizers.AddNode(CleanupFinalizer);
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        conditions.AddNode(new JsonObject
        {
            ["type"] = "Terminating", ["status"] = "True", ["lastTransitionTime"] = now, ["reason"] = "InstanceDeletionPending",
            ["message"] = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        });
    }

    public static void Complete(JsonObject definition)
    {
        var spec = definition.Ensure("spec");
        var names = spec.Ensure("names");
        if (names.Text("singular") is null or "" && names.Text("kind") is { Length: > 0 } kind) names["singular"] = kind.ToLowerInvariant();
        if (names.Text("listKind") is null or "" && names.Text("kind") is { Length: > 0 } listed) names["listKind"] = listed + "List";
        if (!spec.ContainsKey("conversion")) spec["conversion"] = new JsonObject { ["strategy"] = "None" };
    }
}
