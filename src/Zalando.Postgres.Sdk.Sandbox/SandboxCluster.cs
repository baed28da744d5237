using System.Globalization;
using System.Net;
using Zalando.Postgres.Sdk.Sandbox.Certificates;
using Zalando.Postgres.Sdk.Sandbox.Network;
using Zalando.Postgres.Sdk.Sandbox.PgBouncer;
using Zalando.Postgres.Sdk.Sandbox.Pods;
using Zalando.Postgres.Sdk.Sandbox.Processes;
using Zalando.Postgres.Sdk.Sandbox.Progress;
using Zalando.Postgres.Sdk.Sandbox.Spilo;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox;

/// <summary>A small Kubernetes cluster on this machine: an in-memory API server whose database and pooler pods are real Patroni, PostgreSQL and PgBouncer processes.</summary>
/// <remarks>Everything ends with <see cref="DisposeAsync"/>, and also when this process is killed: nothing is left running.</remarks>
public sealed class SandboxCluster : IAsyncDisposable
{
    private const string Context = "sandbox";

    private readonly SandboxOptions _options;
    private readonly SandboxDirectory _directory;
    private readonly LoopbackBlock _block;
    private readonly ThrowAwayAuthority _authority;
    private readonly NoticeBoard _notices;
    private readonly HttpMessageInvoker _http;
    private NodeAgent? _agent;
    private int _disposed;

    private SandboxCluster(SandboxOptions options, SandboxPrograms programs)
    {
        _options = options;
        Programs = programs;
        _block = LoopbackBlock.Reserve();
        var path = options.Directory ?? Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"pgsandbox-{_block.Number}-{Environment.ProcessId}"));
        if (options.Directory is null) SandboxDirectory.Remove(path);
        try
        {
            _directory = new SandboxDirectory(path, Account.ForPods(), programs.Python, options.KeepData);
        }
        catch
        {
            _block.Dispose();
            throw;
        }

        _authority = new ThrowAwayAuthority(options.TimeProvider);
        _notices = new NoticeBoard(options.TimeProvider);
        // Pods are asked directly, whatever proxy this process is told to use.
        _http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(1) });
        CertificateAuthorityPem = _authority.CertificatePem;
    }

    /// <summary>The API server.</summary>
    public InMemoryApiServer ApiServer { get; private set; } = null!;

    /// <summary>Path of a kubeconfig file for <c>kubectl</c> and other clients.</summary>
    public string Kubeconfig { get; private set; } = string.Empty;

    /// <summary>The pods that run here.</summary>
    public SandboxPods Pods { get; private set; } = null!;

    /// <summary>The services and their addresses: how clients and the operator reach databases and poolers.</summary>
    public SandboxServices Services { get; private set; } = null!;

    /// <summary>The programs that are run.</summary>
    public SandboxPrograms Programs { get; }

    /// <summary>Directory of this sandbox.</summary>
    public string Directory => _directory.Root;

    /// <summary>Certificate of the authority that signed the pods' server certificates.</summary>
    public string CertificateAuthorityPem { get; }

    /// <summary>Starts a sandbox.</summary>
    /// <param name="options">How it is set up; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="SandboxException">A program is missing, or the directory cannot be used; the message says what to do.</exception>
    public static async Task<SandboxCluster> StartAsync(SandboxOptions? options, CancellationToken cancellationToken)
    {
        options ??= new SandboxOptions();
        var programs = options.Programs ?? SandboxPrograms.Find();
        if (programs.Missing is { Count: > 0 } missing)
        {
            throw new SandboxException("The sandbox needs programs that this machine does not have: " + string.Join("; ", missing) + ". eng/install installs them on Debian and Ubuntu.");
        }

        var cluster = new SandboxCluster(options, programs);
        try
        {
            await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What happens, from the last notices on, until the sandbox ends or the reader is cancelled.</summary>
    /// <param name="cancellationToken">Ends reading.</param>
    public IAsyncEnumerable<SandboxNotice> ReadNoticesAsync(CancellationToken cancellationToken) => _notices.ReadAsync(cancellationToken);

    /// <summary>Stops all pods (cleanly, within <see cref="SandboxOptions.StopGrace"/>) and the API server, and removes the directory unless it is to be kept.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (_agent is not null) await _agent.StopAsync(_options.StopGrace).ConfigureAwait(false);
        if (Services is not null) await Services.DisposeAsync().ConfigureAwait(false);
        if (ApiServer is not null) await ApiServer.DisposeAsync().ConfigureAwait(false);
        _notices.Close();
        _http.Dispose();
        _authority.Dispose();
        _directory.Dispose();
        _block.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        ApiServer = await InMemoryApiServer.StartAsync(
            new ApiServerOptions
            {
                ListenAddress = IPAddress.Loopback,
                Port = _options.ApiPort,
                AllowLoopbackEndpoints = true,
                ServiceNetwork = _block.Network,
                TimeProvider = _options.TimeProvider,
                LoggerFactory = _options.LoggerFactory,
            },
            cancellationToken).ConfigureAwait(false);
        Kubeconfig = Path.Combine(_directory.Root, "kubeconfig");
        _directory.WriteFile(Kubeconfig, KubeconfigFor(ApiServer.Url.ToString().TrimEnd('/')));
        var api = ApiServer.Access;
        Services = new SandboxServices(api, _block, _notices);
        var context = new NodeContext
        {
            Api = api,
            Objects = new PodObjects(api),
            Events = new EventRecorder(api, _notices, _options.TimeProvider),
            Directory = _directory,
            Programs = Programs,
            Block = _block,
            Readiness = new ReadinessProbe(_http, _options.TimeProvider),
            RestartBackOff = _options.RestartBackOff,
            Time = _options.TimeProvider,
            KeepData = _options.KeepData,
        };
        _agent = new NodeAgent(
            context,
            [
                new PgBouncerPodProgram(_directory, Programs, _authority, Services),
                new SpiloPodProgram(_directory, Programs, _options, _authority, Services, Kubeconfig, Context),
            ],
            _notices,
            _options.Nodes);
        Pods = new SandboxPods(_agent);
        ApiServer.PodRuntime = new PodRuntime(_directory, Programs, _agent.Find);
        Services.Start();
        await DefaultServiceAccountAsync(api, cancellationToken).ConfigureAwait(false);
        _agent.Start();
        _notices.Post(NoticeSeverity.Normal, string.Empty, "SandboxStarted", $"The Kubernetes API listens at {ApiServer.Url}; pods get addresses in 127.{_block.Number.ToString(CultureInfo.InvariantCulture)}.0.0/16; data is in {_directory.Root}.");
    }

    // Pods are refused until their namespace has its default service account, which a controller makes.
    private static async Task DefaultServiceAccountAsync(IApiAccess api, CancellationToken cancellationToken)
    {
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = api.Subscribe(change =>
        {
            if (change.Kind == KubernetesKinds.ServiceAccount && IsThere()) made.TrySetResult();
        });
        if (IsThere()) return;
        await made.Task.WaitAsync(cancellationToken).ConfigureAwait(false);

        bool IsThere() => api.Get(KubernetesKinds.ServiceAccount, "default", "default") is not null;
    }

    private static string KubeconfigFor(string server) =>
        $$"""
        apiVersion: v1
        kind: Config
        current-context: {{Context}}
        clusters:
        - name: {{Context}}
          cluster:
            server: {{server}}
        users:
        - name: {{Context}}
          user: {}
        contexts:
        - name: {{Context}}
          context:
            cluster: {{Context}}
            user: {{Context}}
            namespace: default

        """;
}
