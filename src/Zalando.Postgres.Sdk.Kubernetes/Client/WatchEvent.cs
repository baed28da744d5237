using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>One event of a watch.</summary>
/// <typeparam name="T">A kind, or JSON.</typeparam>
public sealed record WatchEvent<T>
    where T : class
{
    /// <summary>What happened.</summary>
    public required WatchEventType Type { get; init; }

    /// <summary>The object; null for bookmarks, errors and unreadable objects.</summary>
    public T? Object { get; init; }

    /// <summary>The version of the event, to resume from; null when it has none.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>What went wrong, for <see cref="WatchEventType.Error"/> and <see cref="WatchEventType.Unreadable"/>.</summary>
    public KubernetesApiException? Error { get; init; }

    /// <summary>The JSON of an unreadable object (metadata at least), so that its name can be told.</summary>
    public JsonObject? Raw { get; init; }

    /// <summary>What the server called the event of an unreadable object: added, modified or deleted; null for all other events, and when that could not be read either.</summary>
    public WatchEventType? ReportedType { get; init; }
}
