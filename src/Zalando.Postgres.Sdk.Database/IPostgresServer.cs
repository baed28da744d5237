using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>A PostgreSQL server as the operator sees it: a catalogue to read and typed changes to make.</summary>
public interface IPostgresServer : IAsyncDisposable
{
    /// <summary>Reads roles, memberships and databases, and looks into the databases that matter. A database that cannot be looked into does not
    /// hold up the others: its <see cref="ObservedDatabase.Failure"/> says why.</summary>
    /// <param name="lookInto">Says which databases matter; see <see cref="DesiredDatabases.NeedsContentsOf"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DatabaseException">The server cannot be reached or asked.</exception>
    Task<ObservedServer> ObserveAsync(Func<ObservedDatabase, bool> lookInto, CancellationToken cancellationToken = default);

    /// <summary>Makes one change in one transaction (those that PostgreSQL refuses in a transaction stand alone).</summary>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends it; then it has happened or not, as the next observation shows.</param>
    /// <exception cref="DatabaseException">The server refused it or cannot be reached.</exception>
    Task ApplyAsync(DatabaseChange change, CancellationToken cancellationToken = default);
}
