namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Steps of an in-place major version upgrade.</summary>
public enum UpgradeStep
{
    /// <summary>Look in the primary whether an upgrade can work: programs of both versions, the script, free space. Nothing is changed.</summary>
    Check,

    /// <summary>Start the script, in the background of the pod.</summary>
    Start,

    /// <summary>Look how far the script is.</summary>
    Watch,
}
