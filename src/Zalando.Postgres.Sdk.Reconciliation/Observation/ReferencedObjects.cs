using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Objects without a cluster's label that plans read: the operator configuration names them.</summary>
internal static class ReferencedObjects
{
    public static IEnumerable<(KubernetesKind Kind, string Namespace, string Name)> Of(ClusterKey key, OperatorSettings settings, string operatorNamespace)
    {
        foreach (var reference in OfOperator(settings, operatorNamespace)) yield return reference;
        yield return (KubernetesKinds.ServiceAccount, key.Namespace, settings.Kubernetes.PodServiceAccountName);
        if (settings.Kubernetes.PodEnvironmentConfigMap is { Name.Length: > 0 } map)
        {
            yield return (KubernetesKinds.ConfigMap, map.Namespace ?? operatorNamespace, map.Name);
            if (map.Namespace is null && key.Namespace != operatorNamespace) yield return (KubernetesKinds.ConfigMap, key.Namespace, map.Name);
        }

        if (settings.Kubernetes.PodEnvironmentSecret is { Length: > 0 } secret) yield return (KubernetesKinds.Secret, key.Namespace, secret);
        if (settings.LogicalBackup.CronJobEnvironmentSecret is { Length: > 0 } backup) yield return (KubernetesKinds.Secret, key.Namespace, backup);
    }

    public static IEnumerable<(KubernetesKind Kind, string Namespace, string Name)> OfOperator(OperatorSettings settings, string operatorNamespace)
    {
        if (settings.TeamsApi.EnableTeamsApi && settings.Kubernetes.OauthTokenSecretName is { Name.Length: > 0 } token)
            yield return (KubernetesKinds.Secret, token.Namespace ?? operatorNamespace, token.Name);
        var names = settings.Kubernetes.InfrastructureRolesSecrets
            .Select(d => NamespacedName.TryParse(d.SecretName, out var name) ? name : (NamespacedName?)null)
            .Append(settings.Kubernetes.InfrastructureRolesSecretName);
        foreach (var name in names)
        {
            if (name is not { Name.Length: > 0 } found) continue;
            yield return (KubernetesKinds.Secret, found.Namespace ?? operatorNamespace, found.Name);
            yield return (KubernetesKinds.ConfigMap, found.Namespace ?? operatorNamespace, found.Name);
        }
    }
}
