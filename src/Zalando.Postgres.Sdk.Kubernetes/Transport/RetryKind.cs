namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Which failures of a call may be answered by trying again.</summary>
internal enum RetryKind
{
    /// <summary>None: the refusal is the answer (an eviction that a disruption budget forbids).</summary>
    Never,

    /// <summary>Those after which the server surely has not done it: no connection was made, or it asked to come back later.</summary>
    IfNotDone,

    /// <summary>All that may pass: doing it twice is the same as doing it once.</summary>
    Idempotent,
}
