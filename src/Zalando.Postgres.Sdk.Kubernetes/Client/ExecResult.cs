namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>What a command in a container answered.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">What it wrote to standard output, as UTF-8; empty when it went to <see cref="ExecOptions.Output"/>.</param>
/// <param name="ErrorOutput">What it wrote to standard error; empty when it went to <see cref="ExecOptions.ErrorOutput"/>.</param>
public sealed record ExecResult(int ExitCode, string Output, string ErrorOutput);
