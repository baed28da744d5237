using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Sandbox.Processes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Logs and commands of the pods of the sandbox, for <c>kubectl logs</c> and <c>kubectl exec</c>.</summary>
internal sealed class PodRuntime(SandboxDirectory directory, SandboxPrograms programs, Func<string, string, PodRunner?> find) : IPodRuntime
{
    public Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken)
    {
        var runner = Runner(pod, request.Container);
        var log = request.Previous ? runner.PreviousLog : runner.Log;
        if (log is null)
        {
            throw new ApiStatusException(400, "BadRequest", request.Previous
                ? $"previous terminated container \"{request.Container}\" in pod \"{runner.Name}\" not found"
                : $"container \"{request.Container}\" in pod \"{runner.Name}\" is waiting to start");
        }

        return Task.FromResult(log.Open(request.TailLines, request.SinceSeconds, request.Timestamps, request.Follow, request.LimitBytes, cancellationToken));
    }

    public async Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken)
    {
        var runner = Runner(pod, request.Container);
        if (runner.Program is not { } program || runner.Process is not { } running)
        {
            throw new ApiStatusException(400, "BadRequest", $"container \"{request.Container}\" in pod \"{runner.Name}\" does not run now");
        }

        var command = new ContainerCommand
        {
            Program = [.. request.Command.Select(program.MapWord)],
            Environment = new Dictionary<string, string>(program.ExecEnvironment, StringComparer.Ordinal)
            {
                ["PATH"] = directory.CommandDirectory + ":" + program.ExecEnvironment.GetValueOrDefault("PATH"),
                ["SANDBOX_CONTAINER"] = running.SupervisorId.ToString(CultureInfo.InvariantCulture),
            },
            WorkingDirectory = runner.RunDirectory,
        };
        using var process = Process.Start(ContainerProcess.StartInfo(directory, programs, command, ["exec", directory.Lifeline]))
            ?? throw new ApiStatusException(500, "InternalError", $"{command.Program[0]} did not start");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = FeedAsync(request.StandardInput, process.StandardInput.BaseStream, end.Token);
        var output = DrainAsync(process.StandardOutput.BaseStream, request.StandardOutput, end.Token);
        var error = DrainAsync(process.StandardError.BaseStream, request.StandardError, end.Token);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(output, error).ConfigureAwait(false);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await end.CancelAsync().ConfigureAwait(false);
            // Reading what the client types may go on for ever: it ends with the client's stream.
            await Task.WhenAny(input, Task.CompletedTask).ConfigureAwait(false);
        }
    }

    public async Task<Stream> OpenPortAsync(JsonObject pod, int port, CancellationToken cancellationToken)
    {
        var runner = Runner(pod, null);
        var socket = new Socket(runner.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(runner.Address, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is not SocketException) throw;
            throw new ApiStatusException(400, "BadRequest", $"nothing listens on port {port.ToString(CultureInfo.InvariantCulture)} of pod \"{runner.Name}\": {exception.Message}");
        }
    }

    private static async Task FeedAsync(Stream? from, Stream to, CancellationToken cancellationToken)
    {
        try
        {
            if (from is not null) await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The program does not read any more, or the client has gone.
        }
        finally
        {
            try
            {
                to.Close();
            }
            catch (IOException)
            {
                // The program has ended.
            }
        }
    }

    private static async Task DrainAsync(Stream from, Stream? to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to ?? Stream.Null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }

    private PodRunner Runner(JsonObject pod, string? container)
    {
        var space = (string?)pod["metadata"]?["namespace"] ?? string.Empty;
        var name = (string?)pod["metadata"]?["name"] ?? string.Empty;
        var runner = find(space, name);
        if (runner is null || runner.Uid != (string?)pod["metadata"]?["uid"]) throw new ApiStatusException(400, "BadRequest", $"pod \"{name}\" has not been started yet");
        if (container is not null && runner.MainContainer != container) throw new ApiStatusException(400, "BadRequest", $"container \"{container}\" in pod \"{name}\" does not run: the sandbox runs only database and pooler containers");
        return runner;
    }
}
