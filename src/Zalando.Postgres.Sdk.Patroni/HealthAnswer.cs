namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Answer of a health path.</summary>
/// <param name="IsTrue">Whether the member is what was asked.</param>
/// <param name="Status">Its status document; null where Patroni sends none.</param>
public sealed record HealthAnswer(bool IsTrue, PatroniStatus? Status);
