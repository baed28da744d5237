using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;
using Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>A Kubernetes API server in this process, over HTTP on loopback: the kinds of the Resources package and any custom resource definition.</summary>
/// <remarks>Held to the behaviour of the real server by recorded transcripts; <c>docs/reference/testing-api-server.md</c> lists what differs.</remarks>
public sealed class InMemoryApiServer : IAsyncDisposable
{
    private const int LongestHead = 1024 * 1024;
    private readonly WebApplication _web;
    private readonly RequestHandler _handler;
    private readonly ObjectPipeline _pipeline;
    private readonly WatchHub _watches;

    private readonly ServerCertificates? _certificates;
    private readonly string? _adminToken;

    private InMemoryApiServer(WebApplication web, RequestHandler handler, ObjectPipeline pipeline, WatchHub watches, RequestLog log, ApiServerOptions options, ServerCertificates? certificates, string? adminToken)
    {
        _certificates = certificates;
        _adminToken = adminToken;
        Admission = pipeline.Admission.Hooks;
        _web = web;
        _handler = handler;
        _pipeline = pipeline;
        _watches = watches;
        RequestLog = log;
        Options = options;
        Access = new InProcessAccess(pipeline);
        Faults = new FaultInjection(
            () =>
            {
                lock (pipeline.Store.Gate) pipeline.Store.Compact();
            },
            resource => watches.Cut(w => resource is null || w.Kind.Kind.Plural == resource));
        handler.Faults = Faults;
    }

    /// <summary>Base address, for example <c>http://127.0.0.1:40123</c>.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>A kubeconfig file's text for this server; its user may do everything.</summary>
    public string Kubeconfig => KubeconfigText.For(Url, "admin", CertificateAuthority, _adminToken, _certificates?.Admin);

    /// <summary>The certificate (PEM) that clients must trust; null for a server without TLS.</summary>
    public string? CertificateAuthority => _certificates?.AuthorityPem;

    /// <summary>Code that looks at objects, and changes them, before they are stored.</summary>
    public AdmissionHooks Admission { get; }

    /// <summary>Makes the server misbehave.</summary>
    public FaultInjection Faults { get; }

    /// <summary>The requests answered over HTTP.</summary>
    public RequestLog RequestLog { get; }

    /// <summary>The clock of the server.</summary>
    public TimeProvider TimeProvider => Options.TimeProvider;

    /// <summary>How the server was set up.</summary>
    public ApiServerOptions Options { get; }

    /// <summary>The server as its controllers see it, without HTTP and without an entry in the log.</summary>
    public IApiAccess Access { get; }

    /// <summary>The controllers; null when none run.</summary>
    public ControllerHost? Controllers { get; private set; }

    /// <summary>What runs the pods, for their logs and for commands in them; null for nothing.</summary>
    public IPodRuntime? PodRuntime
    {
        get => _handler.PodRuntime;
        set => _handler.PodRuntime = value;
    }

