using System.Text.Json;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>What goes into the PostgreSQL pods: environment, containers, volumes, certificates, scheduling.</summary>
internal static class PodRules
{
    private const string DataPath = "/home/postgres/pgdata";

    // What the operator sets in the PostgreSQL container; the comparison ignores case.
    private static readonly HashSet<string> OwnVariables = new(StringComparer.OrdinalIgnoreCase)
    {
        "SCOPE", "PGROOT", "POD_IP", "POD_NAMESPACE", "PGUSER_SUPERUSER", "KUBERNETES_SCOPE_LABEL", "KUBERNETES_ROLE_LABEL", "PGPASSWORD_SUPERUSER", "PGUSER_STANDBY", "PGPASSWORD_STANDBY",
        "PAM_OAUTH2", "HUMAN_ROLE", "ENABLE_WAL_PATH_COMPAT", "PGVERSION", "KUBERNETES_LABELS", "SPILO_CONFIGURATION", "DCS_ENABLE_KUBERNETES_API", "KUBERNETES_BOOTSTRAP_LABELS", "ETCD_HOST", "KUBERNETES_USE_CONFIGMAPS",
    };

    private static readonly string[] SidecarVariables = ["POD_NAME", "POD_NAMESPACE", "POSTGRES_USER", "POSTGRES_PASSWORD"];

    internal static void Check(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        CheckEnvironment("spec.env", spec.Env, OwnVariables, findings);
        var containers = CheckContainers(spec, settings, findings);
        CheckVolumes(spec, settings, containers, findings);
        CheckTls(spec, settings, findings);
        CheckTolerations(spec.Tolerations, findings);
        if (spec.EnableShmVolume == false && settings.EnableShmVolume) findings.Warn("spec.enableShmVolume", "false", "ShmVolume", "does not switch the memory volume off while the operator's enable_shm_volume is true", "Delete the line");
        for (var i = 0; i < (spec.TopologySpreadConstraints?.Count ?? 0); i++)
        {
            if (spec.TopologySpreadConstraints![i] is { LabelSelector: null })
                findings.Warn($"spec.topologySpreadConstraints[{i}].labelSelector", null, "TopologySelector", "is missing, so the constraint matches no pods", $"Write matchLabels with {settings.Kubernetes.ClusterNameLabel} and the cluster's name");
        }
        foreach (var (name, id) in new[] { ("spiloRunAsUser", spec.SpiloRunAsUser), ("spiloRunAsGroup", spec.SpiloRunAsGroup), ("spiloFSGroup", spec.SpiloFSGroup) })
        {
            if (id is < 0 or > int.MaxValue) findings.Error($"spec.{name}", $"{id}", "UserId", "must be 0 to 2147483647", "The Spilo image uses user 101 and group 103");
        }
        for (var i = 0; i < (spec.ImagePullSecrets?.Count ?? 0); i++)
        {
            if (string.IsNullOrEmpty(spec.ImagePullSecrets![i]?.Name)) findings.Error($"spec.imagePullSecrets[{i}].name", null, "Required", "is required", "Write the name of a Secret");
        }
    }

