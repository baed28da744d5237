using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Processes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>The volumes of a pod as directories of this machine, and the translation of a container's paths to them.</summary>
internal sealed class PodVolumes
{
    private readonly List<(string MountPath, string HostPath)> _mounts;

    private PodVolumes(List<(string, string)> mounts) => _mounts = mounts;

    /// <summary>Directory of a claim: one per claim that was ever made, so a claim that was deleted and made again is empty.</summary>
    public static string ClaimDirectory(SandboxDirectory directory, string namespaceName, string claim, string uid) =>
        directory.Create("claims", namespaceName, uid.Length == 0 ? claim : $"{claim}.{uid[..Math.Min(8, uid.Length)]}");

    /// <summary>Makes the volumes of the pod and looks where a container mounts them.</summary>
    /// <exception cref="PodConfigurationException">A claim, Secret or ConfigMap is missing.</exception>
    public static PodVolumes Prepare(
        Pod pod, Container container, SandboxDirectory directory, string podDirectory, IReadOnlyDictionary<string, string> environment, PodObjects objects, Func<string, string?> claimUid)
    {
        var space = pod.Metadata.Namespace ?? string.Empty;
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.Spec?.Volumes ?? [])
        {
            if (volume.Name is not { } name || !IsPlainName(name)) continue;
            if (volume.PersistentVolumeClaim is { ClaimName: { } claim })
            {
                var uid = claimUid(claim) ?? throw new PodConfigurationException($"persistentvolumeclaim \"{claim}\" not found");
                paths[name] = ClaimDirectory(directory, space, claim, uid);
            }
            else if (volume.Secret is { SecretName: { } secret } source)
            {
                paths[name] = Files(directory, podDirectory, name, "secret", secret, source.Optional, source.Items, objects.Secret(space, secret));
            }
            else if (volume.ConfigMap is { Name: { } map } configMap)
            {
                paths[name] = Files(directory, podDirectory, name, "configmap", map, configMap.Optional, configMap.Items, objects.ConfigMap(space, map));
            }
            else
            {
                paths[name] = Below(directory, podDirectory, name);
            }
        }

        var mounts = new List<(string, string)>();
        foreach (var mount in container.VolumeMounts ?? [])
        {
            if (mount.MountPath is not { } at || mount.Name is not { } volume || !paths.TryGetValue(volume, out var path)) continue;
            var sub = mount.SubPathExpr is { Length: > 0 } expression ? PodEnvironment.Expand(expression, environment) : mount.SubPath ?? string.Empty;
            mounts.Add((at.TrimEnd('/'), Inside(directory, path, sub)));
        }

        mounts.Sort((a, b) => b.Item1.Length.CompareTo(a.Item1.Length));
        return new PodVolumes(mounts);
    }

    /// <summary>Where a path of the container is on this machine; a path outside all mounts comes back as it is.</summary>
    public string Map(string path)
    {
        foreach (var (mount, host) in _mounts)
        {
            if (path == mount) return host;
            if (path.StartsWith(mount + "/", StringComparison.Ordinal)) return Path.Combine(host, path[(mount.Length + 1)..]);
        }

        return path;
    }

    private static string Files(
        SandboxDirectory directory, string podDirectory, string volume, string kind, string name, bool? optional, IReadOnlyList<KeyToPath>? items, IReadOnlyDictionary<string, byte[]>? content)
    {
        if (content is null && optional != true) throw new PodConfigurationException($"MountVolume.SetUp failed for volume \"{volume}\" : {kind} \"{name}\" not found");
        var path = Below(directory, podDirectory, volume);
        foreach (var (key, value) in content ?? new Dictionary<string, byte[]>(StringComparer.Ordinal))
        {
            var item = items?.FirstOrDefault(i => i.Key == key);
            if (items is not null && item is null) continue;
            var file = Inside(directory, path, item?.Path ?? key);
            directory.WriteFile(file, value);
        }

        return path;
    }

    private static string Below(SandboxDirectory directory, string podDirectory, string volume) =>
        directory.Create("pods", Path.GetFileName(podDirectory), "volumes", volume);

    // What a manifest names stays inside its volume.
    private static string Inside(SandboxDirectory directory, string root, string sub)
    {
        if (sub.Length == 0) return root;
        var full = Path.GetFullPath(Path.Combine(root, sub));
        if (!full.StartsWith(root + "/", StringComparison.Ordinal)) throw new PodConfigurationException($"the path \"{sub}\" leads out of its volume");
        if (Path.GetDirectoryName(Path.GetRelativePath(directory.Root, full)) is { } folder) directory.Create(folder.Split('/'));
        return full;
    }

    private static bool IsPlainName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') && name[0] != '.';
}
