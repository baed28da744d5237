using System.Net;
using System.Net.Sockets;
using Zalando.Postgres.Sdk.Kubernetes.Client;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>A port on this machine's loopback whose connections go to a port of a pod through the API server, until it is disposed.</summary>
internal sealed class ForwardedPort : IAsyncDisposable
{
    private readonly IKubernetesClient _client;
    private readonly (string Namespace, string Pod, int Port) _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private volatile string? _failure;

    private ForwardedPort(IKubernetesClient client, (string Namespace, string Pod, int Port) target)
    {
        (_client, _target) = (client, target);
        _listener.Start();
        Address = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Why the last connection failed, in the words of the API server; null when none did.</summary>
    public string? Failure => _failure;

    public static ForwardedPort Start(IKubernetesClient client, string namespaceName, string pod, int port) => new(client, (namespaceName, pod, port));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_connections).ConfigureAwait(false);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token).ConfigureAwait(false);
                _connections.RemoveAll(static c => c.IsCompleted);
                _connections.Add(CarryAsync(client));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var open = client;
        client.NoDelay = true;
        try
        {
            var pod = await _client.OpenPortAsync(_target.Namespace, _target.Pod, _target.Port, _stopping.Token).ConfigureAwait(false);
            await using var podScope = pod.ConfigureAwait(false);
            var near = client.GetStream();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var there = near.CopyToAsync(pod, ended.Token);
            var back = pod.CopyToAsync(near, ended.Token);
            // Either side ends the connection: this protocol knows no half of one.
            var first = await Task.WhenAny(there, back).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            if (first == back && back.Exception?.InnerException is IOException { InnerException: not SocketException } refused) _failure = refused.Message;
            await Task.WhenAll(there, back).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception) when (exception is KubernetesApiException or IOException or NotSupportedException)
        {
            _failure = exception.Message;
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }
}
