using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Environment of the database container: operator, manifest, clone and standby, secret and ConfigMap, archive, certificate, in this order.</summary>
internal static class SpiloEnvironment
{
    private const string TokenFile = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

    public static IReadOnlyList<EnvVar> Build(ClusterContext context, string version)
    {
        var variables = new EnvironmentList();
        AddOperator(variables, context, version);
        foreach (var variable in context.Spec.Env ?? []) variables.AddMissing(variable);
        if (context.Spec.CloneFrom is { Cluster.Length: > 0 } clone) AddClone(variables, context, clone);
        if (context.Spec.Standby is { } standby) AddStandby(variables, context, standby);
        AddSecret(variables, context);
        AddConfigMap(variables, context);
        AddArchive(variables, context);
        if (context.Spec.Tls is { } tls && TlsFiles.IsUsed(tls))
            foreach (var variable in TlsFiles.Variables(tls, "SSL_CERTIFICATE_FILE", "SSL_PRIVATE_KEY_FILE", "SSL_CA_FILE")) variables.AddMissing(variable);
        return variables.Variables;
    }

    private static void AddOperator(EnvironmentList variables, ClusterContext context, string version)
    {
        var settings = context.Settings;
        variables.Add("SCOPE", context.Name);
        variables.Add("PGROOT", "/home/postgres/pgdata/pgroot");
        variables.Add(EnvironmentList.FromField("POD_IP", "status.podIP"));
        variables.Add(EnvironmentList.FromField("POD_NAMESPACE", "metadata.namespace"));
        variables.Add("PGUSER_SUPERUSER", settings.Users.SuperUserName);
        variables.Add("KUBERNETES_SCOPE_LABEL", settings.Kubernetes.ClusterNameLabel);
        variables.Add("KUBERNETES_ROLE_LABEL", settings.Kubernetes.PodRoleLabel);
        variables.Add(EnvironmentList.FromSecret("PGPASSWORD_SUPERUSER", context.SecretName(settings.Users.SuperUserName)));
        variables.Add("PGUSER_STANDBY", settings.Users.ReplicationUserName);
        variables.Add(EnvironmentList.FromSecret("PGPASSWORD_STANDBY", context.SecretName(settings.Users.ReplicationUserName)));
        variables.Add("PAM_OAUTH2", settings.TeamsApi.PamConfiguration);
        variables.Add("HUMAN_ROLE", settings.TeamsApi.PamRoleName);
        if (settings.EnableSpiloWalPathCompat) variables.Add("ENABLE_WAL_PATH_COMPAT", "true");
        if (settings.EnablePgVersionEnvVar) variables.Add("PGVERSION", version);
        variables.Add("KUBERNETES_LABELS", GoJsonText.Map(settings.Kubernetes.ClusterLabels));
        variables.Add(SpiloConfiguration.Variable, SpiloConfiguration.Build(context, version));
        if (context.PatroniUsesEtcd)
        {
            variables.Add("ETCD_HOST", settings.EtcdHost);
            return;
        }

        variables.Add("DCS_ENABLE_KUBERNETES_API", "true");
        if (settings.Kubernetes.EnablePodDisruptionBudget) variables.Add("KUBERNETES_BOOTSTRAP_LABELS", "{\"critical-operation\":\"true\"}");
        if (context.PatroniUsesConfigMaps) variables.Add("KUBERNETES_USE_CONFIGMAPS", "true");
    }

    // Clone and standby variables are added even when the manifest has the name: the last one counts in a container.
    private static void AddClone(EnvironmentList variables, ClusterContext context, CloneSection clone)
    {
        var cloud = context.Settings.AwsOrGcp;
        variables.Add("CLONE_SCOPE", clone.Cluster);
        if (string.IsNullOrEmpty(clone.Timestamp))
        {
            variables.Add("CLONE_METHOD", "CLONE_WITH_BASEBACKUP");
            variables.Add("CLONE_HOST", clone.Cluster);
            variables.Add("CLONE_PORT", "5432");
            variables.Add("CLONE_USER", context.Settings.Users.ReplicationUserName);
            variables.Add(EnvironmentList.FromSecret("CLONE_PASSWORD", context.SecretName(context.Settings.Users.ReplicationUserName, clone.Cluster!)));
        }
        else
        {
            if (clone.S3WalPath is { Length: > 0 } path)
            {
                variables.Add("CLONE_WALE_S3_PREFIX", path);
            }
            else
            {
                if (cloud.WalS3Bucket.Length > 0)
                {
                    variables.Add("CLONE_WAL_S3_BUCKET", cloud.WalS3Bucket);
                }
                else if (cloud.WalGsBucket.Length > 0)
                {
                    variables.Add("CLONE_WAL_GS_BUCKET", cloud.WalGsBucket);
                    if (cloud.GcpCredentials.Length > 0) variables.Add("CLONE_GOOGLE_APPLICATION_CREDENTIALS", cloud.GcpCredentials);
                }
                else if (cloud.WalAzStorageAccount.Length > 0)
                {
                    variables.Add("CLONE_AZURE_STORAGE_ACCOUNT", cloud.WalAzStorageAccount);
                }

                variables.Add("CLONE_WAL_BUCKET_SCOPE_SUFFIX", clone.Uid is { Length: > 0 } uid ? "/" + uid : "");
            }

            variables.Add("CLONE_METHOD", "CLONE_WITH_WALE");
            variables.Add("CLONE_TARGET_TIME", clone.Timestamp);
            variables.Add("CLONE_WAL_BUCKET_SCOPE_PREFIX", "");
            if (clone.S3Endpoint is { Length: > 0 } endpoint)
            {
                variables.Add("CLONE_AWS_ENDPOINT", endpoint);
                variables.Add("CLONE_WALE_S3_ENDPOINT", endpoint);
            }

            if (clone.S3AccessKeyId is { Length: > 0 } id) variables.Add("CLONE_AWS_ACCESS_KEY_ID", id);
            if (clone.S3SecretAccessKey?.Reveal() is { Length: > 0 } key) variables.Add("CLONE_AWS_SECRET_ACCESS_KEY", key);
            if (clone.S3ForcePathStyle is { } pathStyle) variables.Add("CLONE_AWS_S3_FORCE_PATH_STYLE", pathStyle ? "1" : "0");
        }

        AddRole(variables, context, "CLONE");
    }

