namespace Zalando.Postgres.Sdk.Testing.ApiServer.Faults;

/// <summary>What goes wrong with the next requests that match.</summary>
public sealed record InjectedFault
{
    /// <summary>HTTP method, for example <c>PATCH</c>; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>Kubernetes verb, for example <c>list</c>; null for any.</summary>
    public string? Verb { get; init; }

    /// <summary>API group, for example <c>apps</c>, and empty for the core group; null for any.</summary>
    public string? Group { get; init; }

    /// <summary>Resource, for example <c>statefulsets</c> or <c>pods/status</c>; null for any.</summary>
    public string? Resource { get; init; }

    /// <summary>Namespace; null for any.</summary>
    public string? Namespace { get; init; }

    /// <summary>Object name; null for any.</summary>
    public string? Name { get; init; }

    /// <summary>How many requests are hit.</summary>
    /// <value>Default: 1.</value>
    public int Count { get; init; } = 1;

    /// <summary>HTTP status code to answer with; null to let the request through (after <see cref="Delay"/>).</summary>
    public int? Code { get; init; }

    /// <summary>What the client is told; null for a text that names the code.</summary>
    public string? Message { get; init; }

    /// <summary>Seconds for the <c>Retry-After</c> header; null for none.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>How long to wait first, on the server's clock.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether the refusal is a page of HTML, as a proxy in between sends it (502 unless <see cref="Code"/> says otherwise).</summary>
    public bool Html { get; init; }

    /// <summary>The connection is dropped after so many bytes of the answer's body (also in the middle of a watch); null for not at all. The request is carried out.</summary>
    public long? DropAfterBytes { get; init; }

    /// <summary>How long to wait after every 64 bytes of the answer's body, on the server's clock.</summary>
    /// <value>Default: no pause.</value>
    public TimeSpan PausePerPiece { get; init; }

    /// <summary>Whether the request is carried out and only its answer is lost: the connection is cut.</summary>
    public bool LoseAnswer { get; init; }
}
