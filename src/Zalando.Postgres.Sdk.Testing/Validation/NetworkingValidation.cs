using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Ingresses and their classes, network policies, endpoints.</summary>
internal static class NetworkingValidation
{
    public static void Ingress(JsonObject ingress, FaultList faults)
    {
        var spec = ingress.Object("spec") ?? [];
        var rules = (spec.Array("rules") ?? []).OfType<JsonObject>().ToArray();
        if (rules.Length == 0 && spec.Object("defaultBackend") is null) faults.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        if (spec.Object("defaultBackend") is { } backend) Backend(backend, "spec.defaultBackend", faults);
        for (var i = 0; i < rules.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"spec.rules[{i}]");
            if (rules[i].Text("host") is { Length: > 0 } host) Host(host, at + ".host", faults);
            if (rules[i].Object("http") is not { } http) continue;
            var paths = (http.Array("paths") ?? []).OfType<JsonObject>().ToArray();
            if (paths.Length == 0) faults.Required(at + ".http.paths");
            for (var j = 0; j < paths.Length; j++) IngressPath(paths[j], string.Create(CultureInfo.InvariantCulture, $"{at}.http.paths[{j}]"), faults);
        }

        var tls = (spec.Array("tls") ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < tls.Length; i++)
        {
            var hosts = tls[i].Array("hosts").Texts().ToArray();
            for (var j = 0; j < hosts.Length; j++) Host(hosts[j], string.Create(CultureInfo.InvariantCulture, $"spec.tls[{i}].hosts[{j}]"), faults);
        }
    }

    public static void IngressClass(JsonObject value, JsonObject? old, FaultList faults)
    {
        var controller = value.Object("spec").Text("controller") ?? "";
        if (controller.Length == 0) faults.Required("spec.controller");
        else if (old is not null && controller != old.Object("spec").Text("controller")) faults.Invalid("spec.controller", controller, "field is immutable");
        else if (!controller.Contains('/', StringComparison.Ordinal)) faults.Invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    }

    public static void Policy(JsonObject policy, FaultList faults)
    {
        var spec = policy.Object("spec") ?? [];
        if (spec.Object("podSelector") is { } selector) SelectorValidation.Validate(selector, "spec.podSelector", faults);
        foreach (var (list, peers) in new[] { ("ingress", "from"), ("egress", "to") })
        {
            var rules = (spec.Array(list) ?? []).OfType<JsonObject>().ToArray();
            for (var i = 0; i < rules.Length; i++)
            {
                var at = string.Create(CultureInfo.InvariantCulture, $"spec.{list}[{i}]");
                Ports(rules[i], at, faults);
                var found = (rules[i].Array(peers) ?? []).OfType<JsonObject>().ToArray();
                for (var j = 0; j < found.Length; j++) Peer(found[j], string.Create(CultureInfo.InvariantCulture, $"{at}.{peers}[{j}]"), faults);
            }
        }

        var types = spec.Array("policyTypes").Texts().ToArray();
        if (types.Length > 2) faults.Invalid("spec.policyTypes", spec["policyTypes"], "may not specify more than two policyTypes");
        for (var i = 0; i < types.Length; i++)
        {
            if (types[i] is not ("Ingress" or "Egress")) faults.NotSupported(string.Create(CultureInfo.InvariantCulture, $"spec.policyTypes[{i}]"), types[i], "Egress", "Ingress");
        }
    }

    public static void Endpoints(JsonObject endpoints, FaultList faults)
    {
        var subsets = (endpoints.Array("subsets") ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < subsets.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"subsets[{i}]");
            var any = false;
            foreach (var list in (ReadOnlySpan<string>)["addresses", "notReadyAddresses"])
            {
                var addresses = (subsets[i].Array(list) ?? []).OfType<JsonObject>().ToArray();
                any |= addresses.Length > 0;
                for (var j = 0; j < addresses.Length; j++) Address(addresses[j].Text("ip") ?? "", string.Create(CultureInfo.InvariantCulture, $"{at}.{list}[{j}].ip"), faults);
            }

            if (!any) faults.Required(at, "must specify `addresses` or `notReadyAddresses`");
            var ports = (subsets[i].Array("ports") ?? []).OfType<JsonObject>().ToArray();
            for (var j = 0; j < ports.Length; j++)
            {
                var port = string.Create(CultureInfo.InvariantCulture, $"{at}.ports[{j}]");
                if (ports.Length > 1 && ports[j].Text("name") is null or "") faults.Required(port + ".name");
                if (ports[j].Whole("port") is not (>= 1 and <= 65535)) faults.Invalid(port + ".port", ports[j]["port"] ?? 0, "must be between 1 and 65535, inclusive");
                if (ports[j].Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP")) faults.NotSupported(port + ".protocol", protocol, "SCTP", "TCP", "UDP");
            }
        }
    }

    private static void Address(string address, string at, FaultList faults)
    {
        if (!IPAddress.TryParse(address, out var parsed))
        {
            faults.Invalid(at, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            return;
        }

        if (IPAddress.IsLoopback(parsed)) faults.Invalid(at, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        else if (parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any)) faults.Invalid(at, address, "may not be unspecified (0.0.0.0 or ::)");
        else if (parsed.IsIPv6LinkLocal || parsed.GetAddressBytes() is [169, 254, ..]) faults.Invalid(at, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        else if (parsed.IsIPv6Multicast || parsed.GetAddressBytes() is [224, 0, 0, _]) faults.Invalid(at, address, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    }

    private static void Host(string host, string at, FaultList faults)
    {
        if (IPAddress.TryParse(host, out _)) faults.Invalid(at, host, "must be a DNS name, not an IP address");
        else if (NameValidation.SubdomainFault(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is { } fault) faults.Invalid(at, host, fault);
    }

    private static void IngressPath(JsonObject path, string at, FaultList faults)
    {
        var text = path.Text("path") ?? "";
        switch (path.Text("pathType"))
        {
            case "Exact" or "Prefix":
                if (!text.StartsWith('/')) faults.Invalid(at + ".path", text, "must be an absolute path");
                if (text.Contains("//", StringComparison.Ordinal)) faults.Invalid(at + ".path", text, "must not contain '//'");
                break;
            case "ImplementationSpecific":
                if (text.Length > 0 && text[0] != '/') faults.Invalid(at + ".path", text, "must be an absolute path");
                break;
            case null or "":
                faults.Required(at + ".pathType", "pathType must be specified");
                break;
            case var other:
                faults.NotSupported(at + ".pathType", other, "Exact", "ImplementationSpecific", "Prefix");
                break;
        }

        Backend(path.Object("backend") ?? [], at + ".backend", faults);
    }

    private static void Backend(JsonObject backend, string at, FaultList faults)
    {
        var service = backend.Object("service");
        if (service is null == backend.Object("resource") is null)
        {
            if (service is null) faults.Required(at, "a service or resource backend is required");
            else faults.Invalid(at, backend, "cannot set both resource and service backends");
            return;
        }

        if (service is null) return;
        if (service.Text("name") is not { Length: > 0 } name) faults.Required(at + ".service.name");
        else if (NameValidation.LabelFault(name) is { } fault) faults.Invalid(at + ".service.name", name, fault);
        var port = service.Object("port");
        var number = port.Whole("number") ?? 0;
        if (port.Text("name") is { Length: > 0 } && number != 0) faults.Invalid(at, backend, "cannot set both port name & port number");
        else if (port.Text("name") is null or "" && number == 0) faults.Required(at, "port name or number is required");
        else if (number is < 0 or > 65535) faults.Invalid(at + ".service.port.number", number, "must be between 1 and 65535, inclusive");
    }

    private static void Ports(JsonObject rule, string at, FaultList faults)
    {
        var ports = (rule.Array("ports") ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < ports.Length; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{at}.ports[{i}]");
            if (ports[i].Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP")) faults.NotSupported(path + ".protocol", protocol, "SCTP", "TCP", "UDP");
            if (ports[i].Whole("port") is < 1 or > 65535) faults.Invalid(path + ".port", ports[i]["port"], "must be between 1 and 65535, inclusive");
            if (ports[i].Whole("endPort") is not { } end) continue;
            if (ports[i].Whole("port") is not { } start) faults.Required(path + ".port", "must be specified when `endPort` is specified");
            else if (end < start) faults.Invalid(path + ".endPort", end, "must be greater than or equal to `port`");
        }
    }

    private static void Peer(JsonObject peer, string at, FaultList faults)
    {
        var kinds = 0;
        foreach (var selector in (ReadOnlySpan<string>)["podSelector", "namespaceSelector"])
        {
            if (peer.Object(selector) is not { } given) continue;
            kinds = 1;
            SelectorValidation.Validate(given, $"{at}.{selector}", faults);
        }

        if (peer.Object("ipBlock") is { } block)
        {
            if (kinds > 0) faults.Forbidden(at, "may not specify both ipBlock and another peer");
            kinds++;
            if (block.Text("cidr") is not { Length: > 0 } cidr) faults.Required(at + ".ipBlock.cidr");
            else if (!IPNetwork.TryParse(cidr, out _)) faults.Invalid(at + ".ipBlock.cidr", cidr, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }

        if (kinds == 0) faults.Required(at, "must specify a peer");
    }
}
