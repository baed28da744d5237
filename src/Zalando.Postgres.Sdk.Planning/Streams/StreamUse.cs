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

    /// <summary>Where the manifest speaks of a publication, as exactly as can be said: a table of a stream, the stream, or all of them.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="publication">Name of the publication, and of the slot.</param>
    /// <param name="text">What was said about it, in which a table may be named in quotes; null for nothing.</param>
    /// <returns>For example <c>spec.streams[0].tables.data.orders</c>.</returns>
    public static string FieldPath(Postgresql manifest, string publication, string? text = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var streams = manifest.Spec.Streams ?? [];
        string? first = null;
        for (var i = 0; i < streams.Count; i++)
        {
            if (streams[i] is not { Database: { } database, ApplicationId: { } application } stream || PublicationTable.PublicationName(database, application) != publication) continue;
            first ??= $"spec.streams[{i}]";
            foreach (var table in stream.Tables?.Keys ?? [])
                if (text?.Contains($"\"{table}\"", StringComparison.Ordinal) == true || text?.Contains($"\"{PublicationTable.Qualified(table)}\"", StringComparison.Ordinal) == true) return $"spec.streams[{i}].tables.{table}";
        }

        return first ?? "spec.streams";
    }

    /// <summary>The tables of publications that have names of ours.</summary>
    /// <param name="server">The catalogue.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> TablesOf(ObservedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var tables = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var database in server.Databases.Values)
            foreach (var (name, publication) in database.Contents?.Publications ?? new Dictionary<string, ObservedPublication>())
                if (name.StartsWith($"{PublicationTable.Prefix}{database.Name}_", StringComparison.Ordinal)) tables[name] = publication.Tables;
        return tables;
    }

    /// <summary>Whether a slot of Patroni's configuration looks like one of an event stream.</summary>
    internal static bool HasShapeOfOurs(string name, JsonNode? slot) => slot.Text("database") is { Length: > 0 } database && slot.Text("type") == "logical" && slot.Text("plugin") == "pgoutput"
        && name.StartsWith($"{PublicationTable.Prefix}{database}_", StringComparison.Ordinal);
}
