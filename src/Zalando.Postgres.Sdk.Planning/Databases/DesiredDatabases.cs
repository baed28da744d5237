using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>All databases that a cluster has to have, and what could not be followed.</summary>
public sealed record DesiredDatabases
{
    /// <summary>The databases by name, ordered.</summary>
    public required IReadOnlyDictionary<string, DesiredDatabase> Databases { get; init; }

    /// <summary>Schema of the pooler's lookup function, which goes into every database; null without a pooler.</summary>
    public string? LookupSchema { get; init; }

    /// <summary>Names of publications that the manifest asks for in a way that cannot be followed: they are neither made nor removed.</summary>
    public IReadOnlySet<string> RefusedPublications { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Whether publications of event streams are looked for in every database: the cluster has streams, or had some.</summary>
    public bool LooksForPublications { get; init; }

    /// <summary>Refusals and hints.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Works out the databases of a cluster.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="roles">Its roles.</param>
    public static DesiredDatabases Build(Postgresql manifest, OperatorSettings settings, DesiredRoles roles)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(roles);
        return new DesiredDatabasesBuilder(manifest, settings, roles).Build();
    }

    /// <summary>The databases that have to be looked into before changes inside them can be planned.</summary>
    /// <param name="database">A database of the server.</param>
    public bool NeedsContentsOf(ObservedDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (!database.AllowsConnections) return false;
        return Databases.GetValueOrDefault(database.Name)?.NeedsContents == true || ((LookupSchema is not null || LooksForPublications) && !database.IsTemplate);
    }
}
