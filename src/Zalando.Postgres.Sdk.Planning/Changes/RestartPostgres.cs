namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Restarts PostgreSQL of one member through Patroni (<c>POST /restart</c>); its pod stays. The target is the pod.</summary>
public sealed record RestartPostgres : PlannedChange
{
    /// <summary>Whether the member is the primary.</summary>
    public bool IsPrimary { get; init; }

    /// <summary>Restart only when PostgreSQL says that one is pending.</summary>
    /// <value>Default: true.</value>
    public bool OnlyIfPending { get; init; } = true;
}
