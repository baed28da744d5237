namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>What a watch reports.</summary>
public enum WatchEventType
{
    /// <summary>The object is new, or was there at the start.</summary>
    Added,

    /// <summary>The object has changed.</summary>
    Modified,

    /// <summary>The object is gone; the event carries its last state.</summary>
    Deleted,

    /// <summary>Nothing changed; the event carries the version to resume from.</summary>
    Bookmark,

    /// <summary>The server ends the watch with a <c>Status</c>, see <see cref="WatchEvent{T}.Error"/>.</summary>
    Error,

    /// <summary>An object arrived that its type cannot hold, see <see cref="WatchEvent{T}.Raw"/> and <see cref="WatchEvent{T}.Error"/>. The stream goes on.</summary>
    Unreadable,
}
