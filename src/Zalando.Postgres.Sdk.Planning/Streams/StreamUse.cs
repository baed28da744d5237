using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Streams;

/// <summary>Whether a cluster has event streams, or had some of which something may be left.</summary>
public static class StreamUse
{
    /// <summary>Whether there is anything to look after: streams in the manifest, the Secret of their role, which stays when they go, or a slot of theirs.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="observed">What exists.</param>
    public static bool Concerns(Postgresql manifest, OperatorSettings settings, ObservedCluster observed)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observed);
        if (manifest.Spec.Streams is { Count: > 0 }) return true;
        var space = manifest.Metadata.Namespace ?? "default";
        return observed.Find(KubernetesKinds.Secret, space, RoleSecret.NameOf(DesiredRoles.StreamUser, manifest.Metadata.Name ?? "", settings)) is not null
            || (observed.Patroni?.Configuration.Object("slots")?.Any(s => HasShapeOfOurs(s.Key, s.Value)) ?? false);
    }

    /// <summary>Whether a slot of Patroni's configuration looks like one of an event stream.</summary>
    internal static bool HasShapeOfOurs(string name, JsonNode? slot) => slot.Text("database") is { Length: > 0 } database && slot.Text("type") == "logical" && slot.Text("plugin") == "pgoutput"
        && name.StartsWith($"{PublicationTable.Prefix}{database}_", StringComparison.Ordinal);
}
