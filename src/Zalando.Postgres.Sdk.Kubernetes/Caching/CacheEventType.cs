namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>What a cache reports to its subscribers.</summary>
public enum CacheEventType
{
    /// <summary>The object is new to the subscriber.</summary>
    Added,

    /// <summary>The object has changed since the subscriber last heard of it.</summary>
    Modified,

    /// <summary>The object is gone.</summary>
    Deleted,

    /// <summary>The subscriber has heard of all objects that were there at the start. Comes once.</summary>
    InitialListComplete,

    /// <summary>The object is there, but its type cannot hold it; the cache keeps the last state it could read.</summary>
    Unreadable,
}
