using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pooler;

/// <summary>Objects of one connection pooler: Deployment, Service and the secret with its user list.</summary>
internal static class PoolerBuilder
{
    private const int MaxClientConnections = 10000;
    private const int DefaultMaxDatabaseConnections = 60;

    public static Deployment Deployment(ClusterContext context, string role, IReadOnlyList<string> infrastructureRoles) => new()
    {
        Metadata = context.Meta(PoolerNames.Name(context, role), PoolerNames.FullLabels(context, role), WithCertificate(context.WorkloadAnnotations, PoolerCertificate.Of(context, role).OfDeployment)),
        Spec = new DeploymentSpec
        {
            Replicas = Math.Max(1, Instances(context)),
            Selector = new LabelSelector { MatchLabels = PoolerNames.BaseLabels(context, role) },
            Template = Template(context, role, infrastructureRoles),
        },
    };

    public static Service Service(ClusterContext context, string role)
    {
        var name = PoolerNames.Name(context, role);
        var primary = role == ClusterRoles.Primary;
        var exposure = primary ? ServiceExposure.OfPrimaryPooler(context) : ServiceExposure.OfReplicaPooler(context);
        var dns = primary ? DnsNames.OfPrimaryPooler(context) : DnsNames.OfReplicaPooler(context);
        var ofRole = primary ? context.Spec.MasterServiceAnnotations : context.Spec.ReplicaServiceAnnotations;
        return new Service
        {
            Metadata = context.Meta(name, PoolerNames.BaseLabels(context, role), ServiceBuilder.Annotations(context, exposure, dns, ofRole)),
            Spec = ServiceBuilder.Spec(context, exposure, name, new Dictionary<string, string>(StringComparer.Ordinal) { [PoolerNames.PoolerLabel] = name }),
        };
    }

    /// <summary>The secret with the list of users that PgBouncer knows.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="role">Role of the pooler.</param>
    /// <param name="users">Names and passwords, the pooler's own user first.</param>
    public static Secret AuthenticationSecret(ClusterContext context, string role, IEnumerable<(string Name, string Password)> users)
    {
        var text = new StringBuilder();
        // The file doubles quotes; a line break would begin another user.
        foreach (var (name, password) in users.Where(u => !u.Password.AsSpan().ContainsAny('\n', '\r', '\0') && !u.Name.AsSpan().ContainsAny('\n', '\r', '\0')))
            text.Append('"').Append(Doubled(name)).Append("\" \"").Append(Doubled(password)).Append("\"\n");
        var data = new Dictionary<string, string>(StringComparer.Ordinal) { ["userlist.txt"] = text.ToString() };
        foreach (var (name, content) in PoolerFiles.Of(context)) data[name] = content;
        return new Secret
        {
            Metadata = context.Meta(PoolerNames.AuthenticationSecret(context, role), PoolerNames.FullLabels(context, role), context.InheritedAnnotations),
            Type = "Opaque",
            StringData = data,
        };
    }

    private static SortedDictionary<string, string> WithCertificate(SortedDictionary<string, string> annotations, string? hash) =>
        hash is null ? annotations : ClusterContext.Merge(annotations, [new(PoolerCertificate.Annotation, hash)]);

    private static string Doubled(string text) => text.Replace("\"", "\"\"", StringComparison.Ordinal);

    private static int Instances(ClusterContext context) =>
        context.Spec.ConnectionPooler?.NumberOfInstances ?? context.Settings.ConnectionPooler.NumberOfInstances;

