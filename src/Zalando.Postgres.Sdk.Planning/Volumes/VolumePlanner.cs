using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Volumes;

/// <summary>Volumes that the operator changes through their storage provider: all of growth in mode <c>ebs</c>, and beside the claims in mode <c>mixed</c>.</summary>
/// <remarks>
/// <para>Only volumes of members that the manifest wants, and only those that are bound to their claim both ways: nothing is ever asked about a volume that
/// does not belong to the cluster.</para>
/// <para>In mode <c>ebs</c> the size of the PersistentVolume is the end of the work: it is written when the volume and the file system have grown.</para>
/// </remarks>
internal static class VolumePlanner
{
    private const int LeastIops = 3000;
    private const int MostIops = 80_000;
    private const int LeastThroughput = 125;
    private const int MostThroughput = 2000;

    /// <summary>The volumes that may have to be changed. Empty when the PersistentVolumes tell that nothing is to be done.</summary>
    public static IReadOnlyList<ClusterVolume> List(ClusterContext context)
    {
        var mode = context.Settings.Kubernetes.StorageResizeMode;
        if (mode is not ("ebs" or "mixed") || context.Manifest.Metadata.DeletionTimestamp is not null) return [];
        long? bytes = Quantity.TryParse(context.Spec.Volume.Size, out var size) && size.Value > 0 ? size.Value : null;
        var wish = new VolumeWish { Bytes = bytes };
        if (mode == "mixed")
        {
            wish = wish with
            {
                Type = context.Spec.Volume.Type is { Length: > 0 } type ? type : null,
                Iops = context.Spec.Volume.Iops is >= LeastIops and <= MostIops and var iops ? iops : null,
                Throughput = context.Spec.Volume.Throughput is >= LeastThroughput and <= MostThroughput and var throughput ? throughput : null,
            };
        }

        var volumes = new List<ClusterVolume>();
        var instances = InstanceCount.Of(context);
        foreach (var claim in ClaimPlanner.List(context))
        {
            var name = claim.Text("metadata", "name")!;
            // A member that was scaled in keeps its volume as it is; it grows when the member comes back.
            if (DatabasePod.OrdinalOf($"{PodVolumes.DataVolume}-{context.Name}", name) is not { } ordinal || ordinal >= instances) continue;
            if (claim.Text("spec", "volumeName") is not { Length: > 0 } bound || claim["metadata"].Text("deletionTimestamp") is not null) continue;
            if (context.Observed.Find(KubernetesKinds.PersistentVolume, "", bound) is not { } volume || !IsBoundTo(volume, claim)) continue;
            var isSmall = bytes is { } least && (!Quantity.TryParse(volume.Text("spec", "capacity", "storage"), out var capacity) || capacity.Value < least);
            if (!isSmall && wish is { Type: null, Iops: null, Throughput: null }) continue;
            volumes.Add(new ClusterVolume
            {
                Name = bound,
                Uid = volume.Text("metadata", "uid"),
                Claim = name,
                Provisioner = ProvisionerOf(volume),
                VolumeId = IdOf(volume) ?? "",
                Zone = ZoneOf(volume),
                Region = context.Settings.AwsOrGcp.AwsRegion is { Length: > 0 } region ? region : null,
                Wish = wish,
            });
        }

        return volumes;
    }

