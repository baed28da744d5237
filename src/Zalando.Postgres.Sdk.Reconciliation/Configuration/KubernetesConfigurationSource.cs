using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Configuration;

/// <summary>Reads the operator configuration from an <c>OperatorConfiguration</c> object or from a ConfigMap, and follows its changes.</summary>
/// <remarks>A configuration that cannot be used is logged and left aside: the last good one stays in force. An object that is deleted changes nothing.</remarks>
public sealed partial class KubernetesConfigurationSource : IOperatorConfigurationSource
{
    private readonly IKubernetesClient _client;
    private readonly bool _isConfigMap;
    private readonly string _namespace;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private OperatorConfiguration? _current;

    private KubernetesConfigurationSource(IKubernetesClient client, bool isConfigMap, string namespaceName, string name, TimeProvider time, ILogger? logger)
    {
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

    /// <summary>Why the newest configuration is not in force; null when it is.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The configuration in an <c>OperatorConfiguration</c> object.</summary>
    /// <param name="client">The API server.</param>
    /// <param name="namespaceName">Namespace of the object.</param>
    /// <param name="name">Name of the object.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where refusals are logged.</param>
    public static KubernetesConfigurationSource FromObject(IKubernetesClient client, string namespaceName, string name, TimeProvider time, ILogger? logger = null) =>
        new(client, isConfigMap: false, namespaceName, name, time, logger);

    /// <summary>The configuration in a ConfigMap, one key per parameter.</summary>
    /// <param name="client">The API server.</param>
    /// <param name="namespaceName">Namespace of the ConfigMap.</param>
    /// <param name="name">Name of the ConfigMap.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where refusals are logged.</param>
    public static KubernetesConfigurationSource FromConfigMap(IKubernetesClient client, string namespaceName, string name, TimeProvider time, ILogger? logger = null) =>
        new(client, isConfigMap: true, namespaceName, name, time, logger);

    /// <inheritdoc />
    public Task RunAsync(CancellationToken cancellationToken) => _isConfigMap
        ? FollowAsync<ConfigMap>(static map => ConfigMapConfiguration.Read(map.Data), cancellationToken)
        : FollowAsync<OperatorConfiguration>(static configuration => configuration, cancellationToken);

    private async Task FollowAsync<T>(Func<T, OperatorConfiguration> read, CancellationToken cancellationToken)
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
                        Take(found, read);
                        break;
                    case CacheEventType.Unreadable:
                        Refuse(change.Unreadable?.Error.Message ?? "it cannot be read");
                        break;
                    case CacheEventType.Deleted:
                        Refuse("it was deleted");
                        break;
                    case CacheEventType.InitialListComplete when Current is null && Refusal is null:
                        Refuse("it does not exist");
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

    private void Take<T>(T found, Func<T, OperatorConfiguration> read)
        where T : class
    {
        try
        {
            var configuration = read(found);
            if (OperatorSettings.TryFrom(configuration, out var findings) is null)
            {
                Refuse(string.Join("; ", findings.Where(f => f.Severity == FindingSeverity.Error)));
                return;
            }

            Volatile.Write(ref _current, configuration);
            Refusal = null;
            InForce(_logger, _namespace, _name);
        }
        catch (InvalidOperatorConfigurationException e)
        {
            Refuse(e.Message);
            return;
        }

        Changed?.Invoke();
    }

    private void Refuse(string why)
    {
        Refusal = why;
        Refused(_logger, _namespace, _name, why, Current is null ? "the operator waits for a usable one" : "the former one stays in force");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The operator configuration {Namespace}/{Name} is in force")]
    private static partial void InForce(ILogger logger, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The operator configuration {Namespace}/{Name} cannot be used ({Why}); {Consequence}")]
    private static partial void Refused(ILogger logger, string @namespace, string name, string why, string consequence);
}
