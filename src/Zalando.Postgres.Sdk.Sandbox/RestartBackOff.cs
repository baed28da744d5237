namespace Zalando.Postgres.Sdk.Sandbox;

/// <summary>How long a container that ended waits for its next start: the wait doubles with each crash.</summary>
public sealed record RestartBackOff
{
    /// <summary>Wait after the first crash. Longer than Patroni's <c>ttl</c>, so that a killed primary is replaced instead of coming back as primary.</summary>
    /// <value>Default 15 s (the kubelet restarts at once the first time and then after 10 s).</value>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait.</summary>
    /// <value>Default 5 min, as the kubelet.</value>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After so long a run the wait starts again from <see cref="First"/>.</summary>
    /// <value>Default 10 min, as the kubelet.</value>
    public TimeSpan ForgottenAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The wait after a number of crashes in a row.</summary>
    /// <param name="crashes">1 for the first.</param>
    public TimeSpan Wait(int crashes)
    {
        var wait = First;
        for (var i = 1; i < crashes && wait < Longest; i++) wait *= 2;
        return wait < Longest ? wait : Longest;
    }
}
