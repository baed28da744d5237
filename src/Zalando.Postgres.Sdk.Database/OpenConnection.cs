using Npgsql;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>A connection and the data source made for it.</summary>
internal sealed class OpenConnection(NpgsqlDataSource source, NpgsqlConnection connection, string database) : IAsyncDisposable
{
    public NpgsqlConnection Connection => connection;

    public string Database => database;

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync().ConfigureAwait(false);
        await source.DisposeAsync().ConfigureAwait(false);
    }
}
