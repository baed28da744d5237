using Zalando.Postgres.Sdk.Planning.Pooler;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Objects of others that plans depend on: manifest and operator configuration name them. Whoever observes a cluster looks for these besides those that
/// carry its labels.</summary>
public static class ReferencedObjects
{
    /// <summary>Those of one cluster, those of the operator configuration among them.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="operatorNamespace">Namespace in which the configuration looks for objects that it names without one.</param>
    public static IEnumerable<ReferencedObject> OfCluster(Postgresql manifest, OperatorSettings settings, string operatorNamespace)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        var space = manifest.Metadata.Namespace ?? "default";
        foreach (var reference in OfOperator(settings, operatorNamespace)) yield return reference;
        var kubernetes = settings.Kubernetes;
        yield return new(KubernetesKinds.ServiceAccount, space, kubernetes.PodServiceAccountName);
        if (kubernetes.PodEnvironmentSecret is { Length: > 0 } environment) yield return new(KubernetesKinds.Secret, space, environment);
        if (kubernetes.PodEnvironmentConfigMap is { Name.Length: > 0 } map)
        {
            yield return new(KubernetesKinds.ConfigMap, map.Namespace ?? operatorNamespace, map.Name);
            if ((map.Namespace ?? operatorNamespace) != space) yield return new(KubernetesKinds.ConfigMap, space, map.Name);
        }

        if (manifest.Spec.EnableLogicalBackup == true && settings.LogicalBackup.CronJobEnvironmentSecret is { Length: > 0 } backup)
            yield return new(KubernetesKinds.Secret, space, backup);
        if (manifest.Spec.Tls is not { } tls || !TlsFiles.IsUsed(tls) || !Roles.PoolerNames.IsEnabled(manifest.Spec)) yield break;
        foreach (var certificate in PoolerCertificate.SecretsOf(tls)) yield return new(KubernetesKinds.Secret, space, certificate);
    }

    /// <summary>Those that the operator configuration names for all clusters: infrastructure roles, and the token of the Teams API.</summary>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="operatorNamespace">Namespace in which the configuration looks for objects that it names without one.</param>
    public static IEnumerable<ReferencedObject> OfOperator(OperatorSettings settings, string operatorNamespace)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.TeamsApi.EnableTeamsApi && settings.Kubernetes.OauthTokenSecretName is { Name.Length: > 0 } token)
            yield return new(KubernetesKinds.Secret, token.Namespace ?? operatorNamespace, token.Name);
        foreach (var definition in InfrastructureRoleReader.Definitions(settings))
        {
            if (!NamespacedName.TryParse(definition.SecretName, out var name)) continue;
            yield return new(KubernetesKinds.Secret, name.Namespace ?? operatorNamespace, name.Name);
            yield return new(KubernetesKinds.ConfigMap, name.Namespace ?? operatorNamespace, name.Name);
        }
    }
}
