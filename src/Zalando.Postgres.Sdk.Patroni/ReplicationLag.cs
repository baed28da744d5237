namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>How far a member is behind its leader.</summary>
/// <param name="Bytes">Bytes of WAL; null when the member published no position (Patroni writes <c>unknown</c>).</param>
public readonly record struct ReplicationLag(long? Bytes)
{
    /// <summary>The lag is not known. It is never to be taken as 0.</summary>
    public static ReplicationLag Unknown { get; } = new(null);

    /// <summary>Whether it is known.</summary>
    public bool IsKnown => Bytes is not null;

    /// <summary>Whether it is known and not larger.</summary>
    /// <param name="bytes">The limit in bytes.</param>
    public bool IsAtMost(long bytes) => Bytes <= bytes;

    /// <summary><c>1024 bytes</c> or <c>unknown</c>.</summary>
    public override string ToString() => Bytes is { } bytes ? $"{bytes} bytes" : "unknown";
}
