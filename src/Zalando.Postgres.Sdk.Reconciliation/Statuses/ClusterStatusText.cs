namespace Zalando.Postgres.Sdk.Reconciliation.Statuses;

/// <summary>The words of <c>status.PostgresClusterStatus</c>, as fleets and their scripts know them.</summary>
public static class ClusterStatusText
{
    /// <summary>The cluster is made for the first time and is not complete yet.</summary>
    public const string Creating = "Creating";

    /// <summary>A changed manifest is being followed.</summary>
    public const string Updating = "Updating";

    /// <summary>The last operation succeeded.</summary>
    public const string Running = "Running";

    /// <summary>The first creation fails; it is tried again.</summary>
    public const string CreateFailed = "CreateFailed";

    /// <summary>Following a changed manifest fails; it is tried again.</summary>
    public const string UpdateFailed = "UpdateFailed";

    /// <summary>Looking after an unchanged manifest fails; it is tried again.</summary>
    public const string SyncFailed = "SyncFailed";

    /// <summary>The manifest cannot be followed until it is repaired.</summary>
    public const string Invalid = "Invalid";
}
