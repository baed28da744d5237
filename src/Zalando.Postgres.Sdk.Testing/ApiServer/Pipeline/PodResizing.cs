using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>What a write to <c>pods/resize</c> makes of a pod: the stored one with the amounts of the written one. Everything else that was written is dropped.</summary>
internal static class PodResizing
{
    public static JsonObject Of(JsonObject old, JsonObject value)
    {
        var result = old.CopyObject();
        var wanted = (value.Object("spec").Array("containers") ?? []).OfType<JsonObject>().ToDictionary(static c => c.Text("name") ?? "", StringComparer.Ordinal);
        foreach (var container in (result.Object("spec").Array("containers") ?? []).OfType<JsonObject>())
            if (wanted.TryGetValue(container.Text("name") ?? "", out var written)) container.Put("resources", written["resources"]?.DeepClone() ?? new JsonObject());
        return result;
    }
}
