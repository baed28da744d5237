using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>On which nodes pods of a cluster may run.</summary>
internal static class PodScheduling
{
    public static IReadOnlyList<Toleration>? Tolerations(ClusterContext context)
    {
        if (context.Spec.Tolerations is { Count: > 0 } own) return own;
        var configured = context.Settings.Kubernetes.Toleration;
        var (key, effect, value, @operator) = (Get("key"), Get("effect"), Get("value"), Get("operator"));
        return key is null && effect is null && value is null && @operator is null
            ? null
            : [new Toleration { Key = key, Operator = @operator, Value = value, Effect = effect }];

        string? Get(string name) => configured.TryGetValue(name, out var text) && text.Length > 0 ? text : null;
    }

    public static Affinity? Affinity(ClusterContext context, IReadOnlyDictionary<string, string> podLabels)
    {
        var nodes = NodeAffinity(context, context.Spec.NodeAffinity);
        PodAntiAffinity? pods = null;
        if (context.Settings.Kubernetes.EnablePodAntiAffinity)
        {
            var term = new PodAffinityTerm
            {
                LabelSelector = new LabelSelector { MatchLabels = podLabels },
                TopologyKey = context.Settings.Kubernetes.PodAntiAffinityTopologyKey,
            };
            pods = context.Settings.Kubernetes.PodAntiAffinityPreferredDuringScheduling
                ? new PodAntiAffinity { PreferredDuringSchedulingIgnoredDuringExecution = [new WeightedPodAffinityTerm { Weight = 1, PodAffinityTerm = term }] }
                : new PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [term] };
        }

        return nodes is null && pods is null ? null : new Affinity { NodeAffinity = nodes, PodAntiAffinity = pods };
    }

    public static NodeAffinity? NodeAffinity(ClusterContext context, NodeAffinity? own)
    {
        if (context.Settings.Kubernetes.NodeReadinessLabel is not { Count: > 0 } readiness) return own;
        var expressions = readiness.OrderBy(r => r.Key, StringComparer.Ordinal)
            .Select(r => new NodeSelectorRequirement { Key = r.Key, Operator = "In", Values = [r.Value] }).ToArray();
        if (own?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required)
        {
            return (own ?? new NodeAffinity()) with
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector { NodeSelectorTerms = [new NodeSelectorTerm { MatchExpressions = expressions }] },
            };
        }

        var terms = required.NodeSelectorTerms ?? [];
        switch (context.Settings.Kubernetes.NodeReadinessLabelMerge)
        {
            case "OR":
                terms = [.. terms, new NodeSelectorTerm { MatchExpressions = expressions }];
                break;
            case "AND":
                // Only expressions are kept, as running fleets have it.
                terms = [.. terms.Select(t => new NodeSelectorTerm { MatchExpressions = [.. t.MatchExpressions ?? [], .. expressions] })];
                break;
            default:
                context.Warn("ReadinessLabelIgnored", "spec.nodeAffinity",
                    "The manifest requires nodes itself and node_readiness_label_merge is neither OR nor AND, so the readiness label of the configuration is not used.",
                    context.Settings.Kubernetes.NodeReadinessLabelMerge);
                return own;
        }

        return own with { RequiredDuringSchedulingIgnoredDuringExecution = required with { NodeSelectorTerms = terms } };
    }
}
