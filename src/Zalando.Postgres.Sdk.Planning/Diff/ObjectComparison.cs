using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>How a stored object differs from the desired one.</summary>
public sealed record ObjectComparison
{
    /// <summary>No difference.</summary>
    public static ObjectComparison Equal { get; } = new();

    /// <summary>Each difference with what it leads to; empty when the objects mean the same.</summary>
    public IReadOnlyList<ChangeReason> Reasons { get; init; } = [];

    /// <summary>JSON merge patch (RFC 7396) that makes the stored object mean what is desired; empty when they are equal.</summary>
    public JsonObject Patch { get; init; } = [];

    /// <summary>Whether the objects mean the same.</summary>
    public bool AreEqual => Reasons.Count == 0;

    /// <summary>The most expensive consequence.</summary>
    public Consequence Consequence => Reasons.Count == 0 ? Consequence.InPlace : Reasons.Max(r => r.Consequence);

    /// <summary>Whether a field differs that the API server does not allow to change.</summary>
    public bool NeedsReplacement => Reasons.Any(r => r.Consequence == Consequence.Replace);

    /// <summary>Whether database pods have to be made again.</summary>
    public bool NeedsPods => Reasons.Any(r => r.Consequence == Consequence.RecreatePods);
}
