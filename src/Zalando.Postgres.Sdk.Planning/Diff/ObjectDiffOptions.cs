namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a comparison has to know beside the two objects.</summary>
public sealed record ObjectDiffOptions
{
    /// <summary>Nothing special: only keys of the desired object are owned.</summary>
    public static ObjectDiffOptions Default { get; } = new();

    /// <summary>Keys of labels that the operator may have written before: they are removed when they are no longer desired.</summary>
    public IReadOnlyCollection<string> OwnedLabels { get; init; } = [];

    /// <summary>Keys of annotations that the operator may have written before.</summary>
    public IReadOnlyCollection<string> OwnedAnnotations { get; init; } = [];

    /// <summary>Keys of annotations that are never compared, even when they are desired.</summary>
    public IReadOnlyCollection<string> IgnoredAnnotations { get; init; } = [];

    /// <summary>Whether all annotations of a pod template are the operator's, except those of Kubernetes itself: then one that is no longer desired is removed.</summary>
    public bool OwnsTemplateAnnotations { get; init; }

    /// <summary>Whether a new image of database pods waits for the next restart that happens anyway.</summary>
    public bool LazyImages { get; init; }

    /// <summary>Name of the Secret with the superuser's password. A container of the pod template that is not desired and does not refer to it
    /// was never the operator's: something else injected it, and it stays. Null: every container is the operator's.</summary>
    public string? OwnContainersUseSecret { get; init; }
}
