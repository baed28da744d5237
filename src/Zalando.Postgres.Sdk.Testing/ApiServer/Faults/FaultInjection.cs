namespace Zalando.Postgres.Sdk.Testing.ApiServer.Faults;

/// <summary>Makes the server misbehave over HTTP. Controllers inside the server are not touched. Safe to use from any thread.</summary>
public sealed class FaultInjection
{
    private readonly Action _compact;
    private readonly Func<string?, int> _cut;
    private readonly Lock _lock = new();
    private readonly List<(InjectedFault Fault, int Left)> _faults = [];

    internal FaultInjection(Action compact, Func<string?, int> cut)
    {
        _compact = compact;
        _cut = cut;
    }

    /// <summary>How many faults have hit a request so far.</summary>
    public int Hits { get; private set; }

    /// <summary>Lets the next requests with a method on a resource fail.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="resource">Resource, for example <c>statefulsets</c>.</param>
    /// <param name="code">HTTP status code to answer with.</param>
    /// <param name="count">How many requests.</param>
    public void FailNext(HttpMethod method, string resource, int code, int count = 1)
    {
        ArgumentNullException.ThrowIfNull(method);
        Add(new InjectedFault { Method = method.Method, Resource = resource, Code = code, Count = count });
    }

    /// <summary>Lets the next requests with a Kubernetes verb on a resource wait.</summary>
    /// <param name="verb">Verb, for example <c>list</c>.</param>
    /// <param name="resource">Resource, for example <c>pods</c>.</param>
    /// <param name="delay">How long, on the server's clock.</param>
    /// <param name="count">How many requests.</param>
    public void DelayNext(string verb, string resource, TimeSpan delay, int count = 1) => Add(new InjectedFault { Verb = verb, Resource = resource, Delay = delay, Count = count });

    /// <summary>Adds a fault. Faults are tried in the order they were added; one request meets at most one.</summary>
    /// <param name="fault">Which requests, and what happens to them.</param>
    public void Add(InjectedFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_lock) _faults.Add((fault, fault.Count));
    }

    /// <summary>Forgets the faults that have not hit yet.</summary>
    public void Clear()
    {
        lock (_lock) _faults.Clear();
    }

    /// <summary>Forgets all changes so far: a watch or list that asks for an older version is told 410.</summary>
    public void CompactHistory() => _compact();

    /// <summary>Closes open watches, as a proxy or a restart would.</summary>
    /// <param name="resource">Only those of this resource, for example <c>pods</c>; null for all.</param>
    /// <returns>How many were closed.</returns>
    public int CutWatches(string? resource = null) => _cut(resource);

    internal InjectedFault? Take(LoggedRequest request)
    {
        lock (_lock)
        {
            for (var i = 0; i < _faults.Count; i++)
            {
                var (fault, left) = _faults[i];
                if (!Matches(fault, request)) continue;
                if (left <= 1) _faults.RemoveAt(i);
                else _faults[i] = (fault, left - 1);
                Hits++;
                return fault;
            }
        }

        return null;
    }

    private static bool Matches(InjectedFault fault, LoggedRequest request) =>
        (fault.Method is null || string.Equals(fault.Method, request.Method, StringComparison.OrdinalIgnoreCase))
        && (fault.Verb is null || fault.Verb == request.Verb)
        && (fault.Group is null || fault.Group == request.Group)
        && (fault.Resource is null || fault.Resource == request.Resource)
        && (fault.Namespace is null || fault.Namespace == request.Namespace)
        && (fault.Name is null || fault.Name == request.Name);
}
