using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>A request that the server answers with a <c>Status</c>.</summary>
public sealed class ApiStatusException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="code">HTTP status code.</param>
    /// <param name="reason">Machine-readable reason, for example <c>NotFound</c>; empty for none.</param>
    /// <param name="message">What a client is told.</param>
    /// <param name="details">The <c>details</c> of the Status; null for none.</param>
    public ApiStatusException(int code, string reason, string message, JsonObject? details = null)
        : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    /// <summary>HTTP status code.</summary>
    public int Code { get; }

    /// <summary>Machine-readable reason.</summary>
    public string Reason { get; }

    /// <summary>Name, group, kind, causes; null for none.</summary>
    public JsonObject? Details { get; }

    /// <summary>The same refusal with other details.</summary>
    /// <param name="details">Its <c>details</c>.</param>
    public ApiStatusException WithDetails(JsonObject details) => new(Code, Reason, Message, details);
}
