using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

/// <summary>What is served: the built-in kinds, and those of the established custom resource definitions.</summary>
internal sealed class KindRegistry
{
    private readonly Dictionary<(string Group, string Version, string Plural), ServedKind> _builtIn = [];
    private readonly Dictionary<string, IReadOnlyList<ServedKind>> _custom = new(StringComparer.Ordinal);
    private volatile Snapshot _snapshot;

    public KindRegistry()
    {
        foreach (var kind in KubernetesKinds.All.Concat(ExtraKinds.All).DistinctBy(static k => (k.Group, k.Version, k.Plural)))
        {
            _builtIn[(kind.Group, kind.Version, kind.Plural)] = new ServedKind(kind, null);
        }

        _snapshot = Build();
    }

    public IReadOnlyList<ServedKind> All => _snapshot.All;

    public ServedKind? Find(string group, string version, string plural) => _snapshot.ByPath.GetValueOrDefault((group, version, plural));

    /// <summary>The served kind of a descriptor; custom kinds by their group, version and plural.</summary>
    /// <exception cref="ApiStatusException">404: not served.</exception>
    public ServedKind Require(KubernetesKind kind) => Find(kind.Group, kind.Version, kind.Plural) ?? throw StatusErrors.UnknownResource();

    public ServedKind? FindKind(string apiVersion, string kind) => _snapshot.ByKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>Any served version of a collection.</summary>
    public ServedKind? ByResource(string resource) => _snapshot.ByResource.GetValueOrDefault(resource);

    public bool HasGroup(string group) => _snapshot.Groups.Contains(group);

    public bool HasVersion(string group, string version) => _snapshot.Versions.Contains((group, version));

    /// <summary>Serves the kinds of a definition.</summary>
    /// <param name="definition">The definition, with its names accepted.</param>
    /// <param name="version">Version of the store now: nothing is known of the kind before it is served first.</param>
    public void SetCustom(JsonObject definition, long version)
    {
        lock (_builtIn)
        {
            var since = _custom.TryGetValue(definition.Name(), out var old) && old.Count > 0 ? old[0].ServedSince : version;
            _custom[definition.Name()] = CustomKind.Of(definition.CopyObject(), since).ToArray();
            _snapshot = Build();
        }
    }

    /// <summary>The custom kinds by the names of their definitions.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ServedKind>> Custom()
    {
        lock (_builtIn) return new Dictionary<string, IReadOnlyList<ServedKind>>(_custom, StringComparer.Ordinal);
    }

    /// <summary>Takes over the custom kinds of another registry.</summary>
    public void SetCustom(IReadOnlyDictionary<string, IReadOnlyList<ServedKind>> kinds)
    {
        lock (_builtIn)
        {
            foreach (var (definition, served) in kinds) _custom[definition] = served;
            _snapshot = Build();
        }
    }

    public void RemoveCustom(string definitionName)
    {
        lock (_builtIn)
        {
            _custom.Remove(definitionName);
            _snapshot = Build();
        }
    }

    private Snapshot Build()
    {
        var all = _builtIn.Values.Concat(_custom.OrderBy(static c => c.Key, StringComparer.Ordinal).SelectMany(static c => c.Value)).ToArray();
        var byResource = new Dictionary<string, ServedKind>(StringComparer.Ordinal);
        foreach (var kind in all)
        {
            if (kind.Kind.Verbs.Contains("list")) byResource.TryAdd(kind.Resource, kind);
        }

        return new Snapshot(
            all,
            all.DistinctBy(static k => (k.Kind.Group, k.Kind.Version, k.Kind.Plural)).ToDictionary(static k => (k.Kind.Group, k.Kind.Version, k.Kind.Plural)),
            all.DistinctBy(static k => (k.Kind.ApiVersion, k.Kind.Kind)).ToDictionary(static k => (k.Kind.ApiVersion, k.Kind.Kind)),
            byResource,
            all.Select(static k => k.Kind.Group).ToHashSet(StringComparer.Ordinal),
            all.Select(static k => (k.Kind.Group, k.Kind.Version)).ToHashSet());
    }

    private sealed record Snapshot(
        IReadOnlyList<ServedKind> All,
        Dictionary<(string Group, string Version, string Plural), ServedKind> ByPath,
        Dictionary<(string ApiVersion, string Kind), ServedKind> ByKind,
        Dictionary<string, ServedKind> ByResource,
        HashSet<string> Groups,
        HashSet<(string Group, string Version)> Versions);
}
