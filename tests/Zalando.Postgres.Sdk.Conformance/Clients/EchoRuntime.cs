using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Conformance.Clients;

/// <summary>Runs <c>echo</c>, <c>cat</c> and <c>exit N</c>; logs are three lines, and a followed log goes on until the reader leaves.</summary>
internal sealed class EchoRuntime : IPodRuntime
{
    public Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken)
    {
        var name = pod["metadata"]!["name"]!.GetValue<string>();
        var lines = new[] { $"{name} starts", $"{name} works", $"{name} is done" };
        if (request.TailLines is { } tail) lines = lines[^Math.Min(tail, lines.Length)..];
        return Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")))));
    }

    public async Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken)
    {
        switch (request.Command[0])
        {
            case "exit":
                await request.StandardError!.WriteAsync("it went wrong\n"u8.ToArray(), cancellationToken);
                return int.Parse(request.Command[1], System.Globalization.CultureInfo.InvariantCulture);
            case "cat" when request.StandardInput is { } input:
                await input.CopyToAsync(request.StandardOutput!, cancellationToken);
                return 0;
            default:
                await request.StandardOutput!.WriteAsync(Encoding.UTF8.GetBytes(string.Join(' ', request.Command.Skip(1)) + "\n"), cancellationToken);
                return 0;
        }
    }
}
