using Zalando.Postgres.Sdk.Planning.Pooler;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Objects of others that a plan depends on.</summary>
internal static class ReferencedObjects
{
    public static IReadOnlyList<ObjectKey> Of(ClusterContext context)
    {
        var kubernetes = context.Settings.Kubernetes;
        var keys = new List<ObjectKey>
        {
            ObjectKey.Of(KubernetesKinds.ServiceAccount, context.Namespace, kubernetes.PodServiceAccountName),
        };
        if (kubernetes.PodEnvironmentSecret.Length > 0) keys.Add(ObjectKey.Of(KubernetesKinds.Secret, context.Namespace, kubernetes.PodEnvironmentSecret));
        if (kubernetes.PodEnvironmentConfigMap is { Name.Length: > 0 } map)
        {
            keys.Add(ObjectKey.Of(KubernetesKinds.ConfigMap, map.Namespace ?? context.Input.OperatorNamespace, map.Name));
            keys.Add(ObjectKey.Of(KubernetesKinds.ConfigMap, context.Namespace, map.Name));
        }

        if (context.Spec.EnableLogicalBackup == true && context.Settings.LogicalBackup.CronJobEnvironmentSecret is { Length: > 0 } backup)
            keys.Add(ObjectKey.Of(KubernetesKinds.Secret, context.Namespace, backup));
        if (context.Spec.Tls is { } tls && TlsFiles.IsUsed(tls) && PoolerNames.IsNeeded(context))
            keys.AddRange(PoolerCertificate.SecretsOf(tls).Select(s => ObjectKey.Of(KubernetesKinds.Secret, context.Namespace, s)));
        foreach (var (_, secret) in InfrastructureRoleReader.Definitions(kubernetes))
        {
            var space = secret.Namespace ?? context.Input.OperatorNamespace;
            keys.Add(ObjectKey.Of(KubernetesKinds.Secret, space, secret.Name));
            keys.Add(ObjectKey.Of(KubernetesKinds.ConfigMap, space, secret.Name));
        }

        foreach (var user in SecretUsers.Of(context).Where(u => u.Namespace != context.Namespace))
            keys.Add(ObjectKey.Of(KubernetesKinds.Secret, user.Namespace, context.SecretName(user.Name)));
        return [.. keys.Distinct()];
    }
}
