using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Zalando.Postgres.Sdk.Hosting.Services;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Hosting;

/// <summary>Adds plugins to the operator.</summary>
public sealed class PostgresOperatorBuilder
{
    internal PostgresOperatorBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Uses an API server client of the host instead of one made from the environment.</summary>
    /// <param name="factory">Makes the client.</param>
    public PostgresOperatorBuilder UseKubernetesClient(Func<IServiceProvider, IKubernetesClient> factory)
    {
        Services.AddSingleton(factory);
        return this;
    }

    /// <summary>Reads the operator configuration from somewhere else.</summary>
    /// <param name="factory">Makes the source.</param>
    public PostgresOperatorBuilder UseConfigurationSource(Func<IServiceProvider, IOperatorConfigurationSource> factory)
    {
        Services.AddSingleton(factory);
        return this;
    }

    /// <summary>Adds a policy that may hold changes back.</summary>
    /// <typeparam name="T">The policy.</typeparam>
    public PostgresOperatorBuilder AddPolicy<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IPlanPolicy
    {
        Services.AddSingleton<IPlanPolicy, T>();
        return this;
    }

    /// <summary>Adds a filter that changes desired objects of a kind before they are compared with what exists.</summary>
    /// <typeparam name="T">The filter; it implements <see cref="IManifestFilter{T}"/> for its kind.</typeparam>
    public PostgresOperatorBuilder AddManifestFilter<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IManifestFilter
    {
        Services.AddSingleton<IManifestFilter, T>();
        return this;
    }

    /// <summary>Adds extra work on every cluster.</summary>
    /// <typeparam name="T">The step.</typeparam>
    public PostgresOperatorBuilder AddStep<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IReconcileStep
    {
        Services.AddSingleton<IReconcileStep, T>();
        return this;
    }

    /// <summary>Reaches the databases in another way than through the address of the primary's pod.</summary>
    /// <param name="factory">Makes the connector.</param>
    public PostgresOperatorBuilder UsePostgresConnector(Func<IServiceProvider, IPostgresConnector> factory)
    {
        Services.AddSingleton(factory);
        return this;
    }

    /// <summary>Takes the super users' passwords from somewhere else than their Secrets.</summary>
    /// <param name="factory">Makes the source.</param>
    public PostgresOperatorBuilder UseCredentialSource(Func<IServiceProvider, ICredentialSource> factory)
    {
        Services.AddSingleton(factory);
        return this;
    }

    /// <summary>Takes the members of teams from somewhere else than the Teams API of the operator configuration.</summary>
    /// <param name="factory">Makes the directory. Its answers are kept for a minute, and in an outage until it is over.</param>
    public PostgresOperatorBuilder UseTeamDirectory(Func<IServiceProvider, ITeamDirectory> factory)
    {
        Services.AddSingleton(factory);
        return this;
    }

    /// <summary>Adds a resizer of volumes for a storage provisioner.</summary>
    /// <typeparam name="T">The resizer; one object serves all provisioners that it is added for.</typeparam>
    /// <param name="provisioner">Name of the provisioner, for example <c>ebs.csi.aws.com</c>. Of several resizers for one provisioner the last counts.</param>
    public PostgresOperatorBuilder AddVolumeResizer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(string provisioner)
        where T : class, IVolumeResizer
    {
        ArgumentException.ThrowIfNullOrEmpty(provisioner);
        // One resizer may serve several provisioners; made when the operator starts to work.
        Services.TryAddSingleton<T>();
        Services.AddSingleton(services => new VolumeResizerRegistration(provisioner, services.GetRequiredService<T>()));
        return this;
    }

    /// <summary>Adds a resizer of volumes for a storage provisioner.</summary>
    /// <param name="provisioner">Name of the provisioner, for example <c>ebs.csi.aws.com</c>. Of several resizers for one provisioner the last counts.</param>
    /// <param name="factory">Makes the resizer, which stays its maker's to dispose of.</param>
    public PostgresOperatorBuilder AddVolumeResizer(string provisioner, Func<IServiceProvider, IVolumeResizer> factory)
    {
        ArgumentException.ThrowIfNullOrEmpty(provisioner);
        ArgumentNullException.ThrowIfNull(factory);
        Services.AddSingleton(services => new VolumeResizerRegistration(provisioner, factory(services)));
        return this;
    }
}
