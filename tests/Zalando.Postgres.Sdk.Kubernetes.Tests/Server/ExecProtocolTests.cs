using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

/// <summary>What servers do that the in-memory one does not: older protocols, odd ends.</summary>
public sealed class ExecProtocolTests : IAsyncLifetime
{
    private WebApplication _web = null!;
    private KubernetesClient _client = null!;
    private Func<WebSocket, Task> _session = _ => Task.CompletedTask;
    private string _protocol = "v5.channel.k8s.io";
    private string _query = "";
    private string _authorization = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.UseWebSockets();
        _web.Run(async context =>
        {
            (_query, _authorization) = (Uri.UnescapeDataString(context.Request.QueryString.Value ?? ""), context.Request.Headers.Authorization.ToString());
            if (_protocol.Length == 0)
            {
                context.Response.StatusCode = 403;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(_protocol);
            await _session(socket);
        });
        await _web.StartAsync(Stop);
        var url = new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _client = new KubernetesClient(new KubernetesClientConfiguration { Server = url, Credentials = KubernetesClientConfiguration.BearerToken("canary-42") });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _web.DisposeAsync();
    }

    [Fact]
    public async Task Output_may_come_in_pieces_and_the_exit_code_comes_last()
    {
        _session = async socket =>
        {
            await SendAsync(socket, 1, "one ");
            await socket.SendAsync("\u0001tw"u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: false, Stop);
            await socket.SendAsync("o\n"u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, Stop);
            await SendAsync(socket, 2, "oops");
            await SendAsync(socket, 3, """{"metadata":{},"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"42"}]}}""");
            await CloseAsync(socket);
        };
        Assert.Equal(new ExecResult(42, "one two\n", "oops"), await ExecAsync());
        Assert.Equal("?command=sh&command=-c&command=echo \"a&b\"&container=postgres&stdout=true&stderr=true", _query);
        Assert.Equal("Bearer canary-42", _authorization);
    }

    [Fact]
    public async Task The_older_protocol_is_spoken_too()
    {
        _protocol = "v4.channel.k8s.io";
        var received = new StringBuilder();
        _session = async socket =>
        {
            var buffer = new byte[100];
            var message = await socket.ReceiveAsync(buffer, Stop);
            received.Append(Encoding.UTF8.GetString(buffer, 1, message.Count - 1));
            await SendAsync(socket, 3, """{"status":"Success"}""");
            await CloseAsync(socket);
        };
        Assert.Equal(0, (await ExecAsync(new ExecOptions { Input = new MemoryStream("hello"u8.ToArray()) })).ExitCode);
        Assert.Equal("hello", received.ToString());
    }

    [Fact]
    public async Task An_end_without_an_exit_code_is_a_failure_and_not_success()
    {
        _session = async socket =>
        {
            await SendAsync(socket, 1, "half");
            await CloseAsync(socket);
        };
        var closed = await Assert.ThrowsAsync<KubernetesApiException>(() => ExecAsync());
        Assert.Contains("without the command's exit code", closed.Message, StringComparison.Ordinal);
        _session = socket =>
        {
            socket.Abort();
            return Task.CompletedTask;
        };
        var aborted = await Assert.ThrowsAsync<KubernetesApiException>(() => ExecAsync());
        Assert.True(aborted.IsUnanswered);
    }

    [Fact]
    public async Task A_command_that_cannot_start_keeps_the_servers_words()
    {
        _session = async socket =>
        {
            await SendAsync(socket, 3, """{"status":"Failure","message":"executable file not found","reason":"InternalError","code":500}""");
            await CloseAsync(socket);
        };
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => ExecAsync());
        Assert.Equal(500, exception.StatusCode);
        Assert.Contains("executable file not found", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_socket_has_the_servers_code_and_a_silent_command_ends_at_its_timeout()
    {
        _session = async socket => await socket.ReceiveAsync(new byte[1], Stop);
        var late = await Assert.ThrowsAsync<KubernetesApiException>(() => ExecAsync(new ExecOptions { Timeout = TimeSpan.FromMilliseconds(50) }));
        Assert.Contains("no answer within 0.05 s", late.Message, StringComparison.Ordinal);
        _protocol = "";
        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => ExecAsync());
        Assert.Equal(403, refused.StatusCode);
        Assert.DoesNotContain("canary-42", refused.ToString(), StringComparison.Ordinal);
    }

    private static Task SendAsync(WebSocket socket, byte channel, string text) =>
        socket.SendAsync((byte[])[channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, endOfMessage: true, Stop);

    private static Task CloseAsync(WebSocket socket) => socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Stop);

    private Task<ExecResult> ExecAsync(ExecOptions? options = null) => _client.ExecAsync("ns", "pod", "postgres", ["sh", "-c", "echo \"a&b\""], options, Stop);
}
