using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zalando.Postgres.Sdk.Hosting.Health;
using Zalando.Postgres.Sdk.Hosting.Options;
using Zalando.Postgres.Sdk.Hosting.Services;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Hosting;

/// <summary>Adds the operator to a host.</summary>
public static class PostgresOperatorServiceCollectionExtensions
{
    /// <summary>Adds the operator: it starts with the host, takes part in the leader election, and answers health checks tagged <c>live</c> and <c>ready</c>.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets options; null for the defaults.</param>
    /// <returns>A builder for plugins.</returns>
    /// <example><code>builder.Services.AddPostgresOperator(o => o.Namespaces.Add("databases")).AddPolicy&lt;FreezeOnFridays&gt;();</code></example>
    public static PostgresOperatorBuilder AddPostgresOperator(this IServiceCollection services, Action<PostgresOperatorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<PostgresOperatorOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresOperatorOptions>, PostgresOperatorOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresOperatorOptions>, PostgresOperatorRulesValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IKubernetesClient>(static provider => new KubernetesClient(
            KubernetesEnvironment.Find(),
            new KubernetesClientOptions { TimeProvider = provider.GetRequiredService<TimeProvider>(), Logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Zalando.Postgres.Sdk.Kubernetes") }));
        services.TryAddSingleton<IPatroniClient>(static provider =>
        {
            var patroni = provider.GetRequiredService<IOptions<PostgresOperatorOptions>>().Value;
            return new PatroniClient(
                PatroniClientOptions.FromFiles(patroni.PatroniAuthorityFile, patroni.PatroniCertificateFile, patroni.PatroniKeyFile, patroni.PatroniUserName, patroni.PatroniPasswordFile),
                provider.GetRequiredService<TimeProvider>());
        });
        services.TryAddSingleton(MakeConfigurationSource);
        services.TryAddSingleton<IPostgresConnector>(static _ => new PrimaryConnector());
        services.TryAddSingleton(static provider => new TeamDirectories(
            provider.GetRequiredService<TimeProvider>(), provider.GetService<ITeamDirectory>(),
            provider.GetRequiredService<IOptions<PostgresOperatorOptions>>().Value.TeamsApiTokenFile is { Length: > 0 } file ? TeamsApiOptions.FromFile(file) : null));
        services.TryAddSingleton<IDatabaseReconciler>(static provider => new DatabaseReconciler(
            provider.GetRequiredService<IPostgresConnector>(), provider.GetService<ICredentialSource>(), provider.GetRequiredService<TeamDirectories>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<PostgresOperatorService>();
        services.AddHostedService(static provider => provider.GetRequiredService<PostgresOperatorService>());
        services.AddHealthChecks()
            .AddCheck<OperatorLiveness>("postgres-operator-live", tags: ["live"])
            .AddCheck<OperatorReadiness>("postgres-operator-ready", tags: ["ready"]);
        return new PostgresOperatorBuilder(services);
    }

    private static IOperatorConfigurationSource MakeConfigurationSource(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<PostgresOperatorOptions>>().Value;
        var client = provider.GetRequiredService<IKubernetesClient>();
        var time = provider.GetRequiredService<TimeProvider>();
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Zalando.Postgres.Sdk.Configuration");
        if (options.ConfigurationObject is { Length: > 0 } name) return KubernetesConfigurationSource.FromObject(client, options.OperatorNamespace, name, time, logger, options.Environment);
        return NamespacedName.TryParse(options.ConfigurationConfigMap, out var map)
            ? KubernetesConfigurationSource.FromConfigMap(client, map.Namespace ?? options.OperatorNamespace, map.Name, time, logger, options.Environment)
            : new FixedConfigurationSource(options.Environment.Apply(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap }));
    }
}
