using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Requests and limits of a container from the manifest, the defaults and the limits of the configuration.</summary>
internal static class ContainerResources
{
    public const string PostgresContainer = "postgres";

    /// <summary>Works out the amounts of one container.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="wanted">What the manifest says; null for nothing.</param>
    /// <param name="defaults">What is taken for values that the manifest leaves out.</param>
    /// <param name="containerName">Minimum limits and maximum requests hold for <see cref="PostgresContainer"/> only.</param>
    /// <param name="fieldPath">Path of <paramref name="wanted"/>, for findings.</param>
    public static ResourceRequirements Of(ClusterContext context, ResourcesSection? wanted, ResourceDefaults defaults, string containerName, string fieldPath)
    {
        var settings = context.Settings;
        var requests = new SortedDictionary<string, Quantity>(StringComparer.Ordinal);
        var limits = new SortedDictionary<string, Quantity>(StringComparer.Ordinal);
        Fill(requests, wanted?.Requests, defaults.CpuRequest, defaults.MemoryRequest, "requests");
        Fill(limits, wanted?.Limits, defaults.CpuLimit, defaults.MemoryLimit, "limits");
        var bounded = containerName == PostgresContainer && !context.HasAnnotation(settings.IgnoreResourcesLimitsAnnotationKey, "true");
        if (bounded)
        {
            Raise("cpu", settings.PostgresPodResources.MinCpuLimit);
            Raise("memory", settings.PostgresPodResources.MinMemoryLimit);
        }

        foreach (var name in new[] { "cpu", "memory" })
            if (requests.TryGetValue(name, out var request) && limits.TryGetValue(name, out var limit) && limit < request) limits[name] = request;
        if (settings.SetMemoryRequestToLimit && limits.TryGetValue("memory", out var memory) && requests.GetValueOrDefault("memory") < memory)
            requests["memory"] = memory;
        if (bounded)
        {
            Lower("cpu", settings.PostgresPodResources.MaxCpuRequest);
            Lower("memory", settings.PostgresPodResources.MaxMemoryRequest);
        }

        return new() { Requests = requests.Count == 0 ? null : requests, Limits = limits.Count == 0 ? null : limits };

        void Fill(SortedDictionary<string, Quantity> target, ResourceAmounts? amounts, string defaultCpu, string defaultMemory, string part)
        {
            Take("cpu", amounts?.Cpu, defaultCpu);
            Take("memory", amounts?.Memory, defaultMemory);
            Take("hugepages-2Mi", amounts?.HugePages2Mi, "");
            Take("hugepages-1Gi", amounts?.HugePages1Gi, "");

            void Take(string name, string? value, string fallback)
            {
                var text = IsGiven(value) ? value! : fallback;
                if (!IsGiven(text)) return;
                if (Quantity.TryParse(text, out var quantity)) target[name] = Canonical(quantity);
                else
                {
                    context.Refuse("InvalidQuantity", $"{fieldPath}.{part}.{name}",
                        $"\"{text}\" is not a quantity: write a number with an optional suffix, such as 500m or 2Gi.", text);
                }
            }
        }

        void Raise(string name, string minimum)
        {
            if (!Quantity.TryParse(minimum, out var least) || limits.GetValueOrDefault(name) >= least) return;
            context.Warn("ResourceLimits", $"{fieldPath}.limits.{name}",
                $"The limit is raised to {minimum}, the minimum of the operator configuration (min_{name}_limit).", limits.TryGetValue(name, out var old) ? old.ToString() : null);
            limits[name] = Canonical(least);
        }

        void Lower(string name, string maximum)
        {
            if (!Quantity.TryParse(maximum, out var most) || most.IsZero) return;
            if (requests.TryGetValue(name, out var request) && request > most) requests[name] = Canonical(most);
        }
    }

    /// <summary>The spelling the API server stores.</summary>
    public static Quantity Canonical(Quantity quantity) => Quantity.Parse(quantity.ToCanonicalString());

    private static bool IsGiven(string? text) => text is not (null or "" or "0" or "null");
}
