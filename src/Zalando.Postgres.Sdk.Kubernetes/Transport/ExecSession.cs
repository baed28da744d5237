using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Runs one command over an open web socket: the first byte of each message says which stream it belongs to.</summary>
internal sealed class ExecSession(ClientWebSocket socket, ExecOptions options, string asked)
{
    private const string Version5 = "v5.channel.k8s.io";
    private const string Version4 = "v4.channel.k8s.io";
    private const byte InputChannel = 0;
    private const byte OutputChannel = 1;
    private const byte ErrorChannel = 2;
    private const byte StatusChannel = 3;
    private const byte CloseChannel = 255;
    private const int ChunkSize = 32 * 1024;

    private readonly BoundedOutput _output = new(options.MaximumOutput);
    private readonly BoundedOutput _errors = new(options.MaximumOutput);
    private readonly BoundedOutput _status = new(1024 * 1024);

    /// <summary>In order of preference. Only the first can say that the input ends.</summary>
    public static IReadOnlyList<string> Protocols { get; } = [Version5, Version4];

    public async Task<ExecResult> RunAsync(CancellationToken cancellationToken)
    {
        if (socket.SubProtocol is not (Version5 or Version4))
            throw new KubernetesApiException(0, null, $"{asked}: the server chose the protocol {socket.SubProtocol ?? "(none)"}; {Version5} or {Version4} are needed");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = options.Input is { } input ? SendAsync(input, ended.Token) : Task.CompletedTask;
        try
        {
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException exception)
        {
            throw ApiFailure.Unanswered(asked, exception);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            // A command may end without reading all its input; that is its right.
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Result();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            byte? channel = null;
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close) return;
                var bytes = buffer.AsMemory(0, received.Count);
                if (channel is null && bytes.Length > 0)
                {
                    channel = bytes.Span[0];
                    bytes = bytes[1..];
                }

                switch (channel)
                {
                    case OutputChannel:
                        await TakeAsync(bytes, options.Output, _output, cancellationToken).ConfigureAwait(false);
                        break;
                    case ErrorChannel:
                        await TakeAsync(bytes, options.ErrorOutput, _errors, cancellationToken).ConfigureAwait(false);
                        break;
                    case StatusChannel:
                        _status.Add(bytes.Span);
                        // The status is the last word; some servers never close.
                        if (received.EndOfMessage) return;
                        break;
                }

                if (received.EndOfMessage) channel = null;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    // A slow stream of the caller slows the command down, and nothing piles up here.
    private static ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, Stream? stream, BoundedOutput collected, CancellationToken cancellationToken)
    {
        if (stream is not null) return bytes.Length > 0 ? stream.WriteAsync(bytes, cancellationToken) : ValueTask.CompletedTask;
        collected.Add(bytes.Span);
        return ValueTask.CompletedTask;
    }

    private async Task SendAsync(Stream input, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            buffer[0] = InputChannel;
            while (true)
            {
                var read = await input.ReadAsync(buffer.AsMemory(1), cancellationToken).ConfigureAwait(false);
                if (read == 0) break;
                await socket.SendAsync(buffer.AsMemory(0, read + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
            }

            if (socket.SubProtocol == Version5)
                await socket.SendAsync((byte[])[CloseChannel, InputChannel], WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private ExecResult Result()
    {
        var status = ApiFailure.ReadStatus(_status.Bytes)
            ?? throw new KubernetesApiException(0, null, $"{asked}: the connection ended without the command's exit code");
        if (status.StatusValue == "Success") return new ExecResult(0, _output.ToString(), _errors.ToString());
        var exit = status.Details?.Causes?.FirstOrDefault(cause => cause.Reason == "ExitCode")?.Message;
        if (status.Reason == "NonZeroExitCode" && int.TryParse(exit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code))
            return new ExecResult(code, _output.ToString(), _errors.ToString());
        throw ApiFailure.FromStatus(asked, status);
    }
}
