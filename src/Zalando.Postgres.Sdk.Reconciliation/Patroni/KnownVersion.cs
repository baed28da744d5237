namespace Zalando.Postgres.Sdk.Reconciliation.Patroni;

/// <summary>The version of PostgreSQL that a pod was seen to run.</summary>
/// <param name="Identity">The uid of the pod.</param>
/// <param name="Version">The version as a number, for example 170004.</param>
internal sealed record KnownVersion(string Identity, int Version);
