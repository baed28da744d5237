using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Makes the one connection handler of a client, for requests, watches and web sockets alike.</summary>
internal static class ConnectionHandler
{
    public static SocketsHttpHandler Create(KubernetesClientConfiguration configuration, Func<X509Certificate2?> currentCertificate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = configuration.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            EnableMultipleHttp2Connections = true,
            // A connection that dies without a word is noticed within 45 s, also when only watches use it.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            // Names are looked up again now and then.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            MaxConnectionsPerServer = int.MaxValue,
            SslOptions = TlsOptions(configuration, currentCertificate),
        };
        handler.ConnectCallback = configuration is { TlsServerName: { } name, Server.Scheme: "https" }
            ? (context, cancellationToken) => ConnectAsAsync(name, configuration.Server, handler.SslOptions, context, cancellationToken)
            : ConnectAsync;
        if (configuration.ProxyUrl is { } proxy)
        {
            handler.Proxy = new WebProxy(new UriBuilder(proxy) { UserName = "", Password = "" }.Uri) { Credentials = ProxyCredentials(proxy) };
            handler.UseProxy = true;
        }

        return handler;
    }

    private static SslClientAuthenticationOptions TlsOptions(KubernetesClientConfiguration configuration, Func<X509Certificate2?> currentCertificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => currentCertificate() ?? configuration.ClientCertificate!,
        };
        var policy = Policy(configuration.CertificateAuthorities);
        if (policy is not null) options.CertificateChainPolicy = policy;
        if (configuration.SkipTlsVerification)
        {
#pragma warning disable CA5359, MA0039 // asked for by name: insecure-skip-tls-verify
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (configuration.TlsServerName is { } name)
        {
            // Behind a proxy the platform makes the TLS connection, asks for the URL's host, and judges by it; here only the name is judged differently.
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None && certificate is X509Certificate2 presented && presented.MatchesHostname(name);
        }

        return options;
    }

    private static X509ChainPolicy? Policy(X509Certificate2Collection? authorities)
    {
        if (authorities is null) return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static NetworkCredential? ProxyCredentials(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0) return null;
        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    // The platform always asks for the URL's host (SNI), and a gateway that serves many clusters by name would choose a wrong one. A connection that
    // is TLS already is taken as it is.
    private static async ValueTask<Stream> ConnectAsAsync(
        string name, Uri server, SslClientAuthenticationOptions shared, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(context, cancellationToken).ConfigureAwait(false);
        if (context.DnsEndPoint.Host != server.IdnHost || context.DnsEndPoint.Port != server.Port) return connection; // a proxy's
        var tls = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                LocalCertificateSelectionCallback = shared.LocalCertificateSelectionCallback,
                CertificateChainPolicy = shared.CertificateChainPolicy,
                RemoteCertificateValidationCallback = shared.RemoteCertificateValidationCallback,
                // Web sockets speak HTTP/1.1 only.
                ApplicationProtocols = context.InitialRequestMessage.Version.Major >= 2
                    ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]
                    : [SslApplicationProtocol.Http11],
            };
            await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The same for connections without pings (HTTP/1.1).
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
