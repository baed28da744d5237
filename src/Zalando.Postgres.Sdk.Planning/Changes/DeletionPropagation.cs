namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a deletion does to the objects that the deleted one owns. The names are those of the Kubernetes API.</summary>
public enum DeletionPropagation
{
    /// <summary>They are collected afterwards.</summary>
    Background,

    /// <summary>They are deleted first.</summary>
    Foreground,

    /// <summary>They stay and lose their owner.</summary>
    Orphan,
}
