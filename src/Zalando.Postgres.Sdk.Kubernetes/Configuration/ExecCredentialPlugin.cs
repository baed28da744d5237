namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>A program that prints credentials, as a kubeconfig names it under <c>users[].user.exec</c>.</summary>
internal sealed record ExecCredentialPlugin
{
    public required string ApiVersion { get; init; }

    public required string Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What a person should do when the program is missing.</summary>
    public string? InstallHint { get; init; }

    /// <summary>JSON of the cluster for the program's <c>KUBERNETES_EXEC_INFO</c>; null when it is not wanted.</summary>
    public string? ClusterInfo { get; init; }

    public string? WorkingDirectory { get; init; }
}
