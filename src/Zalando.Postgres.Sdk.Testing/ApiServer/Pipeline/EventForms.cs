using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Events are served in two groups with other names for the same fields.</summary>
internal static class EventForms
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    public static JsonObject To(KubernetesKind kind, JsonObject value)
    {
        var toCore = kind.Group.Length == 0;
        var result = new JsonObject();
        foreach (var (key, node) in value)
        {
            var name = key;
            foreach (var (core, events) in Names)
            {
                if (toCore && key == events) name = core;
                else if (!toCore && key == core) name = events;
            }

            result[name] = node?.DeepClone();
        }

        // The newer form leaves out what the older one shows empty.
        foreach (var field in (ReadOnlySpan<string>)["reportingController", "reportingInstance"])
        {
            if (!toCore && result.Text(field) is "") result.Remove(field);
        }

        result["apiVersion"] = kind.ApiVersion;
        result["kind"] = "Event";
        return result;
    }
}
