using System.Net;
using System.Net.Sockets;

namespace Zalando.Postgres.Sdk.Sandbox.Network;

/// <summary>Listens at one port of a service and passes each connection on to an endpoint of the moment, in turn.</summary>
internal sealed class ServiceForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<IReadOnlyList<IPEndPoint>> _endpoints;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private int _turn;

    private ServiceForwarder(TcpListener listener, Func<IReadOnlyList<IPEndPoint>> endpoints)
    {
        _listener = listener;
        _endpoints = endpoints;
        _accepting = AcceptAsync();
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="address">Where to listen.</param>
    /// <param name="endpoints">The endpoints of the moment.</param>
    /// <exception cref="SocketException">Somebody else listens there.</exception>
    public static ServiceForwarder Listen(IPEndPoint address, Func<IReadOnlyList<IPEndPoint>> endpoints)
    {
        var listener = new TcpListener(address);
        listener.Start();
        return new ServiceForwarder(listener, endpoints);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_end.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                continue;
            }

            _ = ForwardAsync(client);
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using (client)
        {
            try
            {
                using var server = await ConnectAsync().ConfigureAwait(false);
                if (server is null)
                {
                    // Nobody behind the service: a reset, as from a node without endpoints.
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    return;
                }

                client.NoDelay = true;
                server.NoDelay = true;
                using var left = new NetworkStream(client);
                using var right = new NetworkStream(server);
                var there = PumpAsync(left, right, server);
                var back = PumpAsync(right, left, client);
                await Task.WhenAll(there, back).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side has gone: the other is closed by leaving.
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var endpoints = _endpoints();
        for (var attempt = 0; attempt < endpoints.Count; attempt++)
        {
            var endpoint = endpoints[(int)((uint)Interlocked.Increment(ref _turn) % (uint)endpoints.Count)];
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endpoint, _end.Token).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        return null;
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Socket target)
    {
        try
        {
            await from.CopyToAsync(to, _end.Token).ConfigureAwait(false);
            target.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // A broken connection ends both directions.
            target.Close();
            from.Close();
        }
    }
}
