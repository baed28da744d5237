using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Planning.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Everything the builders of one cluster share: inputs, names, labels, annotations, and the findings they make on the way.</summary>
internal sealed class ClusterContext
{
    private readonly List<Finding> _findings = [];
    private readonly List<Regex> _downscalerPatterns = [];

    public ClusterContext(PlanningInput input)
    {
        Input = input;
        Manifest = input.Manifest;
        Spec = input.Manifest.Spec;
        Settings = OperatorSettings.From(input.Configuration);
        Observed = new ClusterView(input.Observed);
        Key = new ClusterKey(Manifest.Metadata.Namespace ?? "default", Manifest.Metadata.Name ?? "");
        BaseLabels = Merge(Settings.Kubernetes.ClusterLabels, [new(Settings.Kubernetes.ClusterNameLabel, Key.Name)]);
        FullLabels = Merge(BaseLabels, [new("team", Spec.TeamId ?? "")], Select(Manifest.Metadata.Labels, Settings.Kubernetes.InheritedLabels));
        InheritedAnnotations = Merge(Select(Manifest.Metadata.Annotations, Settings.Kubernetes.InheritedAnnotations));
        DownscalerAnnotations = Downscaler();
        WorkloadAnnotations = Merge(InheritedAnnotations, DownscalerAnnotations);
        PodAnnotations = Merge(Settings.Kubernetes.CustomPodAnnotations, Spec.PodAnnotations, InheritedAnnotations);
        OwnerReferences = Owners();
        UidSuffix = Manifest.Metadata.Uid is { Length: > 0 } uid ? "/" + uid : "";
    }

    public PlanningInput Input { get; }

    public Postgresql Manifest { get; }

    public PostgresqlSpec Spec { get; }

    public OperatorSettings Settings { get; }

    public ClusterView Observed { get; }

    public ClusterKey Key { get; }

    public string Name => Key.Name;

    public string Namespace => Key.Namespace;

    /// <summary>Labels that select the cluster: configured ones and its name.</summary>
    public SortedDictionary<string, string> BaseLabels { get; }

    /// <summary>Labels of its objects: base labels, team, inherited ones.</summary>
    public SortedDictionary<string, string> FullLabels { get; }

    public SortedDictionary<string, string> InheritedAnnotations { get; }

    public SortedDictionary<string, string> DownscalerAnnotations { get; }

    /// <summary>Inherited and downscaler annotations: those of StatefulSet and pooler Deployment.</summary>
    public SortedDictionary<string, string> WorkloadAnnotations { get; }

    /// <summary>Annotations of pods without those of cloud roles.</summary>
    public SortedDictionary<string, string> PodAnnotations { get; }

    public IReadOnlyList<OwnerReference>? OwnerReferences { get; }

    /// <summary><c>/uid</c>, the suffix of object store paths; empty when the manifest has no uid yet.</summary>
    public string UidSuffix { get; }

    /// <summary>Patroni keeps its state in ConfigMaps, so that services can have selectors.</summary>
    public bool PatroniUsesConfigMaps => string.IsNullOrEmpty(Settings.EtcdHost) && Settings.KubernetesUseConfigMaps;

    public bool PatroniUsesEtcd => !string.IsNullOrEmpty(Settings.EtcdHost);

    public bool IsStandby => Spec.Standby is not null || (Spec.Env?.Any(e => e.Name is { } name && e.Value is { Length: > 0 } && IsStandbyPrefix(name)) ?? false);

    /// <summary>Who asks for the values of fields.</summary>
    public Attribution Attribution => field ??= new Attribution(this);

    /// <summary>Whether restarts wait for a window or an approval.</summary>
    public bool RestartsAreHeld { get; set; }

    public IReadOnlyList<Finding> Findings => _findings;

    public bool IsRefused => _findings.Exists(f => f.Severity == FindingSeverity.Error);

    /// <summary>Adds what a former pass found.</summary>
    public void AddRange(IReadOnlyList<Finding> findings) => _findings.AddRange(findings);

    public void Inform(string code, string fieldPath, string message, string? value = null) => Add(FindingSeverity.Information, code, fieldPath, message, value);

    public void Warn(string code, string fieldPath, string message, string? value = null) => Add(FindingSeverity.Warning, code, fieldPath, message, value);

    /// <summary>The manifest cannot be followed. Building goes on with something harmless, so that all errors are found at once.</summary>
    public void Refuse(string code, string fieldPath, string message, string? value = null) => Add(FindingSeverity.Error, code, fieldPath, message, value);

