namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>How far a volume is on its way to a <see cref="VolumeTarget"/>.</summary>
public enum VolumeState
{
    /// <summary>It is as wished; a file system on it may grow now.</summary>
    Reached,

    /// <summary>The provider works on it.</summary>
    InProgress,

    /// <summary>The provider takes no change now, for example because it limits the changes of a volume. Nothing was changed.</summary>
    Later,

    /// <summary>It cannot become as wished, however often it is tried. Nothing was changed.</summary>
    Refused,
}