    private static void AddStandby(EnvironmentList variables, ClusterContext context, StandbySection standby)
    {
        if (standby.StandbyHost is { Length: > 0 } host)
        {
            variables.Add("STANDBY_HOST", host);
            if (standby.StandbyPort is { Length: > 0 } port) variables.Add("STANDBY_PORT", port);
            if (standby.StandbyPrimarySlotName is { Length: > 0 } slot) variables.Add("STANDBY_PRIMARY_SLOT_NAME", slot);
        }

        var fromS3 = standby.S3WalPath is { Length: > 0 };
        if (fromS3 || standby.GsWalPath is { Length: > 0 })
        {
            if (fromS3) variables.Add("STANDBY_WALE_S3_PREFIX", standby.S3WalPath);
            else variables.Add("STANDBY_WALE_GS_PREFIX", standby.GsWalPath);
            variables.Add("STANDBY_METHOD", "STANDBY_WITH_WALE");
            variables.Add("STANDBY_WAL_BUCKET_SCOPE_PREFIX", "");
        }

        AddRole(variables, context, "STANDBY");
    }

    private static void AddRole(EnvironmentList variables, ClusterContext context, string prefix)
    {
        if (context.Settings.AwsOrGcp.IrsaRoleArn is not { Length: > 0 } role) return;
        variables.Add(prefix + "_AWS_ROLE_ARN", role);
        variables.Add(prefix + "_AWS_WEB_IDENTITY_TOKEN_FILE", TokenFile);
    }

    private static void AddSecret(EnvironmentList variables, ClusterContext context)
    {
        if (context.Settings.Kubernetes.PodEnvironmentSecret is not { Length: > 0 } name) return;
        if (context.Observed.Find(KubernetesKinds.Secret, context.Namespace, name) is not { } secret)
        {
            context.Refuse("PodEnvironmentSecretMissing", "pod_environment_secret",
                $"The secret {context.Namespace}/{name} does not exist, so the environment of the pods is not known. Create it, or change pod_environment_secret.", name);
            return;
        }

        foreach (var key in Keys(secret["data"])) variables.AddMissing(EnvironmentList.FromSecret(key, name, key));
    }

    private static void AddConfigMap(EnvironmentList variables, ClusterContext context)
    {
        if (context.Settings.Kubernetes.PodEnvironmentConfigMap is not { } source || source.Name.Length == 0) return;
        var map = context.Observed.Find(KubernetesKinds.ConfigMap, source.Namespace ?? context.Input.OperatorNamespace, source.Name)
            ?? context.Observed.Find(KubernetesKinds.ConfigMap, context.Namespace, source.Name);
        if (map is null)
        {
            context.Refuse("PodEnvironmentConfigMapMissing", "pod_environment_configmap",
                $"The ConfigMap {source} does not exist, nor one of this name in {context.Namespace}, so the environment of the pods is not known. Create it, or change pod_environment_configmap.",
                source.ToString());
            return;
        }

        foreach (var key in Keys(map["data"])) variables.AddMissing(key, map.Text("data", key));
    }

    private static void AddArchive(EnvironmentList variables, ClusterContext context)
    {
        var cloud = context.Settings.AwsOrGcp;
        // Without a bucket Spilo neither archives nor makes base backups.
        if (context.Spec.EnableWalArchiving != false)
        {
            Archive("WAL_S3_BUCKET", cloud.WalS3Bucket, "WAL");
            Archive("WAL_GS_BUCKET", cloud.WalGsBucket, "WAL");
            Archive("AZURE_STORAGE_ACCOUNT", cloud.WalAzStorageAccount, "WAL");
        }

        if (cloud.GcpCredentials.Length > 0) variables.AddMissing("GOOGLE_APPLICATION_CREDENTIALS", cloud.GcpCredentials);
        Archive("LOG_S3_BUCKET", cloud.LogS3Bucket, "LOG");

        void Archive(string name, string value, string prefix)
        {
            if (value.Length == 0) return;
            variables.AddMissing(name, value);
            variables.AddMissing(prefix + "_BUCKET_SCOPE_SUFFIX", context.UidSuffix);
            variables.AddMissing(prefix + "_BUCKET_SCOPE_PREFIX", "");
        }
    }

    private static IEnumerable<string> Keys(JsonNode? data) =>
        data is JsonObject map ? map.Select(d => d.Key).OrderBy(k => k, StringComparer.Ordinal) : [];
}
