using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Services.</summary>
internal static partial class ServiceValidation
{
    private const string AddressRule = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    public static void Validate(JsonObject service, JsonObject? old, FaultList faults)
    {
        var spec = service.Object("spec") ?? [];
        var type = spec.Text("type") ?? "";
        var headless = spec.Text("clusterIP") == "None";
        var before = old.Object("spec");
        if (before is not null && before.Text("type") != "ExternalName" && type != "ExternalName" && before.Text("clusterIP") is { Length: > 0 } address
            && spec.Text("clusterIP") is { Length: > 0 } wanted && wanted != address)
            faults.Invalid("spec.clusterIPs[0]", new JsonArray((JsonNode)wanted), "may not change once set");
        if (spec.Array("ports") is not { Count: > 0 } && !headless && type != "ExternalName") faults.Required("spec.ports");
        if (type == "ExternalName")
        {
            var name = spec.Text("externalName") ?? "";
            if (name.Length == 0) faults.Required("spec.externalName");
            else if (NameValidation.SubdomainFault(name.TrimEnd('.')) is { } fault) faults.Invalid("spec.externalName", name, fault);
        }

        Ports(spec, type, faults);
        NameValidation.Labels(spec.Object("selector"), "spec.selector", faults);
        if (spec.Text("sessionAffinity") is not ("None" or "ClientIP")) faults.NotSupported("spec.sessionAffinity", spec.Text("sessionAffinity") ?? "", "ClientIP", "None");
        if (spec.Text("clusterIP") is { Length: > 0 } own and not "None" && !IPAddress.TryParse(own, out _)) faults.Invalid("spec.clusterIPs[0]", own, AddressRule);
        if (type is not ("ClusterIP" or "ExternalName" or "LoadBalancer" or "NodePort")) faults.NotSupported("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        var ranges = spec.Array("loadBalancerSourceRanges");
        if (ranges is { Count: > 0 })
        {
            if (type != "LoadBalancer") faults.Forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'");
            else
            {
                for (var i = 0; i < ranges.Count; i++)
                    if (!IPNetwork.TryParse(ranges[i].Text()?.Trim(), out _))
                        faults.Invalid(string.Create(CultureInfo.InvariantCulture, $"spec.LoadBalancerSourceRanges[{i}]"), ranges[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }

        var accessible = type is "NodePort" or "LoadBalancer" || spec.Array("externalIPs") is { Count: > 0 };
        if (spec.Text("externalTrafficPolicy") is { Length: > 0 } policy)
        {
            if (!accessible) faults.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
            else if (policy is not ("Cluster" or "Local")) faults.NotSupported("spec.externalTrafficPolicy", policy, "Cluster", "Local");
        }

        if (spec.Text("internalTrafficPolicy") is { } inner and not ("Cluster" or "Local")) faults.NotSupported("spec.internalTrafficPolicy", inner, "Cluster", "Local");
    }

    private static void Ports(JsonObject spec, string type, FaultList faults)
    {
        var ports = (spec.Array("ports") ?? []).OfType<JsonObject>().ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Length; i++)
        {
            var port = ports[i];
            var at = string.Create(CultureInfo.InvariantCulture, $"spec.ports[{i}]");
            var name = port.Text("name") ?? "";
            if (name.Length == 0)
            {
                if (ports.Length > 1) faults.Required(at + ".name");
            }
            else if (NameValidation.LabelFault(name) is { } fault) faults.Invalid(at + ".name", name, fault);
            else if (!names.Add(name)) faults.Duplicate(at + ".name", name);

            if (port.Whole("port") is not (>= 1 and <= 65535)) faults.Invalid(at + ".port", port["port"] ?? 0, "must be between 1 and 65535, inclusive");
            if (port.Text("protocol") is not ("SCTP" or "TCP" or "UDP")) faults.NotSupported(at + ".protocol", port.Text("protocol") ?? "", "SCTP", "TCP", "UDP");
            if (port.Text("targetPort") is { } named)
            {
                if (named.Length > 15) faults.Invalid(at + ".targetPort", named, "must be no more than 15 characters");
                else if (!PortName().IsMatch(named)) faults.Invalid(at + ".targetPort", named, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
            }
            else if (port.Whole("targetPort") is not (>= 1 and <= 65535)) faults.Invalid(at + ".targetPort", port["targetPort"] ?? 0, "must be between 1 and 65535, inclusive");
        }

        var seen = new HashSet<(string?, long?)>();
        for (var i = 0; i < ports.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"spec.ports[{i}]");
            if (type == "ClusterIP" && ports[i].Whole("nodePort") is > 0) faults.Forbidden(at + ".nodePort", "may not be used when `type` is 'ClusterIP'");
            if (!seen.Add((ports[i].Text("protocol"), ports[i].Whole("port"))))
            {
                faults.Duplicate(at, new JsonObject
                {
                    ["Name"] = "", ["Protocol"] = ports[i].Text("protocol"), ["AppProtocol"] = null, ["Port"] = ports[i]["port"]?.DeepClone(), ["TargetPort"] = 0, ["NodePort"] = 0,
                });
            }
        }
    }

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex PortName();
}
