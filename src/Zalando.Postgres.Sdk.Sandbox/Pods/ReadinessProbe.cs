using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Asks a container whether it is ready, as the kubelet does: by the pod's own probe, or else by the first answer at its port.</summary>
internal sealed class ReadinessProbe
{
    private static readonly TimeSpan StartPeriod = TimeSpan.FromMilliseconds(200);

    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;

    public ReadinessProbe(HttpMessageInvoker http, TimeProvider time)
    {
        _http = http;
        _time = time;
    }

    /// <summary>Tells each change of readiness, until cancelled.</summary>
    public async Task RunAsync(Container container, IPEndPoint started, Action<bool> changed, CancellationToken cancellationToken)
    {
        var probe = container.ReadinessProbe;
        if (probe is not { HttpGet: not null } and not { TcpSocket: not null })
        {
            while (!await ConnectsAsync(started, TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false)) await Task.Delay(StartPeriod, _time, cancellationToken).ConfigureAwait(false);
            changed(true);
            return;
        }

        var timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1);
        var period = TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10);
        if (probe.InitialDelaySeconds is { } delay) await Task.Delay(TimeSpan.FromSeconds(delay), _time, cancellationToken).ConfigureAwait(false);
        var ready = false;
        int successes = 0, failures = 0;
        while (true)
        {
            var good = probe.HttpGet is { } get
                ? await AnswersAsync(container, get, started.Address, timeout, cancellationToken).ConfigureAwait(false)
                : await ConnectsAsync(new IPEndPoint(started.Address, Port(container, probe.TcpSocket!.Port)), timeout, cancellationToken).ConfigureAwait(false);
            successes = good ? successes + 1 : 0;
            failures = good ? 0 : failures + 1;
            if (!ready && successes >= (probe.SuccessThreshold ?? 1)) changed(ready = true);
            else if (ready && failures >= (probe.FailureThreshold ?? 3)) changed(ready = false);
            await Task.Delay(period, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int Port(Container container, IntOrString? port) =>
        port is not { } given ? 0
        : given.Number ?? container.Ports?.FirstOrDefault(p => p.Name == given.Text)?.ContainerPortValue
            ?? (int.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);

    private async Task<bool> AnswersAsync(Container container, HTTPGetAction get, IPAddress address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var limit = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, limit.Token);
        try
        {
            var path = get.Path is { Length: > 0 } given ? given : "/";
            var scheme = get.Scheme?.Equals("HTTPS", StringComparison.OrdinalIgnoreCase) == true ? "https" : "http";
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{address}:{Port(container, get.Port).ToString(CultureInfo.InvariantCulture)}{(path[0] == '/' ? path : "/" + path)}");
            using var answer = await _http.SendAsync(request, both.Token).ConfigureAwait(false);
            return (int)answer.StatusCode is >= 200 and < 400;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<bool> ConnectsAsync(IPEndPoint endpoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, both.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
