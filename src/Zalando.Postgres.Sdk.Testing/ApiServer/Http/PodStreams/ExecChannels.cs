using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>The streams between a client and a command in a container, whatever protocol carries them.</summary>
internal abstract class ExecChannels : IAsyncDisposable
{
    /// <summary>What the client types; null when it sends nothing.</summary>
    public abstract Stream? Input { get; }

    /// <summary>Where output goes; null when nobody reads it.</summary>
    public abstract Stream? Output { get; }

    /// <summary>Where error output goes; null when nobody reads it.</summary>
    public abstract Stream? Error { get; }

    /// <summary>Signalled when the client has gone.</summary>
    public abstract CancellationToken Gone { get; }

    /// <summary>Tells the client how the command ended, and waits until it has closed.</summary>
    public abstract Task FinishAsync(JsonObject status);

    public abstract ValueTask DisposeAsync();
}
