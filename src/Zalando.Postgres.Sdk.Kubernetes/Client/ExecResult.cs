namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>What a command in a container answered.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">What it wrote to standard output, as UTF-8.</param>
/// <param name="ErrorOutput">What it wrote to standard error.</param>
public sealed record ExecResult(int ExitCode, string Output, string ErrorOutput);
