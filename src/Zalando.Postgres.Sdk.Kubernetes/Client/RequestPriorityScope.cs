namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>Sets the priority of all requests that the current asynchronous flow makes until it is disposed.</summary>
/// <example><code>using (RequestPriorityScope.Enter(RequestPriority.High)) await client.PatchAsync(...);</code></example>
public readonly struct RequestPriorityScope : IDisposable, IEquatable<RequestPriorityScope>
{
    private static readonly AsyncLocal<RequestPriority?> Ambient = new();

    private readonly RequestPriority? _previous;

    private RequestPriorityScope(RequestPriority? previous) => _previous = previous;

    /// <summary>The priority of requests made here. <value><see cref="RequestPriority.Normal"/> outside of any scope</value></summary>
    public static RequestPriority Current => Ambient.Value ?? RequestPriority.Normal;

    /// <summary>Begins a scope.</summary>
    /// <param name="priority">The priority inside it.</param>
    public static RequestPriorityScope Enter(RequestPriority priority)
    {
        var scope = new RequestPriorityScope(Ambient.Value);
        Ambient.Value = priority;
        return scope;
    }

    /// <summary>Ends the scope; the outer priority holds again.</summary>
    public void Dispose() => Ambient.Value = _previous;

    /// <inheritdoc />
    public bool Equals(RequestPriorityScope other) => _previous == other._previous;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is RequestPriorityScope other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _previous.GetHashCode();

    /// <summary>Same outer priority.</summary>
    public static bool operator ==(RequestPriorityScope left, RequestPriorityScope right) => left.Equals(right);

    /// <summary>Different outer priority.</summary>
    public static bool operator !=(RequestPriorityScope left, RequestPriorityScope right) => !left.Equals(right);
}
