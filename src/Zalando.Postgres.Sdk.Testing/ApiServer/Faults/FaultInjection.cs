namespace Zalando.Postgres.Sdk.Testing.ApiServer.Faults;

/// <summary>Makes the server misbehave.</summary>
public sealed class FaultInjection
{
    private readonly Action _compact;
    private readonly Func<string?, int> _cut;

    internal FaultInjection(Action compact, Func<string?, int> cut)
    {
        _compact = compact;
        _cut = cut;
    }

    /// <summary>Forgets all changes so far: a watch or list that asks for an older version is told 410.</summary>
    public void CompactHistory() => _compact();

    /// <summary>Closes open watches, as a proxy or a restart would.</summary>
    /// <param name="resource">Only those of this resource, for example <c>pods</c>; null for all.</param>
    /// <returns>How many were closed.</returns>
    public int CutWatches(string? resource = null) => _cut(resource);
}
