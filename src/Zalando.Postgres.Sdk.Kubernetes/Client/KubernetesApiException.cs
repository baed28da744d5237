using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>The API server refused or failed a request, or did not answer. The message holds the server's own words.</summary>
public sealed class KubernetesApiException : Exception
{
    /// <summary>A failure that the server reported.</summary>
    /// <param name="statusCode">HTTP status code.</param>
    /// <param name="status">The server's <c>Status</c>; null when the body was something else.</param>
    /// <param name="message">What was asked and what the server answered.</param>
    /// <param name="retryAfter">How long the server asks to wait.</param>
    /// <param name="innerException">The cause, if any.</param>
    public KubernetesApiException(int statusCode, Status? status, string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
        Status = status;
        RetryAfter = retryAfter;
    }

    /// <summary>HTTP status code, or the code inside an <c>ERROR</c> event; 0 when no answer came (no connection, connection lost, deadline passed).</summary>
    public int StatusCode { get; }

    /// <summary>The server's <c>Status</c>, if it sent one.</summary>
    public Status? Status { get; }

    /// <summary>The server's reason, for example <c>AlreadyExists</c>; null when it gave none.</summary>
    public string? Reason => Status?.Reason;

    /// <summary>How long the server asks to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The object changed in between, or exists already (409).</summary>
    public bool IsConflict => StatusCode == 409;

    /// <summary>There is an object of that name already.</summary>
    public bool IsAlreadyExists => StatusCode == 409 && Reason == "AlreadyExists";

    /// <summary>There is no such object or resource (404).</summary>
    public bool IsNotFound => StatusCode == 404;

    /// <summary>The asked version is too old: list again (410).</summary>
    public bool IsGone => StatusCode == 410;

    /// <summary>No answer came: no connection, connection lost, or deadline passed. A write may or may not have happened.</summary>
    public bool IsUnanswered => StatusCode == 0;

    /// <summary>The same call may succeed later: no answer, 429, 500, 502, 503, 504.</summary>
    public bool IsTransient => StatusCode is 0 or 429 or 500 or 502 or 503 or 504;
}