    public static void Plan(ClusterContext context, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var mode = context.Settings.Kubernetes.StorageResizeMode;
        if (mode is not ("ebs" or "mixed")) return;
        if (context.Input.Observed.VolumeKnowledge == VolumeKnowledge.NotReadable)
        {
            context.Warn("VolumesNotReadable", "spec.volume", $"With storage_resize_mode {mode} the operator changes volumes itself, but it may not list and watch PersistentVolumes; give it the right, or choose the mode pvc.");
            return;
        }

        foreach (var volume in List(context))
        {
            if (context.Input.Observed.Volumes.GetValueOrDefault(volume.Name) is not { } seen)
            {
                context.Inform("VolumesNotObserved", "spec.volume", $"The storage provider was not asked about {volume.Name}, so it is not known whether the volume has to be changed.");
                continue;
            }

            if (!seen.IsChangeable || volume.VolumeId.Length == 0)
            {
                var whose = volume.Provisioner.Length == 0 ? "an unknown provisioner" : $"the provisioner {volume.Provisioner}";
                context.Warn("VolumeNotChangeable", "spec.volume", $"The volume {volume.Name} of the claim {volume.Claim} is of {whose}, and nothing here changes such volumes; choose storage_resize_mode pvc, or add a resizer for it.");
                continue;
            }

            Plan(context, volume, seen, mode == "ebs", changes, pending);
        }
    }

    private static void Plan(ClusterContext context, ClusterVolume volume, ObservedVolume seen, bool growsFileSystem, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var differences = Differences(volume.Wish, seen);
        var fileSystem = growsFileSystem ? FileSystem(context, volume) : null;
        if (seen.Failure is { } failure)
        {
            context.Warn("VolumeFailed", "spec.volume", $"{volume.Name}: {failure}");
            Wait(WaitReason.VolumeFailed, failure, seen.AskAgainAt);
        }
        else if (seen.Progress is { } progress)
        {
            Wait(WaitReason.VolumeProvider, progress, seen.ProgressUntil);
        }
        else if (differences.Count == 0)
        {
            if (fileSystem is { } grow) Grow(context, volume, grow, changes, pending);
        }
        else if (seen.Answer is { } answer && answer.Wish == volume.Wish)
        {
            if (answer.IsRefused) context.Warn("VolumeRefused", "spec.volume", $"{volume.Name}: {answer.Explanation}");
            Wait(answer.IsRefused ? WaitReason.VolumeFailed : WaitReason.VolumeProvider, answer.Explanation, answer.Until);
        }
        else
        {
            changes.Add(Modify());
            if (fileSystem is { } grow) pending.Add(new PendingChange { Change = grow, WaitsFor = WaitReason.VolumeProvider, Explanation = $"the volume of {volume.Name} has to grow first" });
        }

        void Wait(WaitReason reason, string text, DateTimeOffset? until)
        {
            if (differences.Count > 0) pending.Add(new PendingChange { Change = Modify(), WaitsFor = reason, Explanation = text, Until = until });
            if (fileSystem is { } grow) pending.Add(new PendingChange { Change = grow, WaitsFor = reason, Explanation = $"the volume of {volume.Name} has to grow first: {text}", Until = until });
        }

        ModifyVolume Modify() => new()
        {
            Target = ChangeTarget.Of(KubernetesKinds.PersistentVolume, "", volume.Name),
            Volume = volume,
            Reasons = differences,
            Stage = ChangeStage.Volumes,
            Reversibility = differences.Exists(static d => d.FieldPath == "spec.volume.size") ? Reversibility.Irreversible : Reversibility.Reversible,
        };
    }

    private static List<ChangeReason> Differences(VolumeWish wish, ObservedVolume seen)
    {
        var reasons = new List<ChangeReason>();
        if (wish.Bytes is { } bytes && !(seen.Bytes >= bytes)) Add("size", seen.Bytes is { } present ? Size(present) : null, Size(bytes));
        if (wish.Type is { } type && seen.Type != type) Add("type", seen.Type, type);
        if (wish.Iops is { } iops && seen.Iops != iops) Add("iops", Text(seen.Iops), Text(iops)!);
        if (wish.Throughput is { } throughput && seen.Throughput != throughput) Add("throughput", Text(seen.Throughput), Text(throughput)!);
        return reasons;

        void Add(string field, string? old, string wished) =>
            reasons.Add(new ChangeReason { FieldPath = "spec.volume." + field, Old = old, New = wished, RequestedBy = Requester.Manifest });
    }

