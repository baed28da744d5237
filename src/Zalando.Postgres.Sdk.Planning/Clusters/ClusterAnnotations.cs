namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Annotations of a <c>postgresql</c> object that ask the operator for something, or in which it keeps what it is doing.</summary>
public static class ClusterAnnotations
{
    /// <summary>Asks for a switchover: a member's name or <c>any</c>, optionally followed by <c>@</c> and a time (RFC 3339). The operator removes it when it is done.</summary>
    public const string Switchover = "acid.zalan.do/switchover";

    /// <summary>Names of the permanent replication slots that the operator has given to Patroni, so that it takes back only those.</summary>
    public const string ManagedSlots = "acid.zalan.do/managed-slots";

    /// <summary>Names of the PostgreSQL parameters, and with <c>patroni.</c> before them of Patroni's own settings, that the operator has given to Patroni from the manifest, so that it takes back only those.</summary>
    public const string ManagedParameters = "acid.zalan.do/managed-parameters";

    /// <summary>Settings that must become smaller on the primary before the replicas, while a restart for them is pending under a Patroni that does not name them.</summary>
    public const string LoweredParameters = "acid.zalan.do/lowered-parameters";

    /// <summary>The in-place major version upgrade that is under way, as <c>from-to/attempt</c>.</summary>
    public const string MajorUpgrade = "acid.zalan.do/major-upgrade";

    /// <summary>When the last in-place major version upgrade succeeded.</summary>
    public const string LastMajorUpgradeSuccess = "last-major-upgrade-success";

    /// <summary>When the last in-place major version upgrade failed. While it is there none is tried; remove it to try again.</summary>
    public const string LastMajorUpgradeFailure = "last-major-upgrade-failure";

    /// <summary>Why the last in-place major version upgrade failed, in the script's own words.</summary>
    public const string LastMajorUpgradeMessage = "acid.zalan.do/last-major-upgrade-message";
}
