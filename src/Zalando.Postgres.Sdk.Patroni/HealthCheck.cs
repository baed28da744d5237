namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A question to a member's health paths.</summary>
/// <param name="Path">The path, for example <c>/primary</c>, with its query if it has one.</param>
public sealed record HealthCheck(string Path)
{
    /// <summary>Holds the leader lock and takes writes.</summary>
    public static HealthCheck Primary { get; } = new("/primary");

    /// <summary>Holds the leader lock, of a standby cluster too.</summary>
    public static HealthCheck Leader { get; } = new("/leader");

    /// <summary>Leads a standby cluster.</summary>
    public static HealthCheck StandbyLeader { get; } = new("/standby-leader");

    /// <summary>Is a running replica that may take load.</summary>
    public static HealthCheck Replica { get; } = new("/replica");

    /// <summary>May answer queries: a replica or the primary.</summary>
    public static HealthCheck ReadOnly { get; } = new("/read-only");

    /// <summary>Is a replica that commits wait for.</summary>
    public static HealthCheck Synchronous { get; } = new("/synchronous");

    /// <summary>Is a replica that commits do not wait for.</summary>
    public static HealthCheck Asynchronous { get; } = new("/asynchronous");

    /// <summary>Is a replica in the quorum (Patroni 4).</summary>
    public static HealthCheck Quorum { get; } = new("/quorum");

    /// <summary>May answer queries that see every commit: the primary, or a replica that commits wait for (Patroni 2.1.4).</summary>
    public static HealthCheck ReadOnlySynchronous { get; } = new("/read-only-sync");

    /// <summary>May answer queries: the primary, or a replica in the quorum (Patroni 4).</summary>
    public static HealthCheck ReadOnlyQuorum { get; } = new("/read-only-quorum");

    /// <summary>PostgreSQL runs.</summary>
    public static HealthCheck Running { get; } = new("/health");

    /// <summary>Patroni's own loop is alive. Answers without a body.</summary>
    public static HealthCheck Liveness { get; } = new("/liveness");

    /// <summary>The pod may take traffic; stricter since Patroni 4.1. Answers without a body.</summary>
    public static HealthCheck Readiness { get; } = new("/readiness");

    /// <summary>The same question for members that lag at most so much.</summary>
    /// <param name="bytes">Bytes of WAL.</param>
    public HealthCheck WithMaximumLag(long bytes) => With("lag", bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The same question by what a replica has received, not by what it has replayed (<see cref="Readiness"/> since Patroni 4.1; others ignore it).</summary>
    public HealthCheck ByReceivedPosition() => With("mode", "write");

    /// <summary>The same question for members with a tag.</summary>
    /// <param name="tag">Name of the tag.</param>
    /// <param name="value">Its value as text; booleans in lower case.</param>
    public HealthCheck WithTag(string tag, string value) => With("tag_" + tag, value);

    private HealthCheck With(string key, string value) => new($"{Path}{(Path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Uri.EscapeDataString(key)}={Uri.EscapeDataString(value)}");
}
