using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Configuration;

/// <summary>Reads the operator configuration from an <c>OperatorConfiguration</c> object or from a ConfigMap, and follows its changes.</summary>
/// <remarks>A configuration that cannot be used is logged, told by an Event and left aside: the last good one stays in force. An object that is deleted changes nothing.</remarks>
public sealed partial class KubernetesConfigurationSource : IOperatorConfigurationSource
{
    private readonly IKubernetesClient _client;
    private readonly bool _isConfigMap;
    private readonly string _namespace;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly OperatorEnvironment _environment;
    private readonly ILogger _logger;
    private OperatorConfiguration? _current;

    private KubernetesConfigurationSource(IKubernetesClient client, bool isConfigMap, string namespaceName, string name, TimeProvider time, ILogger? logger, OperatorEnvironment? environment)
    {
        _environment = environment ?? new OperatorEnvironment();
        _client = client;
        _isConfigMap = isConfigMap;
        _namespace = namespaceName;
        _name = name;
        _time = time;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc />
    public event Action? Changed;

    /// <inheritdoc />
    public OperatorConfiguration? Current => Volatile.Read(ref _current);

    /// <inheritdoc />
    public string? Refusal { get; private set; }

    /// <summary>The configuration in an <c>OperatorConfiguration</c> object.</summary>
    /// <param name="client">The API server.</param>
    /// <param name="namespaceName">Namespace of the object.</param>
    /// <param name="name">Name of the object.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where refusals are logged.</param>
    /// <param name="environment">Variables of the process that override parameters; null for none.</param>
    public static KubernetesConfigurationSource FromObject(
        IKubernetesClient client, string namespaceName, string name, TimeProvider time, ILogger? logger = null, OperatorEnvironment? environment = null) =>
        new(client, isConfigMap: false, namespaceName, name, time, logger, environment);

    /// <summary>The configuration in a ConfigMap, one key per parameter.</summary>
    /// <param name="client">The API server.</param>
    /// <param name="namespaceName">Namespace of the ConfigMap.</param>
    /// <param name="name">Name of the ConfigMap.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where refusals are logged.</param>
    /// <param name="environment">Variables of the process that override parameters; null for none.</param>
    public static KubernetesConfigurationSource FromConfigMap(
        IKubernetesClient client, string namespaceName, string name, TimeProvider time, ILogger? logger = null, OperatorEnvironment? environment = null) =>
        new(client, isConfigMap: true, namespaceName, name, time, logger, environment);

    /// <inheritdoc />
    public Task RunAsync(CancellationToken cancellationToken) => _isConfigMap
        ? FollowAsync<ConfigMap>(map => (StoredConfiguration.Read(map, _environment, out var findings), findings), cancellationToken)
        : FollowAsync<OperatorConfiguration>(configuration => (StoredConfiguration.Read(configuration, _environment, out var findings), findings), cancellationToken);

    private async Task FollowAsync<T>(Func<T, (OperatorConfiguration? Configuration, IReadOnlyList<Finding> Findings)> read, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        var cache = ResourceCache.Create(_client, new ResourceCacheOptions<T> { Namespace = _namespace, FieldSelector = "metadata.name=" + _name, TimeProvider = _time, Logger = _logger });
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = cache.RunAsync(stopping.Token);
        try
        {
            await foreach (var change in cache.SubscribeAsync(stopping.Token).ConfigureAwait(false))
            {
                switch (change.Type)
                {
                    case CacheEventType.Added or CacheEventType.Modified when change.Object is { } found:
                        await TakeAsync(found, read(found), stopping.Token).ConfigureAwait(false);
                        break;
                    case CacheEventType.Unreadable:
                        await RefuseAsync(change.Unreadable?.Error.Message ?? "it cannot be read", null, stopping.Token).ConfigureAwait(false);
                        break;
                    case CacheEventType.Deleted:
                        await RefuseAsync("it was deleted", null, stopping.Token).ConfigureAwait(false);
                        break;
                    case CacheEventType.InitialListComplete when Current is null && Refusal is null:
                        await RefuseAsync("it does not exist", null, stopping.Token).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wanted end.
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAsync<T>(T found, (OperatorConfiguration? Configuration, IReadOnlyList<Finding> Findings) read, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T>
    {
        if (read.Configuration is not { } configuration)
        {
            var reasons = string.Join("; ", read.Findings.Where(static f => f.Severity == FindingSeverity.Error));
            await RefuseAsync(reasons, found.Metadata, cancellationToken).ConfigureAwait(false);
            return;
        }

        Volatile.Write(ref _current, configuration);
        Refusal = null;
        InForce(_logger, _namespace, _name);
        foreach (var finding in read.Findings) Doubtful(_logger, _namespace, _name, finding);
        Changed?.Invoke();
    }

    private async Task RefuseAsync(string why, ObjectMeta? about, CancellationToken cancellationToken)
    {
        Refusal = why;
        var consequence = Current is null ? "the operator waits for a usable one" : "the former one stays in force";
        Refused(_logger, _namespace, _name, why, consequence);
        if (about is not null) await TellAsync(about, $"The configuration cannot be used ({why}); {consequence}.", cancellationToken).ConfigureAwait(false);
    }

    // An Event for those who look at the object instead of the log. That it cannot be written changes nothing.
    private async Task TellAsync(ObjectMeta about, string message, CancellationToken cancellationToken)
    {
        const int longest = 1024;
        var now = new Time(_time.GetUtcNow());
        var kind = _isConfigMap ? KubernetesKinds.ConfigMap : OperatorConfiguration.Descriptor;
        try
        {
            await _client.CreateAsync(
                new Event
                {
                    Metadata = new ObjectMeta { Name = $"{_name}.{about.ResourceVersion}", Namespace = _namespace },
                    InvolvedObject = new ObjectReference { ApiVersion = kind.ApiVersion, Kind = kind.Kind, Namespace = _namespace, Name = _name, Uid = about.Uid, ResourceVersion = about.ResourceVersion },
                    Type = "Warning", Reason = "InvalidConfiguration", Message = message.Length <= longest ? message : message[..(longest - 3)] + "...",
                    Count = 1, FirstTimestamp = now, LastTimestamp = now,
                    Source = new EventSource { Component = KubernetesChangeExecutor.FieldManager }, ReportingComponent = KubernetesChangeExecutor.FieldManager,
                },
                new WriteOptions { FieldManager = KubernetesChangeExecutor.FieldManager },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException or IOException)
        {
            NotTold(_logger, _namespace, _name, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The operator configuration {Namespace}/{Name} is in force")]
    private static partial void InForce(ILogger logger, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The operator configuration {Namespace}/{Name} cannot be used ({Why}); {Consequence}")]
    private static partial void Refused(ILogger logger, string @namespace, string name, string why, string consequence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The operator configuration {Namespace}/{Name}: {Finding}")]
    private static partial void Doubtful(ILogger logger, string @namespace, string name, Finding finding);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The Event about the operator configuration {Namespace}/{Name} could not be written: {Message}")]
    private static partial void NotTold(ILogger logger, string @namespace, string name, string message);
}
