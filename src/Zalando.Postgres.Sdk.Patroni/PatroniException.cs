using System.Net;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A call to Patroni that gave no usable answer.</summary>
public sealed class PatroniException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public PatroniException()
        : this("Patroni gave no usable answer.")
    {
    }

    /// <summary>Makes an exception with a message only.</summary>
    /// <param name="message">What happened.</param>
    public PatroniException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause only.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public PatroniException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="failure">The kind of failure.</param>
    /// <param name="call">Method and path.</param>
    /// <param name="member">Address of the member.</param>
    /// <param name="status">Status code; null without an answer.</param>
    /// <param name="text">Patroni's own words, or those of the transport.</param>
    /// <param name="innerException">The cause.</param>
    public PatroniException(PatroniFailure failure, string call, Uri member, HttpStatusCode? status, string text, Exception? innerException = null)
        : base($"{call} at {member}: {(status is { } code ? $"{(int)code} " : "")}{text}", innerException)
    {
        Failure = failure;
        Member = member;
        Status = status;
        Text = text;
    }

    /// <summary>The kind of failure.</summary>
    public PatroniFailure Failure { get; }

    /// <summary>Address of the member; null when not given.</summary>
    public Uri? Member { get; }

    /// <summary>Status code; null without an answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>Patroni's own words, or those of the transport.</summary>
    public string Text { get; } = "";
}
