using System.Net.Sockets;
using Npgsql;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>Sorts errors of server and transport, keeping the server's own words.</summary>
internal static class DatabaseErrors
{
    /// <summary>The exception to throw instead; null for errors that are not the server's.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="server">The server.</param>
    /// <param name="what">What was tried, without secrets.</param>
    /// <param name="secret">Whether a secret was sent, so that the cause may not be kept.</param>
    public static DatabaseException? Explain(Exception error, string server, string what, bool secret)
    {
        var cause = secret ? null : error;
        return error switch
        {
            PostgresException e => new(Kind(e.SqlState), e.SqlState, $"{server}: {what}: {e.SqlState} {e.MessageText}{(e.Hint is null || secret ? "" : $" ({e.Hint})")}", cause),
            NpgsqlException { InnerException: TimeoutException } => new(DatabaseFailure.Timeout, null, $"{server}: {what}: no answer in time", cause),
            NpgsqlException or SocketException or IOException => new(DatabaseFailure.Unreachable, null, $"{server}: {what}: {Innermost(error)}", cause),
            // Npgsql 10.0.0 lets a cancelled connection attempt out in several shapes; ours was not cancelled.
            TimeoutException or OperationCanceledException => new(DatabaseFailure.Timeout, null, $"{server}: {what}: no answer in time", cause),
            _ => null,
        };
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error.Message;
    }

    private static DatabaseFailure Kind(string state) => state switch
    {
        "28P01" or "28000" => DatabaseFailure.Unauthorized,
        // lock not available, statement cancelled by its time limit, deadlock
        "55P03" or "57014" or "40P01" => DatabaseFailure.Timeout,
        // starting or stopping, read-only, too many connections, template in use
        "57P01" or "57P02" or "57P03" or "25006" or "53300" or "55006" => DatabaseFailure.Unavailable,
        // exists already, does not exist
        "42710" or "42P04" or "42P06" or "42P07" or "42723" or "42704" or "3D000" or "3F000" or "42883" => DatabaseFailure.Outdated,
        ['0', '8', ..] => DatabaseFailure.Unreachable,
        _ => DatabaseFailure.Refused,
    };
}
