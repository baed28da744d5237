namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>How to delete.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public string? PropagationPolicy { get; init; }

    public bool? OrphanDependents { get; init; }

    public bool DryRun { get; init; }
}