    public SortedDictionary<string, string> BaseRoleLabels(string role) => Merge(BaseLabels, [new(Settings.Kubernetes.PodRoleLabel, role)]);

    public SortedDictionary<string, string> FullRoleLabels(string role) => Merge(FullLabels, [new(Settings.Kubernetes.PodRoleLabel, role)]);

    /// <summary>Name of the secret of a role. Only underscores are replaced, as fleets expect it.</summary>
    public string SecretName(string user) => SecretName(user, Name);

    public string SecretName(string user, string cluster) => Settings.Kubernetes.SecretNameTemplate
        .Replace("{username}", user.Replace('_', '-'), StringComparison.Ordinal)
        .Replace("{cluster}", cluster, StringComparison.Ordinal)
        .Replace("{tprkind}", "postgresql", StringComparison.Ordinal)
        .Replace("{tprgroup}", "acid.zalan.do", StringComparison.Ordinal);

    public bool HasAnnotation(string key, string value) =>
        key.Length > 0 && Manifest.Metadata.Annotations is { } annotations && annotations.TryGetValue(key, out var found) && found == value;

    public ObjectMeta Meta(string name, SortedDictionary<string, string>? labels, SortedDictionary<string, string>? annotations = null, bool owned = true) => new()
    {
        Name = name,
        Namespace = Namespace,
        Labels = NullIfEmpty(labels),
        Annotations = NullIfEmpty(annotations),
        OwnerReferences = owned ? OwnerReferences : null,
    };

    public static IReadOnlyDictionary<string, string>? NullIfEmpty(IReadOnlyDictionary<string, string>? map) => map is { Count: > 0 } ? map : null;

    /// <summary>One map out of several; later ones win. Sorted, so that the same input always gives the same text.</summary>
    public static SortedDictionary<string, string> Merge(params ReadOnlySpan<IEnumerable<KeyValuePair<string, string>>?> maps)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var map in maps)
        {
            if (map is null) continue;
            foreach (var (key, value) in map) result[key] = value;
        }

        return result;
    }

    private static IEnumerable<KeyValuePair<string, string>> Select(IReadOnlyDictionary<string, string>? map, IReadOnlyList<string> keys) =>
        map is null ? [] : map.Where(m => keys.Contains(m.Key, StringComparer.Ordinal));

    private static bool IsStandbyPrefix(string name) => name is "STANDBY_WALE_S3_PREFIX" or "STANDBY_WALE_GS_PREFIX" or "STANDBY_WALE_GSC_PREFIX" or "STANDBY_WALE_SWIFT_PREFIX";

    /// <summary>Takes over findings that were made elsewhere.</summary>
    public void AddRange(IEnumerable<Finding> findings) => _findings.AddRange(findings);

    private void Add(FindingSeverity severity, string code, string fieldPath, string message, string? value)
    {
        // What the validator has said of a field is not said again in other words.
        if (_findings.Exists(f => f.FieldPath == fieldPath && f.Severity >= severity)) return;
        _findings.Add(new Finding { Severity = severity, Code = code, FieldPath = fieldPath, Rule = message, Value = value });
    }

    /// <summary>Whether a key belongs to the tool that scales clusters down, as the configuration describes it.</summary>
    public bool IsDownscalerKey(string key) => _downscalerPatterns.Exists(p => p.IsMatch(key));

    private SortedDictionary<string, string> Downscaler()
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pattern in Settings.Kubernetes.DownscalerAnnotations)
        {
            Regex regex;
            try
            {
                // Patterns come from the configuration; without backtracking they cannot take long.
                regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                Warn("InvalidPattern", "downscaler_annotations", "The pattern is not used, because it is no valid regular expression: " + e.Message, pattern);
                continue;
            }

            _downscalerPatterns.Add(regex);
            foreach (var (key, value) in Manifest.Metadata.Annotations ?? new Dictionary<string, string>())
                if (regex.IsMatch(key)) result[key] = value;
        }

        return result;
    }

    private OwnerReference[]? Owners()
    {
        var owners = Manifest.Metadata.OwnerReferences ?? [];
        if (Settings.Kubernetes.EnableOwnerReferences && Manifest.Metadata.Uid is { } uid && owners.All(o => o.Uid != uid))
        {
            owners =
            [
                .. owners,
                new OwnerReference { ApiVersion = "acid.zalan.do/v1", Kind = "postgresql", Name = Name, Uid = uid, Controller = true },
            ];
        }

        return owners.Count == 0 ? null : [.. owners];
    }
}
