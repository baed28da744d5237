namespace Zalando.Postgres.Sdk.Database;

/// <summary>A server that could not be asked or refused a change. Never holds a secret.</summary>
public sealed class DatabaseException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public DatabaseException()
        : this("The server could not be asked.")
    {
    }

    /// <summary>Makes an exception with a message only.</summary>
    /// <param name="message">What happened.</param>
    public DatabaseException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause only.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public DatabaseException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="failure">The kind of failure.</param>
    /// <param name="sqlState">The server's code, for example <c>42710</c>; null without an answer.</param>
    /// <param name="message">What was tried, and the server's own words.</param>
    /// <param name="innerException">The cause; null when it could hold a secret.</param>
    public DatabaseException(DatabaseFailure failure, string? sqlState, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
        SqlState = sqlState;
    }

    /// <summary>The kind of failure.</summary>
    public DatabaseFailure Failure { get; }

    /// <summary>The server's code; null without an answer.</summary>
    public string? SqlState { get; }

    /// <summary>Whether trying again later makes sense without anybody changing anything.</summary>
    public bool IsTransient => Failure is DatabaseFailure.Unreachable or DatabaseFailure.Timeout or DatabaseFailure.Unavailable or DatabaseFailure.Outdated;
}
