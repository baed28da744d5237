namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A change that has to be made but cannot be made now.</summary>
public sealed record PendingChange
{
    /// <summary>The change.</summary>
    public required PlannedChange Change { get; init; }

    /// <summary>What kind of thing it waits for.</summary>
    public required WaitReason WaitsFor { get; init; }

    /// <summary>One sentence for people: what it waits for, by name.</summary>
    public required string Explanation { get; init; }

    /// <summary>When the wait ends by itself; null when it ends with an event.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The value that the annotation <see cref="RestartAnnotations.Approval"/> needs so that the change may run; null where no approval helps.
    /// It stays the same until something else would be restarted for.</summary>
    public string? Approval { get; init; }
}
