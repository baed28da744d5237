using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>One call, before it is sent.</summary>
internal sealed record ApiRequest
{
    /// <summary>The verb in the server's words: <c>get</c>, <c>list</c>, <c>patch</c>, ...</summary>
    public required string Verb { get; init; }

    public required HttpMethod Method { get; init; }

    public required KubernetesKind Kind { get; init; }

    /// <summary>Path below the server's address.</summary>
    public required string Path { get; init; }

    /// <summary>Query without the question mark; empty for none.</summary>
    public string Query { get; init; } = "";

    public ReadOnlyMemory<byte>? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public string Accept { get; init; } = "application/json";

    public required RetryKind Retry { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Whether "there is no such object" is an answer and not an error.</summary>
    public bool MayBeMissing { get; init; }

    public required int MaximumAnswer { get; init; }

    public override string ToString() => $"{Method} {Path}";
}
