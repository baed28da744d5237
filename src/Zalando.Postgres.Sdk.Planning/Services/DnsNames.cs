using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.Services;

/// <summary>Host names of load balancers for external-dns.</summary>
internal static class DnsNames
{
    public const string Annotation = "external-dns.alpha.kubernetes.io/hostname";

    public static string OfPrimary(ClusterContext context) =>
        WithLegacy(context, context.Settings.LoadBalancer.MasterDnsNameFormat, context.Settings.LoadBalancer.MasterLegacyDnsNameFormat);

    public static string OfReplica(ClusterContext context) =>
        WithLegacy(context, context.Settings.LoadBalancer.ReplicaDnsNameFormat, context.Settings.LoadBalancer.ReplicaLegacyDnsNameFormat);

    public static string OfPrimaryPooler(ClusterContext context) =>
        Format(context, context.Settings.LoadBalancer.MasterDnsNameFormat, context.Name + "-pooler");

    public static string OfReplicaPooler(ClusterContext context) =>
        Format(context, context.Settings.LoadBalancer.ReplicaDnsNameFormat, context.Name + "-pooler");

    /// <summary>The cluster name without the team prefix; null when it has none.</summary>
    public static string? NameWithoutTeam(string cluster, string team)
    {
        if (!cluster.StartsWith(team + "-", StringComparison.OrdinalIgnoreCase) || cluster.Length < team.Length + 2 || cluster.Length > 58) return null;
        if (cluster[0] is < 'a' or > 'z' || cluster[^1] == '-') return null;
        return cluster.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') ? cluster[(team.Length + 1)..] : null;
    }

    private static string WithLegacy(ClusterContext context, string format, string legacyFormat)
    {
        var name = Format(context, format, context.Name);
        return NameWithoutTeam(context.Name, context.Spec.TeamId ?? "") is { } legacy && legacyFormat.Length > 0
            ? name + "," + Format(context, legacyFormat, legacy)
            : name;
    }

    private static string Format(ClusterContext context, string format, string cluster) => format
        .Replace("{cluster}", cluster, StringComparison.Ordinal)
        .Replace("{namespace}", context.Namespace, StringComparison.Ordinal)
        .Replace("{team}", context.Spec.TeamId ?? "", StringComparison.Ordinal)
        .Replace("{hostedzone}", context.Settings.LoadBalancer.DbHostedZone, StringComparison.Ordinal)
        .ToLowerInvariant();
}
