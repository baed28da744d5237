using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Small kinds.</summary>
internal static class OtherValidation
{
    private const long HighestUserPriority = 1_000_000_000;

    public static void Lease(JsonObject lease, FaultList faults)
    {
        var spec = lease.Object("spec");
        if (spec.Whole("leaseDurationSeconds") is <= 0) faults.Invalid("spec.leaseDurationSeconds", spec!["leaseDurationSeconds"], "must be greater than 0");
        if (spec.Whole("leaseTransitions") is < 0) faults.Invalid("spec.leaseTransitions", spec!["leaseTransitions"], "must be greater than or equal to 0");
    }

    public static void StorageClass(JsonObject value, JsonObject? old, FaultList faults)
    {
        if (value.Text("provisioner") is null or "") faults.Required("provisioner");
        if (value.Text("reclaimPolicy") is not ("Delete" or "Retain")) faults.NotSupported("reclaimPolicy", value.Text("reclaimPolicy") ?? "", "Delete", "Retain");
        if (value.Text("volumeBindingMode") is not ("Immediate" or "WaitForFirstConsumer")) faults.NotSupported("volumeBindingMode", value.Text("volumeBindingMode") ?? "", "Immediate", "WaitForFirstConsumer");
        if (old is null) return;
        if (!JsonNode.DeepEquals(value["parameters"], old["parameters"])) faults.Forbidden("parameters", "updates to parameters are forbidden.");
        foreach (var field in (ReadOnlySpan<string>)["provisioner", "reclaimPolicy", "volumeBindingMode"])
            if (!JsonNode.DeepEquals(value[field], old[field])) faults.Invalid(field, value[field], "field is immutable");
    }

    public static void PriorityClass(JsonObject value, JsonObject? old, FaultList faults)
    {
        if (value.Whole("value") is > HighestUserPriority && !value.Name().StartsWith("system-", StringComparison.Ordinal))
            faults.Forbidden("value", string.Create(CultureInfo.InvariantCulture, $"maximum allowed value of a user defined priority is {HighestUserPriority}"));
        if (old is not null && value.Whole("value") != old.Whole("value")) faults.Forbidden("value", "may not be changed in an update.");
    }

    public static void EndpointSlice(JsonObject slice, JsonObject? old, FaultList faults)
    {
        var type = slice.Text("addressType") ?? "";
        if (type.Length == 0) faults.Required("addressType");
        else if (type is not ("IPv4" or "IPv6" or "FQDN")) faults.NotSupported("addressType", type, "FQDN", "IPv4", "IPv6");
        if (old is not null && type != old.Text("addressType")) faults.Invalid("addressType", type, "field is immutable");
        if (type is not ("IPv4" or "IPv6")) return;
        var endpoints = slice.Array("endpoints") ?? [];
        for (var i = 0; i < endpoints.Count; i++)
        {
            var addresses = (endpoints[i] as JsonObject).Array("addresses") ?? [];
            if (addresses.Count == 0) faults.Required(string.Create(CultureInfo.InvariantCulture, $"endpoints[{i}].addresses"), "must contain at least 1 address");
            for (var j = 0; j < addresses.Count; j++)
                if (!IPAddress.TryParse(addresses[j].Text(), out _))
                    faults.Invalid(string.Create(CultureInfo.InvariantCulture, $"endpoints[{i}].addresses[{j}]"), addresses[j], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }

    public static void CoreEvent(JsonObject value, FaultList faults)
    {
        var involved = value.Object("involvedObject").Text("namespace") ?? "";
        var own = value.Namespace() ?? "";
        if (involved.Length > 0 ? involved != own : own is not ("default" or "kube-system" or "")) faults.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
    }

    public static void NewEvent(JsonObject value, JsonObject? old, FaultList faults)
    {
        var regarding = value.Object("regarding").Text("namespace") ?? "";
        if (regarding.Length > 0 && regarding != value.Namespace()) faults.Invalid("involvedObject.namespace", regarding, "does not match event.namespace");
        if (old is not null) return;
        if (value.Text("eventTime") is null or "")
        {
            faults.Required("eventTime");
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["reportingController", "reportingInstance", "action", "reason"])
            if (value.Text(field) is null or "") faults.Required(field);
        if (value.Text("type") is not ("Normal" or "Warning")) faults.Invalid("type", value.Text("type") ?? "", "has invalid value");
    }
}
