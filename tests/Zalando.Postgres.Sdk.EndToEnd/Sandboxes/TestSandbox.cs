using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox;
using Zalando.Postgres.Sdk.Sandbox.Spilo;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.EndToEnd.Sandboxes;

/// <summary>A sandbox that several tests share. Where programs are missing, its tests are skipped with their names.</summary>
public abstract class TestSandbox : IAsyncLifetime
{
    private SandboxCluster? _sandbox;
    private SandboxWatch? _watch;
    private string? _missing;

    /// <summary>Quick, and without waiting for the disk: what survives a killed process.</summary>
    public static SandboxOptions FastOptions { get; } = new()
    {
        PatroniTiming = new PatroniTiming { TimeToLive = 6, LoopWait = 1, RetryTimeout = 2 },
        RestartBackOff = new RestartBackOff { First = TimeSpan.FromSeconds(10) },
        SynchronousDisk = false,
        StopGrace = TimeSpan.Zero,
    };

    public SandboxCluster Sandbox
    {
        get
        {
            if (_missing is not null) Assert.Skip(_missing);
            return _sandbox!;
        }
    }

    public IApiAccess Api => Sandbox.ApiServer.Access;

    public SandboxWatch Watch
    {
        get
        {
            if (_missing is not null) Assert.Skip(_missing);
            return _watch!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _missing = SandboxPrograms.Find().Missing is { Count: > 0 } missing ? "this machine lacks " + string.Join("; ", missing) : Missing;
        if (_missing is not null) return;
        _sandbox = await SandboxCluster.StartAsync(Options, CancellationToken.None);
        _watch = new SandboxWatch(_sandbox);
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
        if (_sandbox is not null) await _sandbox.DisposeAsync();
    }

    public KubernetesClient Client() => new(KubernetesClientConfiguration.FromKubeconfigFile(Sandbox.Kubeconfig));

    /// <summary>Waits until a condition holds.</summary>
    public Task UntilAsync(string what, Func<bool> condition, CancellationToken cancellationToken) => Watch.UntilAsync(what, condition, cancellationToken);

    /// <summary>The only pod behind a service; null when there is none or more than one.</summary>
    public static string? Endpoint(IApiAccess api, string service)
    {
        var addresses = (api.Get(KubernetesKinds.Endpoints, "default", service)?["subsets"] as System.Text.Json.Nodes.JsonArray)?.FirstOrDefault()?["addresses"] as System.Text.Json.Nodes.JsonArray;
        return addresses is { Count: 1 } ? (string?)addresses[0]?["targetRef"]?["name"] : null;
    }

    /// <summary>How the sandbox is set up.</summary>
    protected virtual SandboxOptions Options => FastOptions;

    /// <summary>Why these tests cannot run on this machine, besides what every sandbox needs; null when they can.</summary>
    protected virtual string? Missing => null;

    /// <summary>Brings the sandbox to where its tests begin.</summary>
    protected abstract Task StartAsync();

    /// <summary>Ends what does not end with the sandbox.</summary>
    protected virtual Task StopAsync() => Task.CompletedTask;
}
