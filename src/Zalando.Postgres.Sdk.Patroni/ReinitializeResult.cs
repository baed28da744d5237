namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Answer to a reinitialisation.</summary>
/// <param name="Started">Whether it runs now; otherwise nothing happened.</param>
/// <param name="Text">Patroni's own words.</param>
public sealed record ReinitializeResult(bool Started, string Text);