    private static void CheckEnvironment(string path, IReadOnlyList<EnvVar>? variables, IReadOnlyCollection<string> own, FindingCollector findings)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < (variables?.Count ?? 0); i++)
        {
            var name = variables![i]?.Name;
            if (string.IsNullOrEmpty(name))
            {
                findings.Error($"{path}[{i}].name", null, "Required", "is required", "Name the variable");
                continue;
            }
            if (own.Contains(name, StringComparer.OrdinalIgnoreCase)) findings.Warn($"{path}[{i}].name", name, "EnvOwn", "is set by the operator, so this entry is dropped (names are compared without case)", "Delete the entry");
            else if (!seen.TryAdd(name, i)) findings.Warn($"{path}[{i}].name", name, "EnvTwice", $"stands at {path}[{seen[name]}] too (names are compared without case), so this entry is dropped", "Delete one of the two");
            if (name.Any(char.IsAsciiLetterLower) && path == "spec.env") findings.Inform($"{path}[{i}].name", name, "EnvCase", "has lower-case letters; the programs in the image read upper-case names", "Check the spelling");
            if (variables[i].Value is not null && variables[i].ValueFrom is not null) findings.Error($"{path}[{i}]", name, "EnvValue", "must not have both value and valueFrom", "Delete one of the two");
        }
    }

    private static HashSet<string> CheckContainers(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { ["postgres"] = "the PostgreSQL container" };
        if (!settings.Scalyr.ApiKey.IsEmpty && settings.Scalyr.Image.Length > 0) names["scalyr-sidecar"] = "the operator's log sidecar";
        if (spec.Sidecars is { Count: > 0 } && !settings.Kubernetes.EnableSidecars) findings.ErrorIfNew("spec.sidecars", null, "SidecarsOff", "are switched off by the operator's enable_sidecars", "Delete them, or ask for the parameter");
        if (spec.InitContainers is { Count: > 0 } && !settings.Kubernetes.EnableInitContainers) findings.ErrorIfNew("spec.initContainers", null, "InitContainersOff", "are switched off by the operator's enable_init_containers", "Delete them, or ask for the parameter");
        for (var i = 0; i < (spec.Sidecars?.Count ?? 0); i++)
        {
            var sidecar = spec.Sidecars![i];
            if (sidecar is null) continue;
            var path = $"spec.sidecars[{i}]";
            var name = string.IsNullOrEmpty(sidecar.Name) ? $"sidecar-{i}" : sidecar.Name;
            CheckContainerName($"{path}.name", name, names, isSidecar: true, findings);
            if (string.IsNullOrEmpty(sidecar.Image)) findings.Error($"{path}.image", null, "Required", "is required", "Write an image; the schema lets it pass, but no pod can start");
            CheckEnvironment($"{path}.env", sidecar.Env, SidecarVariables, findings);
            foreach (var field in sidecar.UnknownFields?.Keys.Order(StringComparer.Ordinal).ToArray() ?? [])
                findings.Warn($"{path}.{field}", null, "SidecarField", "is not supported for sidecars and is dropped", "Sidecars have name, image, ports, env, command and resources; write additionalVolumes for mounts");
        }
        for (var i = 0; i < (spec.InitContainers?.Count ?? 0); i++)
        {
            var container = spec.InitContainers![i];
            if (container is null) continue;
            if (string.IsNullOrEmpty(container.Name)) findings.Error($"spec.initContainers[{i}].name", null, "Required", "is required", "Name the container");
            else CheckContainerName($"spec.initContainers[{i}].name", container.Name, names, isSidecar: false, findings);
            if (string.IsNullOrEmpty(container.Image)) findings.Error($"spec.initContainers[{i}].image", null, "Required", "is required", "Write an image");
        }
        return [.. names.Keys, .. settings.Sidecars.Select(static s => s.Name ?? "")];
    }

    private static void CheckContainerName(string path, string name, Dictionary<string, string> names, bool isSidecar, FindingCollector findings)
    {
        if (name.Length > 63 || !NamePatterns.ContainerName().IsMatch(name)) findings.Error(path, name, "ContainerName", "must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends", "Rename the container");
        if (names.TryAdd(name, path)) return;
        // Of two sidecars the first is taken, as the reference does; a pod with an init container of the same name is refused by the API server.
        if (isSidecar) findings.ErrorIfNew(path, name, "ContainerTwice", $"is already the name of {names[name]}, so this container is left out", "Rename the container");
        else findings.Error(path, name, "ContainerTwice", $"is already the name of {names[name]}", "Rename the container");
    }

    private static void CheckVolumes(PostgresqlSpec spec, OperatorSettings settings, HashSet<string> containers, FindingCollector findings)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { ["pgdata"] = "the data volume", ["dshm"] = "the memory volume at /dev/shm", ["postgresql-run"] = "the socket volume" };
        if (settings.AwsOrGcp.AdditionalSecretMount.Length > 0) names[settings.AwsOrGcp.AdditionalSecretMount] = "the operator's additional_secret_mount";
        if (!string.IsNullOrEmpty(spec.Tls?.SecretName)) names[spec.Tls.SecretName] = "the certificate's volume";
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        var initContainers = spec.InitContainers?.Select(static c => c?.Name ?? "").ToHashSet(StringComparer.Ordinal) ?? [];
        for (var i = 0; i < (spec.AdditionalVolumes?.Count ?? 0); i++)
        {
            if (spec.AdditionalVolumes![i] is not { } volume) continue;
            var path = $"spec.additionalVolumes[{i}]";
            if (string.IsNullOrEmpty(volume.Name)) findings.Error($"{path}.name", null, "Required", "is required", "Name the volume");
            else if (volume.Name.Length > 63 || !NamePatterns.ContainerName().IsMatch(volume.Name)) findings.Error($"{path}.name", volume.Name, "VolumeName", "must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends", "Rename the volume");
            else if (!names.TryAdd(volume.Name, path)) CollisionOf(names[volume.Name], findings)($"{path}.name", volume.Name, "VolumeTwice", $"is already the name of {names[volume.Name]}", "Rename the volume");
            CheckMountPath($"{path}.mountPath", volume.MountPath, paths, findings);
            if (volume.IsSubPathExpr == true && string.IsNullOrEmpty(volume.SubPath)) findings.Warn($"{path}.isSubPathExpr", "true", "SubPath", "has no effect without subPath", "Write subPath or delete the line");
            CheckTargets($"{path}.targetContainers", volume.TargetContainers, containers, "container", findings);
            CheckTargets($"{path}.targetInitContainers", volume.TargetInitContainers, initContainers, "init container", findings);
            CheckSource($"{path}.volumeSource", volume.VolumeSource, findings);
        }
    }

    // Two volumes of the manifest with one name are refused by the API server; the operator's own volumes may be switched off, or be claims.
    private static Action<string, string?, string, string, string> CollisionOf(string owner, FindingCollector findings) =>
        owner.StartsWith("spec.", StringComparison.Ordinal) ? findings.Error : findings.ErrorIfNew;

    private static void CheckMountPath(string path, string? mountPath, Dictionary<string, string> paths, FindingCollector findings)
    {
        if (string.IsNullOrEmpty(mountPath))
        {
            findings.Error(path, mountPath, "Required", "is required", "Write an absolute path");
            return;
        }
        if (!mountPath.StartsWith('/') || mountPath.Contains(':', StringComparison.Ordinal)) findings.ErrorIfNew(path, mountPath, "MountPath", "must be an absolute path without ':'", "Kubernetes refuses the pod otherwise");
        var plain = mountPath.TrimEnd('/');
        if (plain == DataPath) findings.ErrorIfNew(path, mountPath, "MountPath", "is where the data volume is mounted, so this volume is dropped", "Choose another path");
        else if (plain.StartsWith(DataPath + "/pgroot", StringComparison.Ordinal)) findings.Warn(path, mountPath, "MountPath", "lies inside the data directory", "A tablespace or WAL directory there is lost when the data directory is rebuilt; choose another path if that was not meant");
        else if (plain is "/dev/shm" or "/var/run/postgresql" or "/tls" or "/tlsca") findings.Warn(path, mountPath, "MountPath", "is used by the operator", "Choose another path");
        if (!paths.TryAdd(plain, path)) findings.ErrorIfNew(path, mountPath, "MountPath", $"is already used by {paths[plain]}, so this volume is dropped", "Choose another path");
    }

    private static void CheckTargets(string path, IReadOnlyList<string>? targets, HashSet<string> known, string what, FindingCollector findings)
    {
        if (targets is null) return;
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i] == "all" && targets.Count > 1) findings.Warn($"{path}[{i}]", "all", "TargetContainers", "must stand alone; the volume is mounted everywhere", "Delete the other names");
            else if (targets[i] != "all" && !known.Contains(targets[i] ?? "")) findings.Warn($"{path}[{i}]", targets[i], "TargetContainers", $"is no {what} of the pod", "Check the spelling");
        }
    }

    private static void CheckSource(string path, JsonElement? source, FindingCollector findings)
    {
        if (source is not { } element || element.ValueKind != JsonValueKind.Object)
        {
            findings.Error(path, null, "Required", "is required, as an object", "For example emptyDir: {}");
            return;
        }
        var known = KubernetesSchema.ByName("io.k8s.api.core.v1.Volume").Properties;
        var count = 0;
        foreach (var property in element.EnumerateObject())
        {
            count++;
            if (known.ContainsKey(property.Name) && property.Name != "name") continue;
            var meant = known.Keys.FirstOrDefault(k => k != "name" && string.Equals(k, property.Name, StringComparison.OrdinalIgnoreCase));
            if (meant is null) findings.ErrorIfNew($"{path}.{property.Name}", null, "VolumeSource", "is no kind of volume", "Known kinds: configMap, emptyDir, persistentVolumeClaim, projected, secret and the others of a pod's volumes");
            else findings.Warn($"{path}.{property.Name}", null, "VolumeSourceCase", $"is spelled {meant} in Kubernetes", $"Write {meant}");
        }
        if (count == 0) findings.ErrorIfNew(path, null, "VolumeSource", "is empty, which Kubernetes takes for an emptyDir", "Write emptyDir: {} if that is meant");
        else if (count > 1) findings.Error(path, null, "VolumeSource", "must name exactly one kind of volume", "Delete all but one");
    }

    // What the API server refuses of a pod.
    private static void CheckTolerations(IReadOnlyList<Toleration>? tolerations, FindingCollector findings)
    {
        for (var i = 0; i < (tolerations?.Count ?? 0); i++)
        {
            if (tolerations![i] is not { } toleration) continue;
            var path = $"spec.tolerations[{i}]";
            if (toleration.Operator is not (null or "" or "Exists" or "Equal" or "Lt" or "Gt")) findings.Error($"{path}.operator", toleration.Operator, "Toleration", "must be Exists or Equal", "Equal is the default");
            if (toleration.Effect is not (null or "" or "NoSchedule" or "PreferNoSchedule" or "NoExecute")) findings.Error($"{path}.effect", toleration.Effect, "Toleration", "must be NoSchedule, PreferNoSchedule or NoExecute", "Leave it out to tolerate all of them");
            if (toleration is { Operator: "Exists", Value.Length: > 0 }) findings.Error($"{path}.value", toleration.Value, "Toleration", "must be empty with the operator Exists", "Write Equal, or delete the value");
            if (string.IsNullOrEmpty(toleration.Key) && toleration.Operator is not "Exists") findings.Error($"{path}.operator", toleration.Operator, "Toleration", "must be Exists when there is no key", "Write a key, or Exists to tolerate every taint");
        }
    }

    private static void CheckTls(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        if (spec.Tls is not { } tls) return;
        if (tls.SecretName is null) findings.Error("spec.tls.secretName", null, "Required", "is required", "Write the name of the Secret");
        else if (tls.SecretName.Length == 0) findings.Warn("spec.tls.secretName", "", "Tls", "is empty, which switches the section off", "Delete the section, or write the name of the Secret");
        else if (spec.SpiloFSGroup is null && settings.Kubernetes.SpiloFSGroup is null) findings.Warn("spec.spiloFSGroup", null, "TlsGroup", "is not set, so PostgreSQL cannot read the certificate's key", "Write spiloFSGroup: 103, the group of the Spilo image");
        if (!string.IsNullOrEmpty(tls.CaSecretName) && string.IsNullOrEmpty(tls.CaFile)) findings.Warn("spec.tls.caSecretName", tls.CaSecretName, "Tls", "has no effect without caFile", "Write the key of the authorities' certificates in caFile");
    }
}
