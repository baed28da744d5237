namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>What to watch, and from where.</summary>
public sealed record WatchOptions
{
    /// <summary>Label selector; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>The version after which events are wanted; null for the state of now, sent as additions.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Whether the server may send bookmarks. <value>true</value></summary>
    public bool AllowBookmarks { get; init; } = true;

    /// <summary>After how long the server ends the watch; null for the client's default (between 5 and 10 minutes, spread at random).</summary>
    public TimeSpan? Timeout { get; init; }
}
