using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Leadership;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Hosting.Services;

/// <summary>Runs the engine in a host: installs the definitions if asked, waits for leadership, works until it is lost or the host stops.</summary>
internal sealed partial class PostgresOperatorService(
    IOptions<PostgresOperatorOptions> options, IKubernetesClient client, IPatroniClient patroni, IOperatorConfigurationSource configuration, TimeProvider time,
    IEnumerable<IManifestFilter> filters, IEnumerable<IPlanPolicy> policies, IEnumerable<IReconcileStep> steps, IEnumerable<VolumeResizerRegistration> volumeResizers, ILoggerFactory logging, IDatabaseReconciler? databases = null) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logging.CreateLogger("Zalando.Postgres.Sdk.Hosting");
    private volatile ReconcileEngine? _engine;

    /// <summary>The engine at work; null while another process leads.</summary>
    public ReconcileEngine? Engine => _engine;

    /// <summary>Whether the process waits for its turn.</summary>
    public bool IsStandby { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var settings = options.Value;
        try
        {
            if (settings.InstallDefinitions) await new DefinitionInstaller(client, time, _logger, settings.Environment.CrdReadyWaitInterval, settings.Environment.CrdReadyWaitTimeout).InstallAsync(stoppingToken).ConfigureAwait(false);
            if (!settings.LeaderElection)
            {
                await WorkAsync(settings, stoppingToken).ConfigureAwait(false);
                return;
            }

            IsStandby = true;
            var election = new LeaseElection(client, new LeaseElectionOptions
            {
                Namespace = settings.OperatorNamespace, Name = settings.LeaseName, Identity = settings.Identity, TimeProvider = time, Logger = _logger,
            });
            await election.RunAsync(
                async token =>
                {
                    IsStandby = false;
                    await WorkAsync(settings, token).ConfigureAwait(false);
                    IsStandby = true;
                },
                stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The wanted end.
        }
    }

    private async Task WorkAsync(PostgresOperatorOptions settings, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var engine = new ReconcileEngine(
                new ReconcileEngineServices
                {
                    Kubernetes = client,
                    Configuration = configuration,
                    Executors = [new PatroniChangeExecutor(patroni)],
                    Patroni = patroni,
                    Databases = settings.DatabaseAccess ? databases : null,
                    Filters = [.. filters],
                    Policies = [.. policies],
                    Steps = [.. steps],
                    VolumeResizers = volumeResizers.GroupBy(r => r.Provisioner, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Resizer, StringComparer.Ordinal),
                    Time = time,
                    Logging = logging,
                },
                new ReconcileEngineOptions
                {
                    Namespaces = [.. settings.Namespaces],
                    OperatorNamespace = settings.OperatorNamespace,
                    ControllerId = settings.ControllerId,
                    OrphanedClusters = settings.OrphanedClusters,
                    RestartPolicy = settings.RestartPolicy,
                    ResizePolicy = settings.ResizePolicy,
                    Workers = settings.Workers,
                    ResyncPeriod = settings.ResyncPeriod,
                    CallTimeout = settings.CallTimeout,
                });
            _engine = engine;
            try
            {
                await engine.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The engine contains the faults of clusters; what arrives here is a fault of its own, and starting over loses nothing.
                Faulted(_logger, e);
                await Task.Delay(PauseAfterFault, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                _engine = null;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The engine stopped and is started again")]
    private static partial void Faulted(ILogger logger, Exception exception);
}
