using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Defaults of custom resource definitions, and the state a new one starts in.</summary>
internal static class CustomDefinitions
{
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

    public static void Complete(JsonObject definition)
    {
        var spec = definition.Ensure("spec");
        var names = spec.Ensure("names");
        if (names.Text("singular") is null or "" && names.Text("kind") is { Length: > 0 } kind) names["singular"] = kind.ToLowerInvariant();
        if (names.Text("listKind") is null or "" && names.Text("kind") is { Length: > 0 } listed) names["listKind"] = listed + "List";
        if (!spec.ContainsKey("conversion")) spec["conversion"] = new JsonObject { ["strategy"] = "None" };
    }
}