    private static GrowFileSystem? FileSystem(ClusterContext context, ClusterVolume volume)
    {
        if (volume.Wish.Bytes is not { } bytes) return null;
        var pod = volume.Claim[(PodVolumes.DataVolume.Length + 1)..];
        var capacity = context.Observed.Find(KubernetesKinds.PersistentVolume, "", volume.Name).Text("spec", "capacity", "storage");
        var wished = Quantity.Parse(context.Spec.Volume.Size!).ToCanonicalString();
        return new GrowFileSystem
        {
            Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod),
            PersistentVolume = volume.Name,
            PersistentVolumeUid = volume.Uid,
            Bytes = bytes,
            Capacity = wished,
            Stage = ChangeStage.Volumes,
            Reversibility = Reversibility.Irreversible,
            Reasons = [new ChangeReason { FieldPath = "spec.volume.size", Old = capacity, New = wished, RequestedBy = Requester.Manifest }],
        };
    }

    private static void Grow(ClusterContext context, ClusterVolume volume, GrowFileSystem grow, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var pod = context.Observed.Find(KubernetesKinds.Pod, context.Namespace, grow.Target.Name);
        // Not until it is ready: a member that does not start for want of space gets its room here.
        var runs = pod is not null && pod.At("metadata", "deletionTimestamp") is null
            && pod.Items("status", "containerStatuses").Any(s => s.Text("name") == ContainerResources.PostgresContainer && s.Object("state", "running") is not null);
        if (runs) changes.Add(grow);
        else pending.Add(new PendingChange { Change = grow, WaitsFor = WaitReason.PodReady, Explanation = $"the volume {volume.Name} has grown; its file system grows when {grow.Target.Name} runs" });
    }

    private static bool IsBoundTo(JsonObject volume, JsonObject claim) =>
        volume.At("metadata", "deletionTimestamp") is null
        && volume.Object("spec", "claimRef") is { } reference
        && reference.Text("namespace") == claim.Text("metadata", "namespace") && reference.Text("name") == claim.Text("metadata", "name")
        && reference.Text("uid") is { Length: > 0 } uid && uid == claim.Text("metadata", "uid");

    // A volume of the CSI driver is the driver's, whatever the annotation of its making says.
    private static string ProvisionerOf(JsonObject volume) =>
        volume.Text("spec", "csi", "driver") is { Length: > 0 } driver ? driver
        : volume.Object("spec", "awsElasticBlockStore") is not null ? "kubernetes.io/aws-ebs"
        : volume.Text("metadata", "annotations", "pv.kubernetes.io/provisioned-by") ?? "";

    private static string? IdOf(JsonObject volume) => volume.Text("spec", "csi", "volumeHandle") ?? volume.Text("spec", "awsElasticBlockStore", "volumeID")
        ?? volume.Text("spec", "gcePersistentDisk", "pdName") ?? volume.Text("spec", "azureDisk", "diskURI");

    private static string? ZoneOf(JsonObject volume)
    {
        if ((volume.Text("metadata", "labels", "topology.kubernetes.io/zone") ?? volume.Text("metadata", "labels", "failure-domain.beta.kubernetes.io/zone")) is { Length: > 0 } zone) return zone;
        foreach (var term in volume.Items("spec", "nodeAffinity", "required", "nodeSelectorTerms"))
        {
            foreach (var expression in term.Items("matchExpressions"))
            {
                if (expression.Text("operator") == "In" && expression.Text("key") is { } key && key.StartsWith("topology.", StringComparison.Ordinal) && key.EndsWith("/zone", StringComparison.Ordinal)
                    && expression.At("values") is JsonArray { Count: 1 } values && values[0] is JsonValue value && value.TryGetValue(out string? text)) return text;
            }
        }

        return null;
    }

    private static string Size(long bytes) => bytes % (1L << 30) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30}Gi")
        : Quantity.FromValue(bytes).ToCanonicalString();

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
