using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Finds out who asks for the value of a field, by building the objects without the manifest's wishes, and once more without the configuration's.</summary>
/// <remarks>
/// A value that is the same without the manifest's optional sections is the configuration's; one that is the same with the built-in configuration too
/// is a default of the operator. Only made when something has to be changed, so an unchanged cluster does not pay for it.
/// </remarks>
internal sealed class Attribution
{
    private readonly ClusterContext _context;
    private readonly Lazy<Dictionary<ObjectKey, DesiredObject>> _withoutManifest;
    private readonly Lazy<Dictionary<ObjectKey, DesiredObject>> _withoutConfiguration;

    public Attribution(ClusterContext context)
    {
        _context = context;
        _withoutManifest = new(() => Build(context.Input with { Manifest = Plain(context) }));
        _withoutConfiguration = new(() => Build(context.Input with { Manifest = Plain(context), Configuration = BuiltIn(context) }));
    }

    /// <summary>The reasons with who asks for each.</summary>
    public IReadOnlyList<ChangeReason> Of(DesiredObject desired, IReadOnlyList<ChangeReason> reasons)
    {
        var fromManifest = Differences(_withoutManifest.Value, desired);
        HashSet<string>? fromConfiguration = null;
        var result = new List<ChangeReason>(reasons.Count);
        foreach (var reason in reasons)
        {
            var requester = Fixed(reason.FieldPath);
            if (requester is null)
            {
                if (fromManifest is null || Touches(fromManifest, reason.FieldPath)) requester = ManifestIsUnchanged ? Requester.ClusterState : Requester.Manifest;
                // Nothing is left of a value that has gone: what the manifest may say it has probably said before, unless it is known not to have changed.
                else if (reason.New is null && !ManifestIsUnchanged) requester = Removed(reason.FieldPath);
                // The manifest has just been edited: a value that is now the configuration's was the manifest's until then.
                else if (ManifestWasEdited) requester = Requester.Manifest;
                else
                {
                    fromConfiguration ??= Differences(_withoutConfiguration.Value, desired) ?? [];
                    requester = Touches(fromConfiguration, reason.FieldPath) ? Requester.OperatorConfiguration : Requester.OperatorVersion;
                }
            }

            result.Add(reason with { RequestedBy = requester.Value });
        }

        return result;
    }

    private long? Observed => _context.Manifest.Status?.ObservedGeneration;

    private bool ManifestWasEdited => Observed is { } observed && _context.Manifest.Metadata.Generation is { } generation && generation != observed;

    // Everything that this manifest asked for had been done.
    private bool ManifestIsUnchanged =>
        Observed is { } observed && _context.Manifest.Metadata.Generation == observed && _context.Manifest.Status?.PostgresClusterStatus == "Running"
        && !_context.RestartsAreHeld;

    private static Requester? Fixed(string path)
    {
        if (path.StartsWith("metadata.ownerReferences", StringComparison.Ordinal)) return Requester.OperatorConfiguration;
        return path is "spec.replicas" or "data[username]" or "data[password]" ? Requester.Manifest : null;
    }

    private Requester Removed(string path)
    {
        var start = path.IndexOf(".labels[", StringComparison.Ordinal);
        if (start < 0) return Requester.Manifest;
        // A label that the manifest still has is no longer inherited.
        var key = path[(start + ".labels[".Length)..].TrimEnd(']');
        return _context.Manifest.Metadata.Labels?.ContainsKey(key) == true ? Requester.OperatorConfiguration : Requester.Manifest;
    }

    // Paths of what would be different; null when the object would not exist.
    private static HashSet<string>? Differences(Dictionary<ObjectKey, DesiredObject> others, DesiredObject desired)
    {
        if (!others.TryGetValue(desired.Key, out var other)) return null;
        var comparison = ObjectDiff.CompareNormalized(
            desired.Kind, KubernetesDefaults.Normalize(desired.Kind, other.Body), KubernetesDefaults.Normalize(desired.Kind, desired.Body), ObjectDiffOptions.Default);
        return comparison.Reasons.Select(r => r.FieldPath).ToHashSet(StringComparer.Ordinal);
    }

    private static bool Touches(HashSet<string> paths, string path)
    {
        foreach (var other in paths)
            if (path.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(path, StringComparison.Ordinal)) return true;
        return false;
    }

    private static Dictionary<ObjectKey, DesiredObject> Build(PlanningInput input)
    {
        var context = new ClusterContext(input);
        var built = new Dictionary<ObjectKey, DesiredObject>();
        foreach (var item in DesiredCluster.Build(context)) built[item.Key] = item;
        return built;
    }

    // What makes the same objects exist, without anything optional in them.
    private static Postgresql Plain(ClusterContext context)
    {
        var spec = context.Spec;
        return context.Manifest with
        {
            Metadata = context.Manifest.Metadata with { Labels = null, Annotations = null },
            Spec = new PostgresqlSpec
            {
                TeamId = "",
                NumberOfInstances = spec.NumberOfInstances,
                Volume = new VolumeSection { Size = "1Ki" },
                Postgresql = new PostgresqlSection { Version = spec.Postgresql.Version },
                Users = spec.Users,
                Databases = spec.Databases,
                PreparedDatabases = spec.PreparedDatabases,
                EnableConnectionPooler = spec.EnableConnectionPooler ?? (spec.ConnectionPooler is null ? null : true),
                EnableReplicaConnectionPooler = spec.EnableReplicaConnectionPooler,
                EnableLogicalBackup = spec.EnableLogicalBackup,
            },
        };
    }

    // Names decide which object is which, so they are kept.
    private static OperatorConfiguration BuiltIn(ClusterContext context)
    {
        var kubernetes = context.Settings.Kubernetes;
        var named = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["secret_name_template"] = kubernetes.SecretNameTemplate,
            ["pdb_name_format"] = kubernetes.PdbNameFormat,
            ["pod_service_account_name"] = kubernetes.PodServiceAccountName,
            ["logical_backup_job_prefix"] = context.Settings.LogicalBackup.JobPrefix,
        };
        return ConfigMapConfiguration.Read(named);
    }
}
