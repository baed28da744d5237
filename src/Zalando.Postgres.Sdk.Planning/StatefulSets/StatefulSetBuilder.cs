using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>The StatefulSet of a cluster.</summary>
internal static class StatefulSetBuilder
{
    /// <summary>Builds it.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="version">PostgreSQL major version the pods are told to run.</param>
    public static StatefulSet Build(ClusterContext context, string version)
    {
        var settings = context.Settings;
        var retention = settings.Kubernetes.PersistentVolumeClaimRetentionPolicy;
        return new StatefulSet
        {
            Metadata = context.Meta(context.Name, context.FullLabels, context.WorkloadAnnotations),
            Spec = new StatefulSetSpec
            {
                Replicas = InstanceCount.Of(context),
                Selector = new LabelSelector { MatchLabels = context.BaseLabels },
                ServiceName = context.Name,
                PodManagementPolicy = ManagementPolicy(context),
                UpdateStrategy = new StatefulSetUpdateStrategy { Type = "OnDelete" },
                PersistentVolumeClaimRetentionPolicy = new StatefulSetPersistentVolumeClaimRetentionPolicy
                {
                    WhenDeleted = Retention("when_deleted"),
                    WhenScaled = Retention("when_scaled"),
                },
                VolumeClaimTemplates = [Claim(context)],
                Template = Template(context, version),
            },
        };

        string Retention(string key) => retention.TryGetValue(key, out var value) && value == "delete" ? "Delete" : "Retain";
    }

    /// <summary>The StatefulSet as it is sent: kind and version of the claim template are left to the server.</summary>
    public static DesiredObject Desired(ClusterContext context, string version)
    {
        var desired = DesiredObject.Of(Build(context, version), ChangeStage.StatefulSet, "the StatefulSet runs the members of the cluster");
        var claim = (JsonObject)desired.Body["spec"]!["volumeClaimTemplates"]![0]!;
        claim.Remove("apiVersion");
        claim.Remove("kind");
        return desired;
    }

    public static PodSecurityContext PodSecurity(ClusterContext context) => new()
    {
        RunAsUser = context.Spec.SpiloRunAsUser ?? context.Settings.Kubernetes.SpiloRunAsUser,
        RunAsGroup = context.Spec.SpiloRunAsGroup ?? context.Settings.Kubernetes.SpiloRunAsGroup,
        FsGroup = context.Spec.SpiloFSGroup ?? context.Settings.Kubernetes.SpiloFSGroup,
    };

    public static SecurityContext ContainerSecurity(OperatorSettings settings, bool withCapabilities) => new()
    {
        AllowPrivilegeEscalation = settings.Kubernetes.SpiloAllowPrivilegeEscalation,
        Privileged = settings.Kubernetes.SpiloPrivileged,
        ReadOnlyRootFilesystem = false,
        Capabilities = withCapabilities && settings.Kubernetes.AdditionalPodCapabilities is { Count: > 0 } capabilities
            ? new Capabilities { Add = [.. capabilities.Select(c => c.ToUpperInvariant())] }
            : null,
    };

    public static IReadOnlyList<ContainerPort> Ports =>
    [
        new ContainerPort { ContainerPortValue = 8008, Protocol = "TCP" },
        new ContainerPort { ContainerPortValue = 5432, Protocol = "TCP" },
        new ContainerPort { ContainerPortValue = 8080, Protocol = "TCP" },
    ];

    public static ResourceDefaults Defaults(OperatorSettings settings)
    {
        var resources = settings.PostgresPodResources;
        return new(resources.DefaultCpuRequest, resources.DefaultMemoryRequest, resources.DefaultCpuLimit, resources.DefaultMemoryLimit);
    }

    public static long GracePeriodSeconds(OperatorSettings settings) =>
        (long)settings.Kubernetes.PodTerminateGracePeriod.TotalSeconds is > 0 and var seconds ? seconds : 300;

    private static string ManagementPolicy(ClusterContext context)
    {
        var policy = context.Settings.Kubernetes.PodManagementPolicy;
        switch (policy)
        {
            case "ordered_ready": return "OrderedReady";
            case "parallel": return "Parallel";
            default:
                context.Refuse("InvalidConfiguration", "pod_management_policy", "The value must be ordered_ready or parallel.", policy);
                return "OrderedReady";
        }
    }

