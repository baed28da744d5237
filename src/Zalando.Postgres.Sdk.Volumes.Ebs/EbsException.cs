using System.Net;

namespace Zalando.Postgres.Sdk.Volumes.Ebs;

/// <summary>A call to Amazon that did not go through, in Amazon's words. Never holds a key or a token.</summary>
public sealed class EbsException : Exception
{
    /// <summary>Makes an exception without details.</summary>
    public EbsException()
        : this("A call to Amazon did not go through.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public EbsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public EbsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Amazon's code of the error, for example <c>UnauthorizedOperation</c>; null without one.</summary>
    public string? Code { get; init; }

    /// <summary>Status code of the answer; null without one.</summary>
    public HttpStatusCode? Status { get; init; }
}
