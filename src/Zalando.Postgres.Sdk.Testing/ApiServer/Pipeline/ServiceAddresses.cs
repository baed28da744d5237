using System.Net.Sockets;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using IPAddress = System.Net.IPAddress;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Cluster addresses (a /16 network) and node ports (30000-32767) of services. What is used is read from the stored services.</summary>
internal sealed class ServiceAddresses(ObjectStore store, IPAddress network)
{
    /// <summary>What a dry run shows as a node port: one that can never be allocated.</summary>
    private const long DryRunPort = 32769;

    private readonly byte[] _network = network.GetAddressBytes();
    private readonly HashSet<string> _addresses = new(StringComparer.Ordinal);
    private readonly HashSet<long> _ports = [];
    private bool _read;
    private uint _nextAddress = 256;
    private int _nextPort = 30000;

    public void Allocate(JsonObject service, JsonObject? old, bool dryRun)
    {
        ReadStored();
        var spec = service.Ensure("spec");
        var type = spec.Text("type") ?? "ClusterIP";
        List<string> taken = [];
        List<long> takenPorts = [];
        if (type == "ExternalName")
        {
            if (old is not null && old.Object("spec").Text("clusterIP") is { Length: > 0 } && !dryRun) Release(old);
        }
        else
        {
            var oldAddress = old?.Object("spec").Text("clusterIP");
            var address = spec.Text("clusterIP");
            if (address is null or "")
            {
                address = oldAddress is { Length: > 0 } ? oldAddress : NextAddress();
                spec["clusterIP"] = address;
            }

            if (address != "None" && address != oldAddress)
            {
                CheckAddress(service, address);
                taken.Add(address);
            }

            if (spec.Array("clusterIPs") is not { Count: > 0 }) spec["clusterIPs"] = new JsonArray(address);
            if (spec.Array("ipFamilies") is not { Count: > 0 })
            {
                // A headless service without selector may get endpoints of any family.
                var any = address == "None" && spec.Object("selector") is not { Count: > 0 };
                var kept = old?.Object("spec");
                spec["ipFamilies"] = kept?["ipFamilies"]?.DeepClone() ?? (any ? new JsonArray("IPv4", "IPv6") : new JsonArray("IPv4"));
                spec["ipFamilyPolicy"] ??= kept?["ipFamilyPolicy"]?.DeepClone() ?? (any ? "RequireDualStack" : "SingleStack");
            }

            var ports = (type is "NodePort" or "LoadBalancer") && !(type == "LoadBalancer" && spec.Flag("allocateLoadBalancerNodePorts") == false)
                ? (spec.Array("ports") ?? []).OfType<JsonObject>().ToArray() : [];
            var oldPorts = (old?.Object("spec").Array("ports") ?? []).OfType<JsonObject>().Select(p => p.Whole("nodePort") ?? 0).Where(p => p > 0).ToHashSet();
            foreach (var port in ports)
            {
                var wanted = port.Whole("nodePort") ?? 0;
                if (wanted == 0)
                {
                    wanted = (old?.Object("spec").Array("ports") ?? []).OfType<JsonObject>()
                        .FirstOrDefault(p => p.Whole("port") == port.Whole("port") && p.Text("protocol") == port.Text("protocol"))?.Whole("nodePort") ?? (dryRun ? DryRunPort : NextPort());
                    port["nodePort"] = JsonText.Number(wanted);
                }

                if (oldPorts.Contains(wanted)) continue;
                if (dryRun && wanted == DryRunPort) continue;
                if (wanted is < 30000 or > 32767) throw Invalid(service, "spec.ports[0].nodePort", $"Invalid value: {wanted}: provided port is not in the valid range. The range of valid ports is 30000-32767");
                if (_ports.Contains(wanted)) throw Invalid(service, "spec.ports[0].nodePort", $"Invalid value: {wanted}: provided port is already allocated");
                takenPorts.Add(wanted);
            }

            if (type == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local" && (spec.Whole("healthCheckNodePort") ?? 0) == 0)
            {
                var port = old?.Object("spec").Whole("healthCheckNodePort") ?? NextPort();
                spec["healthCheckNodePort"] = JsonText.Number(port);
                takenPorts.Add(port);
            }
        }

        if (dryRun) return;
        foreach (var address in taken) _addresses.Add(address);
        foreach (var port in takenPorts) _ports.Add(port);
    }

    public void Release(JsonObject service)
    {
        var spec = service.Object("spec");
        foreach (var address in spec.Array("clusterIPs").Texts()) _addresses.Remove(address);
        foreach (var port in (spec.Array("ports") ?? []).OfType<JsonObject>()) _ports.Remove(port.Whole("nodePort") ?? 0);
    }

    private static ApiStatusException Invalid(JsonObject service, string field, string message) =>
        StatusErrors.Invalid(KubernetesKinds.Service, service.Name(), [new("FieldValueInvalid", field, message)]);

    private void CheckAddress(JsonObject service, string address)
    {
        if (!IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork) return;
        var bytes = parsed.GetAddressBytes();
        if (bytes[0] != _network[0] || bytes[1] != _network[1])
            throw Invalid(service, "spec.clusterIPs", $"Invalid value: [\"{address}\"]: failed to allocate IP {address}: the provided IP is not in the valid range. The range of valid IPs is {network}/16");
        if (_addresses.Contains(address)) throw Invalid(service, "spec.clusterIPs", $"Invalid value: [\"{address}\"]: failed to allocate IP {address}: provided IP is already allocated");
    }

    private string NextAddress()
    {
        while (true)
        {
            var address = new IPAddress(new[] { _network[0], _network[1], (byte)(_nextAddress >> 8), (byte)_nextAddress }).ToString();
            _nextAddress = _nextAddress + 1 > 0xfffe ? 256 : _nextAddress + 1;
            if (!_addresses.Contains(address)) return address;
        }
    }

    private long NextPort()
    {
        while (_ports.Contains(_nextPort)) _nextPort = _nextPort >= 32767 ? 30000 : _nextPort + 1;
        return _nextPort++;
    }

    private void ReadStored()
    {
        if (_read) return;
        _read = true;
        foreach (var service in store.List("services", null))
        {
            var spec = service.Value.Object("spec");
            foreach (var address in spec.Array("clusterIPs").Texts()) _addresses.Add(address);
            foreach (var port in (spec.Array("ports") ?? []).OfType<JsonObject>()) _ports.Add(port.Whole("nodePort") ?? 0);
        }
    }
}
