using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A change of a cluster that cannot be made now.</summary>
public sealed record PendingStatus
{
    /// <summary>What has to be done, for people.</summary>
    [JsonPropertyName("change")]
    public string? Change { get; init; }

    /// <summary>What kind of thing it waits for, one word such as <c>MaintenanceWindow</c>.</summary>
    [JsonPropertyName("waitsFor")]
    public string? WaitsFor { get; init; }

    /// <summary>What it waits for, by name, for people.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; init; }

    /// <summary>What the annotation <c>acid.zalan.do/approved-restart</c> has to be to let it run. Absent: no approval helps.</summary>
    [JsonPropertyName("approval")]
    public string? Approval { get; init; }

    /// <summary>When the wait ends by itself. Absent: it ends with an event.</summary>
    [JsonPropertyName("until")]
    public Time? Until { get; init; }
}