    private static PodTemplateSpec Template(ClusterContext context, string role, IReadOnlyList<string> infrastructureRoles)
    {
        var (spec, settings) = (context.Spec, context.Settings);
        var pooler = settings.ConnectionPooler;
        var secret = PoolerNames.AuthenticationSecret(context, role);
        var mounts = new List<VolumeMount> { new() { Name = secret, MountPath = "/etc/pgbouncer/userlist.txt", SubPath = "userlist.txt", ReadOnly = true } };
        var annotations = context.PodAnnotations;
        if (PoolerFiles.Of(context) is { Count: > 0 } files)
        {
            mounts.AddRange(files.Keys.Select(f => new VolumeMount { Name = secret, MountPath = $"{PoolerFiles.Directory}/{f}", SubPath = f, ReadOnly = true }));
            annotations = ClusterContext.Merge(annotations, [new(PoolerFiles.HashAnnotation, PoolerFiles.HashOf(files))]);
        }

        annotations = WithCertificate(annotations, PoolerCertificate.Of(context, role).OfPods);
        var volumes = new List<Volume> { new() { Name = secret, Secret = new SecretVolumeSource { SecretName = secret } } };
        if (spec.Tls is { } tls && TlsFiles.IsUsed(tls))
        {
            foreach (var (volume, mount) in TlsFiles.Volumes(tls))
            {
                volumes.Add(volume);
                mounts.Add(mount);
            }
        }

        return new PodTemplateSpec
        {
            Metadata = new ObjectMeta
            {
                Namespace = context.Namespace,
                Labels = PoolerNames.FullLabels(context, role),
                Annotations = ClusterContext.NullIfEmpty(annotations),
            },
            Spec = new PodSpec
            {
                ServiceAccountName = settings.Kubernetes.PodServiceAccountName,
                ImagePullSecrets = StatefulSetBuilder.PullSecrets(context),
                TerminationGracePeriodSeconds = StatefulSetBuilder.GracePeriodSeconds(settings),
                Tolerations = PodScheduling.Tolerations(context),
                SecurityContext = new PodSecurityContext { RunAsUser = 100, RunAsGroup = 101, FsGroup = spec.SpiloFSGroup ?? settings.Kubernetes.SpiloFSGroup },
                Affinity = PodScheduling.Affinity(context, PoolerNames.BaseLabels(context, role)),
                Volumes = volumes,
                Containers =
                [
                    new Container
                    {
                        Name = "connection-pooler",
                        Image = spec.ConnectionPooler?.DockerImage is { Length: > 0 } image ? image : pooler.Image,
                        ImagePullPolicy = "IfNotPresent",
                        Resources = ContainerResources.Of(
                            context, spec.ConnectionPooler?.Resources,
                            new ResourceDefaults(pooler.DefaultCpuRequest, pooler.DefaultMemoryRequest, pooler.DefaultCpuLimit, pooler.DefaultMemoryLimit),
                            "connection-pooler", "spec.connectionPooler.resources"),
                        Ports = [new ContainerPort { ContainerPortValue = ServiceBuilder.PostgresPort, Protocol = "TCP" }],
                        ReadinessProbe = new Probe { TcpSocket = new TCPSocketAction { Port = IntOrString.From(ServiceBuilder.PostgresPort) } },
                        SecurityContext = new SecurityContext { AllowPrivilegeEscalation = false },
                        Env = Environment(context, role, infrastructureRoles),
                        VolumeMounts = mounts,
                    },
                ],
            },
        };
    }

    private static IReadOnlyList<EnvVar> Environment(ClusterContext context, string role, IReadOnlyList<string> infrastructureRoles)
    {
        var (own, settings) = (context.Spec.ConnectionPooler, context.Settings.ConnectionPooler);
        var secret = context.SecretName(PoolerNames.User(context));
        var connections = own?.MaxDbConnections ?? settings.MaxDbConnections;
        if (connections <= 0) connections = DefaultMaxDatabaseConnections;
        // Connections of the database are shared out among the instances; half of a share is the pool, half of that the reserve. Nothing is divided down to 0,
        // which PgBouncer takes for no limit, or for no connection at all.
        var share = Math.Max(1, connections / Math.Max(1, Instances(context)));
        var size = Math.Max(1, share / 2);
        var reserve = size / 2;
        var variables = new EnvironmentList();
        variables.Add("PGHOST", role == ClusterRoles.Primary ? context.Name : context.Name + "-repl");
        variables.Add("PGPORT", "5432");
        variables.Add(EnvironmentList.FromSecret("PGUSER", secret, "username"));
        variables.Add("PGSCHEMA", Roles.PoolerNames.Schema(context.Spec, context.Settings));
        variables.Add(EnvironmentList.FromSecret("PGPASSWORD", secret));
        variables.Add("CONNECTION_POOLER_PORT", "5432");
        variables.Add("CONNECTION_POOLER_MODE", own?.Mode is "session" or "transaction" or "statement" ? own.Mode : settings.Mode);
        variables.Add("CONNECTION_POOLER_DEFAULT_SIZE", Text(size));
        variables.Add("CONNECTION_POOLER_MIN_SIZE", Text(reserve));
        variables.Add("CONNECTION_POOLER_RESERVE_SIZE", Text(reserve));
        variables.Add("CONNECTION_POOLER_MAX_CLIENT_CONN", Text(MaxClientConnections));
        variables.Add("CONNECTION_POOLER_MAX_DB_CONN", Text(share));
        if (infrastructureRoles.Count > 0) variables.Add("INFRASTRUCTURE_ROLES", string.Join(',', infrastructureRoles));
        if (context.Spec.Tls is { } tls && TlsFiles.IsUsed(tls))
        {
            foreach (var variable in TlsFiles.Variables(tls, "CONNECTION_POOLER_CLIENT_TLS_CRT", "CONNECTION_POOLER_CLIENT_TLS_KEY", "CONNECTION_POOLER_CLIENT_CA_FILE"))
                variables.Add(variable);
        }

        return variables.Variables;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
