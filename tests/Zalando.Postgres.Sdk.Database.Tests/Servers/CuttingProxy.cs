using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Zalando.Postgres.Sdk.Database.Tests.Servers;

/// <summary>Stands between a client and a server and cuts the connection at a chosen statement: before the server gets it, or after the server has answered
/// and before the client hears of it.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private readonly Lock _gate = new();
    private int _countdown;
    private bool _after;

    public CuttingProxy(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The statement at which the connection was cut; null when that has not happened since <see cref="CutAt"/>.</summary>
    public string? Cut { get; private set; }

    /// <summary>Statements that came by since <see cref="CutAt"/>.</summary>
    public int Seen { get; private set; }

    /// <summary>Cuts at the n-th statement from now on; 0 for never.</summary>
    public void CutAt(int statement, bool after)
    {
        lock (_gate) (_countdown, _after, Cut, Seen) = (statement, after, null, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var clientScope = client;
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _end.Token);
            var connection = new Connection(this, client.GetStream(), server.GetStream());
            await Task.WhenAny(connection.ClientToServerAsync(_end.Token), connection.ServerToClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
        }
    }

    // Whether the connection is cut at this statement.
    private bool Passes(string statement, out bool after)
    {
        lock (_gate)
        {
            after = _after;
            Seen++;
            if (_countdown == 0 || --_countdown > 0) return true;
            Cut = statement;
            return false;
        }
    }

    private sealed class Connection(CuttingProxy proxy, NetworkStream client, NetworkStream server)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();
        private int _asked;
        private int _ready;
        private int _cutAt = int.MaxValue;

        public async Task ClientToServerAsync(CancellationToken cancellationToken)
        {
            var isStarted = false;
            var parsed = "";
            while (await ReadAsync(client, hasType: isStarted, cancellationToken) is { } message)
            {
                isStarted = true;
                var type = (char)message[0];
                if (type == 'P') parsed = Query(message);
                var statement = type switch { 'Q' => Query(message), 'E' => parsed, _ => null };
                var cut = false;
                var after = false;
                if (statement is not null) cut = !proxy.Passes(statement, out after);
                if (cut && !after) return;
                if (cut)
                {
                    lock (_gate) _cutAt = _asked + 1;
                }

                if (type is 'Q' or 'S')
                {
                    lock (_gate) _asked++;
                }

                await server.WriteAsync(message, cancellationToken);
                if (_cutAt <= _asked)
                {
                    // The server has everything up to the end of the statement's batch: it works on it to the end.
                    await _answered.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
                    return;
                }
            }
        }

        public async Task ServerToClientAsync(CancellationToken cancellationToken)
        {
            var isStarted = false;
            while (await ReadAsync(server, hasType: true, cancellationToken) is { } message)
            {
                if (message[0] == 'Z')
                {
                    // The first one ends the greeting.
                    if (isStarted)
                    {
                        lock (_gate) _ready++;
                    }

                    isStarted = true;
                    if (_ready >= _cutAt)
                    {
                        _answered.TrySetResult();
                        return;
                    }
                }

                if (_ready + 1 < _cutAt || !isStarted) await client.WriteAsync(message, cancellationToken);
            }
        }

        private static string Query(byte[] message)
        {
            var text = Encoding.UTF8.GetString(message, 5, message.Length - 5).Split('\0');
            return message[0] == 'Q' ? text[0] : text[1];
        }

        private static async Task<byte[]?> ReadAsync(NetworkStream stream, bool hasType, CancellationToken cancellationToken)
        {
            var head = new byte[hasType ? 5 : 4];
            if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length) return null;
            var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(head.Length - 4)) - 4;
            var message = new byte[head.Length + length];
            head.CopyTo(message, 0);
            await stream.ReadExactlyAsync(message.AsMemory(head.Length), cancellationToken);
            return message;
        }
    }
}
