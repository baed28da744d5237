using System.Net;

namespace Zalando.Postgres.Sdk.Teams;

/// <summary>A team directory that gave no usable answer. Never holds the token.</summary>
public sealed class TeamDirectoryException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public TeamDirectoryException()
        : this("The team directory gave no usable answer.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What happened, in the directory's own words.</param>
    public TeamDirectoryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    /// <param name="message">What happened, in the directory's own words.</param>
    /// <param name="innerException">The cause.</param>
    public TeamDirectoryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Status code of the answer; null without one.</summary>
    public HttpStatusCode? Status { get; init; }
}
