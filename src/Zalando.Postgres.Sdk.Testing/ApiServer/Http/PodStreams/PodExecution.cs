using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Runs a command in a container for a client, over web sockets or SPDY.</summary>
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
        var wanted = ExecStreamSelection.Of(query);
        var channels = http.WebSockets.IsWebSocketRequest ? await WebSocketExecChannels.AcceptAsync(http, wanted).ConfigureAwait(false)
            : SpdyUpgrade.IsWanted(http) ? await SpdyExecChannels.AcceptAsync(http, wanted).ConfigureAwait(false)
            : throw StatusErrors.BadRequest("Upgrade request required");
        await using (channels.ConfigureAwait(false))
        {
            JsonObject status;
            try
            {
                var code = await runtime.ExecAsync(
                    pod.CopyObject(),
                    new PodExecRequest
                    {
                        Container = container, Command = command, StandardInput = channels.Input, StandardOutput = channels.Output, StandardError = channels.Error, Terminal = wanted.Terminal,
                    },
                    channels.Gone).ConfigureAwait(false);
                status = Ended(code);
            }
            catch (ApiStatusException e)
            {
                status = StatusErrors.Status(e);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client has gone.
                return;
            }

            await channels.FinishAsync(status).ConfigureAwait(false);
        }
    }

    private static JsonObject Ended(int code) => code == 0
        ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
        : new JsonObject
        {
            ["metadata"] = new JsonObject(), ["status"] = "Failure", ["reason"] = "NonZeroExitCode",
            ["message"] = $"command terminated with non-zero exit code: error executing command, exit code {code.ToString(CultureInfo.InvariantCulture)}",
            ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString(CultureInfo.InvariantCulture) }) },
        };
}
