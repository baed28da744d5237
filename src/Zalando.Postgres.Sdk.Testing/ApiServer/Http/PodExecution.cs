using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Exec over a web socket: channel 0 input, 1 output, 2 error output, 3 the final Status, 255 (v5) the end of a channel.</summary>
internal static class PodExecution
{
    public static async Task AnswerAsync(HttpContext http, JsonObject pod, IPodRuntime? runtime)
    {
        var query = http.Request.Query;
        var containers = (pod.Object("spec").Array("containers") ?? []).OfType<JsonObject>().Select(static c => c.Text("name") ?? "").ToArray();
        var container = query["container"].ToString() is { Length: > 0 } given ? given : containers.FirstOrDefault() ?? "";
        if (!containers.Contains(container)) throw StatusErrors.BadRequest($"container {container} is not valid for pod {pod.Name()}");
        var command = query["command"].OfType<string>().ToArray();
        if (command.Length == 0) throw StatusErrors.BadRequest("you must specify at least 1 command for the container");
        if (runtime is null) throw StatusErrors.BadRequest($"pod {pod.Name()} cannot run commands: no pod runtime is attached to this server");
        if (!http.WebSockets.IsWebSocketRequest) throw StatusErrors.BadRequest("Upgrade request required");
        var protocol = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(static p => p is "v5.channel.k8s.io" or "v4.channel.k8s.io")
            ?? throw StatusErrors.BadRequest("unable to upgrade: no supported protocol was offered; use v5.channel.k8s.io or v4.channel.k8s.io");
        using var socket = await http.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
        using var sending = new SemaphoreSlim(1, 1);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var input = new Pipe();
        var receiving = ReceiveAsync(socket, input.Writer, gone);
        JsonObject status;
        try
        {
            var code = await runtime.ExecAsync(pod.CopyObject(), new PodExecRequest
            {
                Container = container,
                Command = command,
                StandardInput = IsTrue(query["stdin"]) ? input.Reader.AsStream() : null,
                StandardOutput = IsTrue(query["stdout"]) ? new ChannelStream(socket, 1, sending) : null,
                StandardError = IsTrue(query["stderr"]) && !IsTrue(query["tty"]) ? new ChannelStream(socket, 2, sending) : null,
                Terminal = IsTrue(query["tty"]),
            }, gone.Token).ConfigureAwait(false);
            status = code == 0
                ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
                : new JsonObject
                {
                    ["metadata"] = new JsonObject(), ["status"] = "Failure", ["reason"] = "NonZeroExitCode",
                    ["message"] = $"command terminated with non-zero exit code: error executing command, exit code {code}",
                    ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString() }) },
                };
        }
        catch (ApiStatusException e)
        {
            status = StatusErrors.Status(e);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            await new ChannelStream(socket, 3, sending).WriteAsync(JsonText.Write(status), http.RequestAborted).ConfigureAwait(false);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, http.RequestAborted).ConfigureAwait(false);
            await receiving.ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client closed first.
        }
    }

    private static async Task ReceiveAsync(WebSocket socket, PipeWriter input, CancellationTokenSource gone)
    {
        var buffer = new byte[32768];
        try
        {
            // A message may come in pieces; only its first byte names the channel.
            byte? channel = null;
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), gone.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close) break;
                var bytes = buffer.AsMemory(0, part.Count);
                if (channel is null && bytes.Length > 0)
                {
                    channel = bytes.Span[0];
                    bytes = bytes[1..];
                }

                if (channel == 0 && bytes.Length > 0) await input.WriteAsync(bytes, gone.Token).ConfigureAwait(false);
                else if (channel == 255 && bytes.Span is [0]) await input.CompleteAsync().ConfigureAwait(false);
                if (part.EndOfMessage) channel = null;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            await gone.CancelAsync().ConfigureAwait(false);
        }

        await input.CompleteAsync().ConfigureAwait(false);
    }

    private static bool IsTrue(string? value) => value is "true" or "1";

    private sealed class ChannelStream(WebSocket socket, byte channel, SemaphoreSlim sending) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0) return;
            var frame = new byte[buffer.Length + 1];
            frame[0] = channel;
            buffer.CopyTo(frame.AsMemory(1));
            await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await socket.SendAsync(frame, WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                sending.Release();
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Use WriteAsync.");

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
