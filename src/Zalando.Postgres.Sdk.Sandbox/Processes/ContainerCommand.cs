namespace Zalando.Postgres.Sdk.Sandbox.Processes;

/// <summary>What a container runs.</summary>
internal sealed record ContainerCommand
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>The whole environment of the program: nothing of this process' environment is passed on.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Where it starts.</summary>
    public required string WorkingDirectory { get; init; }
}
