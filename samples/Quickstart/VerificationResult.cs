namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>Where the cluster was reached, and as whom. Holds no password.</summary>
internal sealed record VerificationResult(string PrimaryAddress, string? ReplicaAddress, string User, string Database, string SecretName, string AuthorityFile);
