using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>Lets a fifth of all calls of operators fail that are started from now on, and a twentieth of all events of their watches break the watch.</summary>
internal sealed class RandomFaults
{
    private readonly Lock _gate = new();
    private readonly Random _random;

    public RandomFaults(OperatorWorld world, int seed)
    {
        _random = new Random(seed);
        world.Fault = NextOfCall;
        world.WatchFault = NextOfWatch;
    }

    /// <summary>How many calls have failed.</summary>
    public int Count { get; private set; }

    private (Exception Failure, bool Happens)? NextOfCall()
    {
        lock (_gate)
        {
            if (_random.NextDouble() >= 0.2) return null;
            Count++;
            // A lost answer leaves it open whether the server did what was asked.
            var happens = _random.NextDouble() < 0.5;
            return _random.Next(4) switch
            {
                0 => (Failure(409, "Conflict"), false),
                1 => (Failure(429, "TooManyRequests"), false),
                2 => (Failure(500, "InternalError"), happens),
                _ => (Failure(0, null), happens),
            };
        }
    }

    private KubernetesApiException? NextOfWatch()
    {
        lock (_gate) return _random.NextDouble() < 0.05 ? Failure(_random.Next(2) == 0 ? 410 : 503, "Expired") : null;
    }

    private static KubernetesApiException Failure(int code, string? reason) =>
        new(code, reason is null ? null : new Status { Reason = reason }, code == 0 ? "no answer" : $"{code} {reason}");
}
