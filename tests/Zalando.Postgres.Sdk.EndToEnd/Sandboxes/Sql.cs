using Npgsql;

namespace Zalando.Postgres.Sdk.EndToEnd.Sandboxes;

/// <summary>Connections as applications make them, and questions in one line.</summary>
internal static class Sql
{
    /// <summary>Connects with TLS, without a pool: one attempt.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(IPAddress address, string user, string password, string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = address.ToString(),
            Username = user,
            Password = password,
            Database = database,
            SslMode = SslMode.Require,
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 10,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public static async Task<object?> ScalarAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The first column of all rows.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) values.Add(reader.GetString(0));
        return values;
    }
}
