using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Volumes of database pods and where containers mount them.</summary>
internal static class PodVolumes
{
    public const string DataVolume = "pgdata";

    private const string DataPath = "/home/postgres/pgdata";

    public static VolumeMount DataMount(VolumeSection volume) => new()
    {
        Name = DataVolume,
        MountPath = DataPath,
        SubPath = volume.IsSubPathExpr == true ? null : NullIfEmpty(volume.SubPath),
        SubPathExpr = volume.IsSubPathExpr == true ? NullIfEmpty(volume.SubPath) : null,
    };

    /// <summary>Adds all volumes but the data volume. <paramref name="containers"/> and <paramref name="initContainers"/> get their mounts in place.</summary>
    public static IReadOnlyList<Volume>? Add(ClusterContext context, Container[] containers, Container[] initContainers)
    {
        var volumes = new List<Volume>();
        var settings = context.Settings;
        // A manifest cannot switch shared memory off where the configuration has it on; running fleets depend on it.
        if (context.Spec.EnableShmVolume == true || settings.EnableShmVolume)
        {
            volumes.Add(new Volume { Name = "dshm", EmptyDir = new EmptyDirVolumeSource { Medium = "Memory" } });
            Mount(containers, c => c.Name == ContainerResources.PostgresContainer, new VolumeMount { Name = "dshm", MountPath = "/dev/shm" });
        }

        if (settings.Kubernetes.SharePgSocketWithSidecars)
        {
            volumes.Add(new Volume { Name = "postgresql-run", EmptyDir = new EmptyDirVolumeSource { Medium = "Memory" } });
            Mount(containers, _ => true, new VolumeMount { Name = "postgresql-run", MountPath = "/var/run/postgresql" });
        }

        if (AdditionalSecret(settings) is { } secret)
        {
            volumes.Add(secret.Volume);
            Mount(containers, _ => true, secret.Mount);
        }

        AddAdditional(context, volumes, containers, initContainers);
        return volumes.Count == 0 ? null : volumes;
    }

    public static (Volume Volume, VolumeMount Mount)? AdditionalSecret(OperatorSettings settings) =>
        settings.AwsOrGcp.AdditionalSecretMount is { Length: > 0 } name
            ? (new Volume { Name = name, Secret = new SecretVolumeSource { SecretName = name } },
                new VolumeMount { Name = name, MountPath = settings.AwsOrGcp.AdditionalSecretMountPath })
            : null;

    private static void AddAdditional(ClusterContext context, List<Volume> volumes, Container[] containers, Container[] initContainers)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var additional = context.Spec.AdditionalVolumes ?? [];
        for (var i = 0; i < additional.Count; i++)
        {
            var item = additional[i];
            var field = $"spec.additionalVolumes[{i}]";
            var targets = item.TargetContainers is { Count: > 0 } given ? given : [ContainerResources.PostgresContainer];
            var mount = new VolumeMount
            {
                Name = item.Name,
                MountPath = item.MountPath,
                SubPath = item.IsSubPathExpr == true ? null : NullIfEmpty(item.SubPath),
                SubPathExpr = item.IsSubPathExpr == true ? NullIfEmpty(item.SubPath) : null,
            };
            if (item.MountPath == DataPath || !paths.Add(item.MountPath ?? ""))
                continue;

            if (Source(item) is not { } volume)
            {
                context.Refuse("InvalidVolume", field + ".volumeSource", "It is no volume source of Kubernetes, such as {\"emptyDir\": {}}.");
                continue;
            }

            volumes.Add(volume);
            foreach (var target in targets) Mount(containers, c => target == "all" || target == c.Name, mount);
            foreach (var target in item.TargetInitContainers ?? []) Mount(initContainers, c => target == "all" || target == c.Name, mount);
        }

        if (context.Spec.Tls is not { } tls || !TlsFiles.IsUsed(tls)) return;
        foreach (var (volume, mount) in TlsFiles.Volumes(tls))
        {
            if (!paths.Add(mount.MountPath!))
            {
                context.Warn("VolumeSkipped", "spec.tls", $"{mount.MountPath} is used by an additional volume, so the certificate is taken from there.", mount.MountPath);
                continue;
            }

            volumes.Add(volume);
            Mount(containers, c => c.Name == ContainerResources.PostgresContainer, mount);
        }
    }

    private static Volume? Source(AdditionalVolume item)
    {
        var body = item.VolumeSource is { ValueKind: JsonValueKind.Object } source ? (JsonObject)JsonNode.Parse(source.GetRawText())! : [];
        body["name"] = item.Name;
        try
        {
            return body.Deserialize(KubernetesJsonContext.Default.Volume);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Mount(Container[] containers, Func<Container, bool> wanted, VolumeMount mount)
    {
        for (var i = 0; i < containers.Length; i++)
            if (wanted(containers[i])) containers[i] = containers[i] with { VolumeMounts = [.. containers[i].VolumeMounts ?? [], mount] };
    }

    private static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;
}
