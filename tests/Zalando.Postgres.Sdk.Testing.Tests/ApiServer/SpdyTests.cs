using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

/// <summary>Exec and port forwarding as clients did it before web sockets. The frames that open the streams were packed by zlib with the protocol's dictionary.</summary>
public sealed class SpdyTests
{
    // Streams 1 error, 3 stdin, 5 stdout, 7 stderr.
    private static readonly byte[] ExecStreams = Convert.FromBase64String(
        "gAMAAQAAACgAAAABAAAAAAAAeLvjxqfCAqYjRnA6KylKTcyFFiWsqaCABgAAAP//gAMAAQAAABcAAAADAAAAAAAAwi5VXALMLgAAAAD//4ADAAEAAAAZAAAABQAAAAAAAMIqBUznKfmlJQAAAAD//4ADAAEAAAAUAAAABwAAAAAAAMIpBzQUAAAA//8=");

    [Fact]
    public async Task A_command_gets_its_input_and_answers_with_output_error_and_exit_code()
    {
        await using var server = await StartAsync(new EchoRuntime());
        await using var client = await SpdyClient.ConnectAsync(server.Url, Exec, "v4.channel.k8s.io");
        Assert.StartsWith("HTTP/1.1 101", client.Head, StringComparison.Ordinal);
        Assert.Contains("X-Stream-Protocol-Version: v4.channel.k8s.io", client.Head, StringComparison.OrdinalIgnoreCase);
        await client.SendAsync(ExecStreams);
        await client.SendDataAsync(3, "hello", isLast: true);

        var received = await client.ReceiveAsync(1, 5, 7);
        Assert.Equal("sh -c x: hello", received[5]);
        Assert.Equal("oops", received[7]);
        var status = JsonNode.Parse(received[1])!;
        Assert.Equal("NonZeroExitCode", (string?)status["reason"]);
        Assert.Equal("3", (string?)status["details"]!["causes"]![0]!["message"]);
        Assert.Equal([1, 3, 5, 7], client.Replies);
    }

    [Fact]
    public async Task A_ping_is_answered_and_headers_that_are_not_packed_with_the_dictionary_end_the_connection()
    {
        await using var server = await StartAsync(new EchoRuntime());
        await using var client = await SpdyClient.ConnectAsync(server.Url, Exec, "v4.channel.k8s.io");
        byte[] ping = [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1];
        await client.SendAsync(ping);
        Assert.Equal(ping, await client.ReadAsync(ping.Length));
        var broken = (byte[])ExecStreams.Clone();
        broken[20] ^= 0xff;
        await client.SendAsync(broken);
        Assert.Equal(0, await client.ReadSomeAsync());
    }

    [Fact]
    public async Task A_client_with_older_channels_only_is_refused_with_what_is_accepted()
    {
        await using var server = await StartAsync(new EchoRuntime());
        await using var client = await SpdyClient.ConnectAsync(server.Url, Exec, "channel.k8s.io");
        Assert.StartsWith("HTTP/1.1 403", client.Head, StringComparison.Ordinal);
        Assert.Contains("X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io", client.Head, StringComparison.OrdinalIgnoreCase);
    }

    private const string Exec = "/api/v1/namespaces/default/pods/p/exec?command=sh&command=-c&command=x&stdin=true&stdout=true&stderr=true";

    private static async Task<InMemoryApiServer> StartAsync(IPodRuntime runtime)
    {
        var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], PodRuntime = runtime }, TestContext.Current.CancellationToken);
        server.Access.Create(KubernetesKinds.ServiceAccount, Object("default"));
        var pod = Object("p");
        pod["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) };
        server.Access.Create(KubernetesKinds.Pod, pod);
        return server;
    }

    private static JsonObject Object(string name) => new() { ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = name } };

    private sealed class EchoRuntime : IPodRuntime
    {
        public Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken) => Task.FromResult<Stream>(new MemoryStream());

        public async Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(request.StandardInput!);
            var text = await reader.ReadToEndAsync(cancellationToken);
            await request.StandardOutput!.WriteAsync(Encoding.UTF8.GetBytes($"{string.Join(' ', request.Command)}: {text}"), cancellationToken);
            await request.StandardError!.WriteAsync("oops"u8.ToArray(), cancellationToken);
            return 3;
        }
    }

    private sealed class SpdyClient(TcpClient tcp, string head) : IAsyncDisposable
    {
        private readonly NetworkStream _stream = tcp.GetStream();

        public string Head { get; } = head;

        public List<int> Replies { get; } = [];

        private static CancellationToken Token => TestContext.Current.CancellationToken;

        public static async Task<SpdyClient> ConnectAsync(Uri server, string path, string use)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync(server.Host, server.Port, Token);
            await tcp.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: {use}\r\nContent-Length: 0\r\n\r\n"), Token);
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await tcp.GetStream().ReadExactlyAsync(one, Token);
                head.Append((char)one[0]);
            }

            return new SpdyClient(tcp, head.ToString());
        }

        public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes, Token);

        public Task SendDataAsync(int stream, string text, bool isLast)
        {
            var frame = new byte[8 + text.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, stream);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), text.Length);
            frame[4] = (byte)(isLast ? 1 : 0);
            Encoding.ASCII.GetBytes(text, frame.AsSpan(8));
            return SendAsync(frame);
        }

        public async Task<byte[]> ReadAsync(int length)
        {
            var bytes = new byte[length];
            await _stream.ReadExactlyAsync(bytes, Token);
            return bytes;
        }

        public async Task<int> ReadSomeAsync() => await _stream.ReadAsync(new byte[1000], Token);

        /// <summary>Reads until each of the streams has ended.</summary>
        public async Task<Dictionary<int, string>> ReceiveAsync(params int[] streams)
        {
            var texts = streams.ToDictionary(s => s, _ => "");
            var open = streams.ToHashSet();
            while (open.Count > 0)
            {
                var frame = await ReadAsync(8);
                var body = await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4)) & 0xffffff);
                if ((frame[0] & 0x80) != 0)
                {
                    Assert.Equal(2, frame[3]);
                    Replies.Add(BinaryPrimitives.ReadInt32BigEndian(body));
                    continue;
                }

                var stream = BinaryPrimitives.ReadInt32BigEndian(frame);
                texts[stream] += Encoding.UTF8.GetString(body);
                if ((frame[4] & 1) != 0) open.Remove(stream);
            }

            return texts;
        }

        public ValueTask DisposeAsync()
        {
            tcp.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
