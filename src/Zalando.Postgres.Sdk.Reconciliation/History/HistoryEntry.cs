using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Reconciliation.History;

/// <summary>One change of a cluster and why it was made. Never a secret.</summary>
public sealed record HistoryEntry
{
    /// <summary>When it was decided, in UTC.</summary>
    [JsonPropertyName("time")]
    public required DateTimeOffset Time { get; init; }

    /// <summary>What was done, for people: <c>make pod default/acid-0 again</c>.</summary>
    [JsonPropertyName("change")]
    public required string Change { get; init; }

    /// <summary>Why: fields with old and new values, or sentences.</summary>
    [JsonPropertyName("causes")]
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>What users of the database noticed, one word such as <c>Switchover</c>; null for nothing.</summary>
    [JsonPropertyName("disruption")]
    public string? Disruption { get; init; }

    /// <summary>Generation of the manifest that was followed; null when not known.</summary>
    [JsonPropertyName("generation")]
    public long? Generation { get; init; }

    /// <summary>Why it failed, in the words of whoever refused; null when it did not.</summary>
    [JsonPropertyName("failure")]
    public string? Failure { get; init; }

    /// <summary>Identity of the object that was touched, so that the same pod is not told twice; null when it does not matter.</summary>
    [JsonPropertyName("uid")]
    public string? Uid { get; init; }
}
