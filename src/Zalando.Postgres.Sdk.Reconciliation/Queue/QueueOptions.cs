namespace Zalando.Postgres.Sdk.Reconciliation.Queue;

/// <summary>How long a failing cluster waits.</summary>
public sealed record QueueOptions
{
    /// <summary>Pause after the first failure; doubles with each further one. <value>500 milliseconds</value></summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause. <value>5 minutes</value></summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much of a pause is random, from 0 to 1, so that clusters that failed together do not come back together. <value>0.5</value></summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>A change of an observed object cuts the pause of a failing cluster down to this: what it waits for may be there now, but its own
    /// writes must not make it spin. <value>10 seconds</value></summary>
    public TimeSpan PauseAfterObservedChange { get; init; } = TimeSpan.FromSeconds(10);
}
