namespace Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

/// <summary>The latest change of a volume.</summary>
internal sealed record EbsModification(string State, string? Words, int Progress, DateTimeOffset? Start);
