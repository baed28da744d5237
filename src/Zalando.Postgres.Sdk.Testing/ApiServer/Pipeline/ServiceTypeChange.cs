using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>When a service changes its type, what only the old type had goes, as far as the client has not changed it in the same request.</summary>
internal static class ServiceTypeChange
{
    public static void Apply(JsonObject old, JsonObject value)
    {
        var before = old.Object("spec");
        var after = value.Object("spec");
        if (before is null || after is null) return;
        var from = before.Text("type") ?? "ClusterIP";
        var to = after.Text("type") ?? "ClusterIP";
        if (to != "LoadBalancer" && value.Object("status").Object("loadBalancer") is { Count: > 0 }) value.Ensure("status")["loadBalancer"] = new JsonObject();
        if (from == to) return;
        if (HasAddress(from) && !HasAddress(to)) Drop(before, after, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy");
        if (HasPorts(from) && !HasPorts(to))
        {
            if (Ports(before).SequenceEqual(Ports(after)))
            {
                foreach (var port in (after.Array("ports") ?? []).OfType<JsonObject>()) port.Remove("nodePort");
            }

            Drop(before, after, "healthCheckNodePort");
            if (after.Array("externalIPs") is not { Count: > 0 }) Drop(before, after, "externalTrafficPolicy");
        }

        if (from == "LoadBalancer") Drop(before, after, "allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort");
    }

    private static bool HasAddress(string type) => type != "ExternalName";

    private static bool HasPorts(string type) => type is "NodePort" or "LoadBalancer";

    private static IEnumerable<long> Ports(JsonObject spec) => (spec.Array("ports") ?? []).OfType<JsonObject>().Select(static p => p.Whole("nodePort") ?? 0);

    private static void Drop(JsonObject before, JsonObject after, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (JsonNode.DeepEquals(before[field], after[field])) after.Remove(field);
        }
    }
}