    /// <summary>Starts a server.</summary>
    /// <param name="options">How to set it up; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<InMemoryApiServer> StartAsync(ApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ApiServerOptions();
        var store = new ObjectStore(options.HistoryLength);
        var kinds = new KindRegistry();
        var pipeline = new ObjectPipeline(store, kinds, options);
        CustomKindPublisher.Attach(pipeline);
        var watches = new WatchHub(store);
        var log = new RequestLog();
        var authorizer = new RbacAuthorizer(store, options.Authorization == AuthorizationMode.Rbac);
        pipeline.Preparation.Authorizer = authorizer;
        var certificates = options.UseTls ? ServerCertificates.Create(options) : null;
        var authenticator = new TokenAuthenticator(options, new ServiceAccountTokens(store, options.TimeProvider), certificates);
        // Where nothing else would let the kubeconfig's user in, a token does.
        string? adminToken = null;
        if (certificates?.Admin is null && (options.Authorization == AuthorizationMode.Rbac || !options.AnonymousAuthentication))
            authenticator.Add(adminToken = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), RequestUser.Master);
        var handler = new RequestHandler(pipeline, watches, new DiscoveryDocuments(kinds, options), authenticator, authorizer, log, options);
        if (options.StateFile is { } stateFile && File.Exists(stateFile)) StateFile.Load(pipeline, await File.ReadAllTextAsync(stateFile, cancellationToken).ConfigureAwait(false));
        options.Snapshot?.LoadInto(pipeline);
        Bootstrap.Fill(pipeline);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // An answer counts as flushed only when the system has taken it: a fault can then cut the connection at a known place.
        builder.WebHost.UseSockets(static sockets => sockets.MaxWriteBufferSize = 2);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxConcurrentConnections = null;
            // Selectors stand in the request line and may be long.
            kestrel.Limits.MaxRequestBufferSize = LongestHead;
            kestrel.Limits.MaxRequestLineSize = LongestHead;
            kestrel.Limits.MaxRequestHeadersTotalSize = LongestHead;
            kestrel.Listen(options.ListenAddress, options.Port, listen =>
            {
                if (certificates is null) return;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificates.Server,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    // Whether a certificate is believed is told to its bearer as 401, and not by a broken connection.
                    ClientCertificateValidation = static (_, _, _) => true,
                    CheckCertificateRevocation = false,
                });
            });
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromSeconds(1));
        builder.Logging.ClearProviders();
        // The usual lifetime catches SIGTERM and Ctrl-C, which belong to the program that the server is a part of.
        builder.Services.RemoveAll<IHostLifetime>();
        builder.Services.AddSingleton<IHostLifetime, UnattendedLifetime>();
        var web = builder.Build();
        web.UseWebSockets();
        web.Run(handler.HandleAsync);
        await web.StartAsync(cancellationToken).ConfigureAwait(false);
        var address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var server = new InMemoryApiServer(web, handler, pipeline, watches, log, options, certificates, adminToken) { Url = new Uri(address) };
        if (options.Controllers is not { Count: 0 } || options.SimulatedNode is not null)
        {
            server.Controllers = new ControllerHost(server.Access, options.TimeProvider, new ControllerHostOptions
            {
                Controllers = options.Controllers, SimulatedNode = options.SimulatedNode, LoggerFactory = options.LoggerFactory, Random = options.Random,
                RootCertificate = certificates?.AuthorityPem ?? new ControllerHostOptions().RootCertificate,
            });
            server.Controllers.Start();
            // The first namespaces have their service accounts before the first pod may be created.
            await server.Controllers.SettleAsync(cancellationToken).ConfigureAwait(false);
        }

        return server;
    }

    /// <summary>Writes <see cref="Kubeconfig"/> to a file that only its owner can read.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    public Task WriteKubeconfigAsync(string path, CancellationToken cancellationToken = default) => KubeconfigText.WriteAsync(path, Kubeconfig, cancellationToken);

    /// <summary>Makes a client certificate with its key.</summary>
    /// <param name="user">User name.</param>
    /// <param name="groups">Groups.</param>
    /// <exception cref="InvalidOperationException">The server has no TLS, or believes certificates of other authorities only.</exception>
    public X509Certificate2 IssueClientCertificate(string user, params IReadOnlyList<string> groups)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return _certificates?.Issue(user, groups) ?? throw new InvalidOperationException("This server issues no client certificates: it needs UseTls, and no ClientCertificateAuthorities of others.");
    }

    /// <summary>The text of a kubeconfig for a user with a client certificate.</summary>
    /// <param name="user">User name.</param>
    /// <param name="groups">Groups.</param>
    /// <exception cref="InvalidOperationException">The server has no TLS, or believes certificates of other authorities only.</exception>
    public string KubeconfigFor(string user, params IReadOnlyList<string> groups)
    {
        using var certificate = IssueClientCertificate(user, groups);
        return KubeconfigText.For(Url, user, CertificateAuthority, null, certificate);
    }

    /// <summary>All objects as YAML, with their uids and versions; <see cref="ApiServerOptions.StateFile"/> reads it.</summary>
    public string SaveState() => StateFile.Save(_pipeline);

    /// <summary>The present state, for other servers to begin with.</summary>
    public ServerSnapshot TakeSnapshot() => ServerSnapshot.Of(_pipeline);

    /// <summary>Closes all watches, saves the state if a file for it is set, and ends the server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Controllers is not null) await Controllers.DisposeAsync().ConfigureAwait(false);
        _watches.Cut(static _ => true);
        await _web.StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (Options.StateFile is { } stateFile) await StateFile.WriteAsync(stateFile, SaveState(), CancellationToken.None).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        _certificates?.Dispose();
    }
}