    private static PersistentVolumeClaim Claim(ClusterContext context)
    {
        var volume = context.Spec.Volume;
        if (!Quantity.TryParse(volume.Size, out var size))
            context.Refuse("InvalidQuantity", "spec.volume.size", "It is not a quantity: write a number with an optional suffix, such as 10Gi.", volume.Size);
        return new PersistentVolumeClaim
        {
            Metadata = new ObjectMeta
            {
                Name = PodVolumes.DataVolume,
                Labels = ClusterContext.NullIfEmpty(context.FullLabels),
                Annotations = ClusterContext.NullIfEmpty(context.InheritedAnnotations),
            },
            Spec = new PersistentVolumeClaimSpec
            {
                AccessModes = ["ReadWriteOnce"],
                Resources = new VolumeResourceRequirements
                {
                    Requests = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["storage"] = ContainerResources.Canonical(size) },
                },
                StorageClassName = volume.StorageClass is { Length: > 0 } storageClass ? storageClass : null,
                VolumeMode = "Filesystem",
                Selector = volume.Selector,
            },
        };
    }

    private static PodTemplateSpec Template(ClusterContext context, string version)
    {
        var (spec, settings) = (context.Spec, context.Settings);
        var defaults = Defaults(settings);
        var postgres = new Container
        {
            Name = ContainerResources.PostgresContainer,
            Image = spec.DockerImage is { Length: > 0 } image ? image : settings.DockerImage,
            ImagePullPolicy = "IfNotPresent",
            Ports = Ports,
            Resources = ContainerResources.Of(context, spec.Resources, defaults, ContainerResources.PostgresContainer, "spec.resources"),
            Env = SpiloEnvironment.Build(context, version),
            EnvFrom = spec.EnvFrom is { Count: > 0 } ? spec.EnvFrom : null,
            VolumeMounts = [PodVolumes.DataMount(spec.Volume)],
            SecurityContext = ContainerSecurity(settings, withCapabilities: true),
            ReadinessProbe = settings.Kubernetes.EnableReadinessProbe ? ReadinessProbe : null,
            LivenessProbe = spec.LivenessProbe ?? settings.Kubernetes.LivenessProbe,
        };
        Container[] containers = [postgres, .. SidecarBuilder.Build(context, defaults)];
        var initContainers = InitContainers(context);
        var volumes = PodVolumes.Add(context, containers, initContainers);
        return new PodTemplateSpec
        {
            Metadata = new ObjectMeta
            {
                Namespace = context.Namespace,
                Labels = ClusterContext.NullIfEmpty(context.FullLabels),
                Annotations = ClusterContext.NullIfEmpty(Annotations(context)),
            },
            Spec = new PodSpec
            {
                ServiceAccountName = settings.Kubernetes.PodServiceAccountName,
                TerminationGracePeriodSeconds = GracePeriodSeconds(settings),
                Containers = containers,
                InitContainers = initContainers.Length > 0 ? initContainers : null,
                ImagePullSecrets = PullSecrets(context),
                Tolerations = PodScheduling.Tolerations(context),
                SecurityContext = PodSecurity(context),
                SchedulerName = spec.SchedulerName is { Length: > 0 } scheduler ? scheduler : null,
                Affinity = PodScheduling.Affinity(context, context.FullLabels),
                PriorityClassName = spec.PodPriorityClassName is { Length: > 0 } priority ? priority
                    : settings.Kubernetes.PodPriorityClassName is { Length: > 0 } configured ? configured : null,
                TopologySpreadConstraints = spec.TopologySpreadConstraints is { Count: > 0 } constraints ? constraints : null,
                Volumes = volumes,
            },
        };
    }

    private static SortedDictionary<string, string> Annotations(ClusterContext context) =>
        context.Settings.AwsOrGcp.KubeIamRole is { Length: > 0 } role
            ? ClusterContext.Merge(context.PodAnnotations, [new("iam.amazonaws.com/role", role)])
            : context.PodAnnotations;

    /// <summary>Secrets for pulling images; null for none.</summary>
    public static IReadOnlyList<LocalObjectReference>? PullSecrets(ClusterContext context) => context.Spec.ImagePullSecrets is { Count: > 0 } secrets ? secrets : null;

    private static Container[] InitContainers(ClusterContext context)
    {
        if (context.Spec.InitContainers is not { Count: > 0 } containers) return [];
        for (var i = 0; i < containers.Count; i++) SidecarBuilder.Validated(context, containers[i], "spec.initContainers", i);
        return [.. containers];
    }

    private static Probe ReadinessProbe => new()
    {
        HttpGet = new HTTPGetAction { Path = "/readiness", Port = IntOrString.From(8008), Scheme = "HTTP" },
        InitialDelaySeconds = 6,
        TimeoutSeconds = 5,
        PeriodSeconds = 10,
        SuccessThreshold = 1,
        FailureThreshold = 3,
    };
}
