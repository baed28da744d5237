namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A setting whose new value waits for a restart.</summary>
/// <param name="OldValue">The value in effect, as text.</param>
/// <param name="NewValue">The value after the restart, as text.</param>
public sealed record PendingSetting(string? OldValue, string? NewValue);
