using System.Net;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Load balancers, node ports and source networks.</summary>
internal static class ServiceRules
{
    internal static void Check(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        var services = new (string Name, bool? LoadBalancer, bool? NodePort, int? Port, bool LoadBalancerDefault)[]
        {
            ("Master", spec.EnableMasterLoadBalancer, spec.EnableMasterNodePort, spec.MasterNodePort, settings.LoadBalancer.EnableMasterLoadBalancer),
            ("MasterPooler", spec.EnableMasterPoolerLoadBalancer, spec.EnableMasterPoolerNodePort, spec.MasterPoolerNodePort, settings.LoadBalancer.EnableMasterPoolerLoadBalancer),
            ("Replica", spec.EnableReplicaLoadBalancer, spec.EnableReplicaNodePort, spec.ReplicaNodePort, settings.LoadBalancer.EnableReplicaLoadBalancer),
            ("ReplicaPooler", spec.EnableReplicaPoolerLoadBalancer, spec.EnableReplicaPoolerNodePort, spec.ReplicaPoolerNodePort, settings.LoadBalancer.EnableReplicaPoolerLoadBalancer),
        };
        var ports = new Dictionary<int, string>();
        foreach (var (name, loadBalancer, nodePort, port, _) in services)
        {
            var path = $"spec.{char.ToLowerInvariant(name[0])}{name[1..]}NodePort";
            if (loadBalancer == true && nodePort == true) findings.Warn($"spec.enable{name}LoadBalancer", "true", "NodePort", $"has no effect, because enable{name}NodePort wins", "Delete one of the two");
            if (port is not { } number) continue;
            if (nodePort is null) findings.Warn(path, $"{number}", "NodePort", $"has no effect, because enable{name}NodePort is not written", $"Write enable{name}NodePort: true");
            if (number is < 0 or > 65535) findings.Error(path, $"{number}", "NodePort", "must be a port", "Kubernetes hands out 30000 to 32767 unless configured otherwise; 0 lets it choose");
            else if (number is not 0 and (< 30000 or > 32767)) findings.Warn(path, $"{number}", "NodePort", "is outside 30000 to 32767, the usual range of node ports", "Kubernetes refuses it unless its range was changed; 0 lets it choose");
            if (number != 0 && !ports.TryAdd(number, path)) findings.Error(path, $"{number}", "NodePort", $"is already used by {ports[number]}", "Choose another port, or 0");
        }
        var open = services.Any(static s => (s.LoadBalancer ?? s.LoadBalancerDefault) && s.NodePort != true);
        CheckRanges(spec.AllowedSourceRanges, open, findings);
        if (spec.AllowedSourceRanges is not { Count: > 0 } && services.Any(static s => s is { LoadBalancer: true, NodePort: not true }))
            findings.Inform("spec.allowedSourceRanges", null, "SourceRangesEmpty", "is empty, so the load balancer lets nobody in (127.0.0.1/32)", "Name the networks of your clients");
    }

    private static void CheckRanges(IReadOnlyList<string>? ranges, bool open, FindingCollector findings)
    {
        if (ranges is null) return;
        if (ranges.Count > 0 && !open)
            findings.Inform("spec.allowedSourceRanges", null, "SourceRanges", "has no effect, because no Service of the cluster is a load balancer", "It will count as soon as one is");
        for (var i = 0; i < ranges.Count; i++)
        {
            var path = $"spec.allowedSourceRanges[{i}]";
            var text = ranges[i] ?? "";
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out var address) || !int.TryParse(text.AsSpan(slash + 1), out var length) || length < 0 || length > address.GetAddressBytes().Length * 8)
            {
                findings.ErrorIfNew(path, text, "SourceRange", "must be a network as IPv4 or IPv6 CIDR", slash < 0 ? "A single address is written with /32 (IPv4) or /128 (IPv6)" : "For example 10.0.0.0/8 or fd00::/8");
                continue;
            }
            if (!IPNetwork.TryParse(text, out var network) || !network.BaseAddress.Equals(address)) findings.Warn(path, text, "SourceRange", "has bits set behind its length; only the network part counts", "Write the address of the network");
            if (length == 0) findings.Warn(path, text, "SourceRange", "lets everybody in", "Name the networks of your clients");
        }
    }
}
