using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Networking;

/// <summary>Brings the slices of one manager to what they should be. One slice for each set of ports: enough for the sizes of a test.</summary>
internal static class EndpointSlices
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";

    /// <summary>One slice as it should be.</summary>
    public sealed record Desired(JsonArray Endpoints, JsonArray Ports, string AddressType = "IPv4");

    public static IReadOnlyList<JsonObject> Existing(ObservedState state, ObjectKey service, string manager) =>
        state.List(KubernetesKinds.EndpointSlice, service.Namespace)
            .Where(s => s.FindText("metadata", "labels", ServiceLabel) == service.Name && s.FindText("metadata", "labels", ManagerLabel) == manager && !s.IsTerminating())
            .ToArray();

    public static void Apply(
        IApiAccess api, IReadOnlyList<JsonObject> existing, IReadOnlyList<Desired> desired, JsonObject owner, KubernetesKind ownerKind, JsonObject labels, Func<JsonObject, JsonObject?> annotations)
    {
        var left = existing.ToList();
        var open = new List<Desired>();
        foreach (var slice in desired)
        {
            var fitting = left.FirstOrDefault(s => JsonNode.DeepEquals(s["ports"] ?? new JsonArray(), slice.Ports.Count == 0 ? s["ports"] ?? new JsonArray() : slice.Ports));
            if (fitting is null) open.Add(slice);
            else left.Remove(fitting);
            if (fitting is not null) Change(api, fitting, slice, labels, annotations);
        }

        foreach (var slice in open)
        {
            if (left.Count > 0)
            {
                Change(api, left[0], slice, labels, annotations);
                left.RemoveAt(0);
                continue;
            }

            var created = new JsonObject
            {
                ["apiVersion"] = "discovery.k8s.io/v1", ["kind"] = "EndpointSlice",
                ["metadata"] = new JsonObject
                {
                    ["generateName"] = owner.NameOf() + "-", ["namespace"] = owner.NamespaceOf(), ["labels"] = labels.DeepClone(),
                    ["ownerReferences"] = new JsonArray(owner.OwnerReference(ownerKind)),
                },
                ["addressType"] = slice.AddressType, ["endpoints"] = slice.Endpoints.DeepClone(), ["ports"] = slice.Ports.DeepClone(),
            };
            if (annotations(created) is { Count: > 0 } marks) created.Make("metadata")["annotations"] = marks;
            api.Create(KubernetesKinds.EndpointSlice, created);
        }

        foreach (var slice in left) api.Delete(KubernetesKinds.EndpointSlice, slice.NamespaceOf(), slice.NameOf());
    }

    private static void Change(IApiAccess api, JsonObject slice, Desired desired, JsonObject labels, Func<JsonObject, JsonObject?> annotations)
    {
        if (Same(slice["endpoints"], desired.Endpoints) && Same(slice["ports"], desired.Ports) && JsonNode.DeepEquals(slice.LabelsOf(), labels)) return;
        var copy = slice.Copy();
        copy["endpoints"] = desired.Endpoints.DeepClone();
        copy["ports"] = desired.Ports.DeepClone();
        copy.Make("metadata")["labels"] = labels.DeepClone();
        if (annotations(copy) is { Count: > 0 } marks) copy.Make("metadata")["annotations"] = marks;
        else copy.Make("metadata").Remove("annotations");
        api.Update(KubernetesKinds.EndpointSlice, copy);
    }

    private static bool Same(JsonNode? stored, JsonArray desired) => JsonNode.DeepEquals(stored ?? new JsonArray(), desired);
}
