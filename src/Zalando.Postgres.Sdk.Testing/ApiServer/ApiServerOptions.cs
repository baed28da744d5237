using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>How an <see cref="InMemoryApiServer"/> is set up. The defaults make a server for tests: a free port on loopback, no rights checked.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Whether pods can be given other amounts of cpu and memory while they run (<c>pods/resize</c>), as servers since 1.33 can.</summary>
    /// <value>Default: true.</value>
    public bool ServesPodResize { get; init; } = true;

    /// <summary>Address to listen on.</summary>
    /// <value>Default: 127.0.0.1.</value>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on; 0 for a free one.</summary>
    /// <value>Default: 0.</value>
    public int Port { get; init; }

    /// <summary>Whether rights are checked.</summary>
    /// <value>Default: <see cref="AuthorizationMode.AlwaysAllow"/>.</value>
    public AuthorizationMode Authorization { get; init; }

    /// <summary>Bearer tokens the server knows.</summary>
    public IReadOnlyList<TokenUser> TokenUsers { get; init; } = [];

    /// <summary>Whether requests without credentials are let in (as <c>system:anonymous</c>).</summary>
    /// <value>Default: true.</value>
    public bool AnonymousAuthentication { get; init; } = true;

    /// <summary>Whether the server speaks HTTPS. Client certificates are accepted then: the common name is the user, the organizations are the groups.</summary>
    /// <value>Default: false.</value>
    public bool UseTls { get; init; }

    /// <summary>The server's certificate with its key; null for one made at start, signed by an authority of its own.</summary>
    public X509Certificate2? ServerCertificate { get; init; }

    /// <summary>The authority that signed <see cref="ServerCertificate"/>, for the kubeconfig; null when the certificate is trusted itself.</summary>
    public X509Certificate2? ServerCertificateAuthority { get; init; }

    /// <summary>Authorities whose client certificates are believed; empty for the server's own, which issues certificates with <see cref="InMemoryApiServer.IssueClientCertificate"/>.</summary>
    public IReadOnlyList<X509Certificate2> ClientCertificateAuthorities { get; init; } = [];

    /// <summary>Where a webhook is that is named by a service and not by a URL; null for nowhere: such a webhook cannot be called.</summary>
    public Func<WebhookService, Uri?>? ResolveWebhookService { get; init; }

    /// <summary>Names of the controllers to run; null for all, empty for none.</summary>
    /// <value>Default: null.</value>
    public IReadOnlyList<string>? Controllers { get; init; }

    /// <summary>A node that makes pods run at once; null for none: pods stay pending until somebody binds and runs them.</summary>
    public SimulatedNodeOptions? SimulatedNode { get; init; }

    /// <summary>The clock of the server and of its controllers.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where uids and generated names come from; null for the shared generator.</summary>
    public Random? Random { get; init; }

    /// <summary>A YAML file to load at start and to save at the end; null for none.</summary>
    public string? StateFile { get; init; }

    /// <summary>State of another server to begin with; null for an empty one.</summary>
    /// <value>Default: null.</value>
    public ServerSnapshot? Snapshot { get; init; }

    /// <summary>Whether endpoints may have loopback addresses. The real server refuses them; the sandbox needs them.</summary>
    /// <value>Default: false.</value>
    public bool AllowLoopbackEndpoints { get; init; }

    /// <summary>The network (first address of a /16, IPv4) that services get their cluster addresses from.</summary>
    /// <value>Default: 10.96.0.0.</value>
    public IPAddress ServiceNetwork { get; init; } = new([10, 96, 0, 0]);

    /// <summary>How many changes are remembered for watches and old lists.</summary>
    /// <value>Default: 10,000.</value>
    public int HistoryLength { get; init; } = 10_000;

    /// <summary>How often a quiet watch that asked for bookmarks gets one.</summary>
    /// <value>Default: 1 minute.</value>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What runs the pods; can be set later with <see cref="InMemoryApiServer.PodRuntime"/>.</summary>
    public IPodRuntime? PodRuntime { get; init; }

    /// <summary>Where the server logs; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
