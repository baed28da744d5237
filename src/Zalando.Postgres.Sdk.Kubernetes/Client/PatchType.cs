namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>The forms of a patch.</summary>
public enum PatchType
{
    /// <summary>JSON merge patch (RFC 7386): null deletes, lists are replaced.</summary>
    Merge,

    /// <summary>JSON patch (RFC 6902): a list of operations.</summary>
    Json,

    /// <summary>Strategic merge patch: lists merge by key. Not for custom kinds.</summary>
    StrategicMerge,

    /// <summary>Server-side apply: the complete set of fields that the field manager wants.</summary>
    Apply,
}
