namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>Which requests go first when the client's slots are busy.</summary>
public enum RequestPriority
{
    /// <summary>Work nobody waits for: first lists of caches, relists, sweeps. Uses a small part of the slots.</summary>
    Background,

    /// <summary>The usual.</summary>
    Normal,

    /// <summary>A person or a deadline waits: edits of users, lease renewals. Always finds a slot that the others cannot use.</summary>
    High,
}
