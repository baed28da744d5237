using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A restart of a member that the operator caused.</summary>
public sealed record RestartStatus
{
    /// <summary>Name of the member, which is that of its pod; after a switchover the former primary.</summary>
    [JsonPropertyName("member")]
    public string? Member { get; init; }

    /// <summary>When.</summary>
    [JsonPropertyName("time")]
    public Time? Time { get; init; }

    /// <summary>What was done and why, for people.</summary>
    [JsonPropertyName("cause")]
    public string? Cause { get; init; }
}
