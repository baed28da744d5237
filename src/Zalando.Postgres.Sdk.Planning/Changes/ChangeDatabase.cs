namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Changes a role, a database or something inside one through SQL. The target is the database.</summary>
public sealed record ChangeDatabase : PlannedChange
{
    /// <summary>What to do; executed by the package Database.</summary>
    public required DatabaseChange Change { get; init; }
}
