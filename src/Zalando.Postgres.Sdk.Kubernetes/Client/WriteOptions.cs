namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>How to write.</summary>
public sealed record WriteOptions
{
    /// <summary>Name under which the server notes who owns which field; null for the client's own.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Check everything and store nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Take fields over from other managers (server-side apply only).</summary>
    public bool Force { get; init; }

    /// <summary>What the server does about unknown and duplicate fields: <c>Strict</c>, <c>Warn</c> or <c>Ignore</c>; null for the server's default.</summary>
    public string? FieldValidation { get; init; }
}
