using System.Globalization;
using System.Text;
using Npgsql;
using Zalando.Postgres.Sdk.Planning.Databases;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>Executes statements whose names and values the server quotes.</summary>
internal sealed class StatementExecutor(NpgsqlConnection connection, TimeSpan statementTimeout)
{
    private const string Variable = "postgres_operator.a";

    private static readonly string[] Silence =
    [
        "log_parameter_max_length = 0", "log_parameter_max_length_on_error = 0", "log_error_verbosity = terse", "log_min_error_statement = panic",
        "log_min_duration_statement = -1", "log_min_duration_sample = -1", "pg_stat_statements.track_utility = off", "pg_stat_statements.track = 'none'",
        "auto_explain.log_min_duration = -1",
        "pgaudit.log = 'none'", "pgaudit.log_parameter = off",
    ];

    public async Task ExecuteAsync(IReadOnlyList<SqlStatement> statements, CancellationToken cancellationToken)
    {
        if (statements is [{ RunsOutsideTransaction: true } alone])
        {
            await AloneAsync(alone, cancellationToken).ConfigureAwait(false);
            return;
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var transactionScope = transaction.ConfigureAwait(false);
        if (statements.Any(s => s.HasSecret)) await SilenceAsync(cancellationToken).ConfigureAwait(false);
        foreach (var statement in statements)
        {
            if (statement.HasSecret) await SecretAsync(statement, cancellationToken).ConfigureAwait(false);
            else await RunAsync(await FormatAsync(statement, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task AloneAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var text = await FormatAsync(statement, cancellationToken).ConfigureAwait(false);
        // Copying the template takes as long as the disk needs.
        var longer = TimeSpan.FromTicks(statementTimeout.Ticks * 10);
        await RunAsync($"SET statement_timeout = {((long)longer.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}", cancellationToken).ConfigureAwait(false);
        try
        {
            await RunAsync(text, cancellationToken, longer).ConfigureAwait(false);
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open) await RunAsync("RESET statement_timeout", CancellationToken.None).ConfigureAwait(false);
        }
    }

    // What the server would write of the next statements into its log, and what extensions would remember of them.
    private async Task SilenceAsync(CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using var batchScope = batch.ConfigureAwait(false);
        foreach (var setting in Silence) batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL " + setting));
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    // Secrets travel as parameters into variables of the transaction; the text that the server sees holds none. The handler drops the context of an
    // error, which would quote the text that was put together.
    private async Task SecretAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var set = new StringBuilder("SELECT ");
        var values = new StringBuilder();
        var command = new NpgsqlCommand { Connection = connection };
        await using var commandScope = command.ConfigureAwait(false);
        for (var i = 0; i < statement.Arguments.Count; i++)
        {
            if (i > 0) set.Append(", ");
            set.Append(CultureInfo.InvariantCulture, $"pg_catalog.set_config('{Variable}{i}', ${i + 1}, true)");
            values.Append(CultureInfo.InvariantCulture, $", pg_catalog.current_setting('{Variable}{i}')");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = statement.Arguments[i].Value });
        }

        command.CommandText = set.ToString();
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await RunAsync(
            $"DO $do$ BEGIN EXECUTE pg_catalog.format('{statement.Template.Replace("'", "''", StringComparison.Ordinal)}'{values}); "
            + "EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM; END $do$",
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> FormatAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT pg_catalog.format($1, VARIADIC $2)", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = statement.Template },
                new NpgsqlParameter<string[]> { TypedValue = statement.Arguments.Select(a => a.Value).ToArray() },
            },
        };
        await using var commandScope = command.ConfigureAwait(false);
        return (string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    // A batch sends the text as it is; a command would look for parameters and semicolons in it.
    private async Task RunAsync(string text, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(text) } };
        await using var batchScope = batch.ConfigureAwait(false);
        if (timeout is { } longer) batch.Timeout = (int)longer.TotalSeconds + 5;
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
