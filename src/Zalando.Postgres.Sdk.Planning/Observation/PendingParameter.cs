namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A parameter that waits for a restart, as Patroni shows it in <c>pending_restart_reason</c>.</summary>
/// <param name="Old">The value PostgreSQL runs with.</param>
/// <param name="New">The value it will have after a restart.</param>
public readonly record struct PendingParameter(string Old, string New);
