using System.Security.Cryptography;
using Npgsql;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>A PostgreSQL server over Npgsql. Use one for a pass and dispose of it: it keeps the last connection open between changes.</summary>
/// <remarks>Not for use by several threads at once.</remarks>
public sealed class PostgresServer : IPostgresServer
{
    private readonly PostgresServerSettings _settings;
    private readonly PasswordVerifiers _verifiers;
    private OpenConnection? _open;

    /// <summary>Makes a server; nothing is connected yet.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="fillWithRandomBytes">Fills salts of password verifiers; null for the cryptographic generator.</param>
    public PostgresServer(PostgresServerSettings settings, Action<byte[]>? fillWithRandomBytes = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _verifiers = new(fillWithRandomBytes ?? (bytes => RandomNumberGenerator.Fill(bytes)));
    }

    /// <inheritdoc />
    public async Task<ObservedServer> ObserveAsync(Func<ObservedDatabase, bool> lookInto, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lookInto);
        var server = await RunAsync(ConnectionFactory.MaintenanceDatabase, "reading the catalogue", secret: false, CatalogueReader.ReadServerAsync, cancellationToken).ConfigureAwait(false);
        var databases = new Dictionary<string, ObservedDatabase>(server.Databases, StringComparer.Ordinal);
        foreach (var database in server.Databases.Values.Where(lookInto).OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            try
            {
                var contents = await RunAsync(database.Name, $"reading the catalogue of \"{database.Name}\"", secret: false, CatalogueReader.ReadContentsAsync, cancellationToken).ConfigureAwait(false);
                databases[database.Name] = database with { Contents = contents };
            }
            catch (DatabaseException e)
            {
                databases[database.Name] = database with { Failure = e.Message };
            }
        }

        return server with { Databases = databases };
    }

    /// <inheritdoc />
    public async Task ApplyAsync(DatabaseChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var statements = _verifiers.Replace(change).ToSql();
        await RunAsync(
            change.Database,
            change.Statement,
            statements.Any(s => s.HasSecret),
            async (connection, token) =>
            {
                await new StatementExecutor(connection, _settings.StatementTimeout).ExecuteAsync(statements, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => CloseAsync();

    private async Task<T> RunAsync<T>(string database, string what, bool secret, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(await OpenAsync(database, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not DatabaseException)
        {
            // Whatever state the connection is in, the next change gets a new one.
            await CloseAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (DatabaseErrors.Explain(e, $"{_settings.Host}:{_settings.Port}/{database}", what, secret) is { } explained) throw explained;
            throw;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        if (_open?.Database != database)
        {
            await CloseAsync().ConfigureAwait(false);
            _open = await ConnectionFactory.OpenAsync(_settings, database, cancellationToken).ConfigureAwait(false);
        }

        return _open.Connection;
    }

    private async ValueTask CloseAsync()
    {
        var open = _open;
        _open = null;
        if (open is not null) await open.DisposeAsync().ConfigureAwait(false);
    }
}
