using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Volumes;

/// <summary>Changes volumes through the resizer of their provisioner, and lets file systems take what their volumes have gained.</summary>
/// <param name="client">The API server.</param>
/// <param name="store">The operator's view of it.</param>
/// <param name="memory">Who is asked, and what is known.</param>
internal sealed class VolumeChangeExecutor(IKubernetesClient client, ObjectStore store, VolumeMemory memory) : IChangeExecutor
{
    private const string Container = "postgres";
    private const string DataPath = "/home/postgres/pgdata";
    private const int DeviceTooSmall = 64;
    private const int UnknownFileSystem = 65;
    private const int LongestMessage = 500;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public bool Handles(PlannedChange change) => change is ModifyVolume or GrowFileSystem;

    /// <inheritdoc />
    public Task<ChangeResult> ExecuteAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken) => change switch
    {
        ModifyVolume modify => ModifyAsync(modify, cancellationToken),
        GrowFileSystem grow => GrowAsync(grow, cancellationToken),
        _ => throw new ArgumentException($"A {change.GetType().Name} is no change of a volume.", nameof(change)),
    };

    private async Task<ChangeResult> ModifyAsync(ModifyVolume change, CancellationToken cancellationToken)
    {
        var volume = change.Volume;
        if (memory.ResizerOf(volume.Provisioner) is not { } resizer) return new ChangeResult(change, ChangeOutcome.Failed, $"Nothing here changes volumes of {volume.Provisioner}.");
        VolumeProgress progress;
        try
        {
            progress = await resizer.EnsureAsync(VolumeMemory.TargetOf(volume, volume.Wish), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever a plugin throws is about this volume. Without an answer nobody knows what happened: the next look at the volume tells.
            memory.NoteFailure(volume, e);
            return new ChangeResult(change, ChangeOutcome.Failed, $"{volume.Name}: {(e is OperationCanceledException ? "the provider gave no answer in time" : e.Message)}");
        }

        memory.Note(volume, progress);
        return progress.State switch
        {
            VolumeState.Reached => new ChangeResult(change, ChangeOutcome.Done),
            VolumeState.InProgress => new ChangeResult(change, ChangeOutcome.InProgress, progress.Explanation),
            VolumeState.Later => new ChangeResult(change, ChangeOutcome.Postponed, progress.Explanation),
            _ => new ChangeResult(change, ChangeOutcome.Failed, $"{volume.Name}: {progress.Explanation}"),
        };
    }

    private async Task<ChangeResult> GrowAsync(GrowFileSystem change, CancellationToken cancellationToken)
    {
        var result = await client.ExecAsync(change.Target.Namespace, change.Target.Name, Container, ["/bin/sh", "-c", Script(change)], null, cancellationToken).ConfigureAwait(false);
        switch (result.ExitCode)
        {
            case 0:
                break;
            case DeviceTooSmall:
                return new ChangeResult(change, ChangeOutcome.InProgress, $"{change.Target.Name} does not see the new size of its volume yet.") { LookAgainAfter = LookAgain };
            case UnknownFileSystem:
                return new ChangeResult(change, ChangeOutcome.Failed, $"the file system of {change.Target.Name} cannot be grown: {Words(result)}. Only ext2, ext3, ext4 and xfs can; use storage_resize_mode pvc.");
            default:
                return new ChangeResult(change, ChangeOutcome.Failed, $"the file system of {change.Target.Name} did not grow (exit code {result.ExitCode}): {Words(result)}");
        }

        // Written last: it says that volume and file system have this size.
        var body = new JsonObject { ["spec"] = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = change.Capacity } } };
        if (change.PersistentVolumeUid is { } uid) body["metadata"] = new JsonObject { ["uid"] = uid };
        try
        {
            var answer = await client.PatchAsync(
                KubernetesKinds.PersistentVolume, null, change.PersistentVolume, Patch.Merge(body), null, new WriteOptions { FieldManager = KubernetesChangeExecutor.FieldManager }, cancellationToken).ConfigureAwait(false);
            store.Put(KubernetesKinds.PersistentVolume, ObjectWatch.SlimVolume(answer));
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return new ChangeResult(change, ChangeOutcome.Stale);
        }

        return new ChangeResult(change, ChangeOutcome.Done);
    }

    // Nothing of a manifest gets into the shell but a number. A device whose size cannot be read is left to the file system's own program, which grows to what there is.
    private static string Script(GrowFileSystem change) => string.Create(CultureInfo.InvariantCulture, $$"""
        # grow {{change.Bytes}}
        set -- $(df -PT {{DataPath}} | tail -n 1)
        device=$1; type=$2
        case "$type" in ext2|ext3|ext4|xfs) ;; *) echo "$device has the file system $type"; exit {{UnknownFileSystem}};; esac
        case "$device" in /dev/*) ;; *) echo "$device is no device"; exit {{UnknownFileSystem}};; esac
        sectors=$(cat "/sys/class/block/$(basename "$(readlink -f "$device")")/size" 2>/dev/null)
        if [ -n "$sectors" ] && [ $((sectors * 512)) -lt {{change.Bytes}} ]; then echo "$device has $sectors sectors"; exit {{DeviceTooSmall}}; fi
        case "$type" in xfs) xfs_growfs {{DataPath}} 2>&1;; *) resize2fs "$device" 2>&1;; esac
        """);

    private static string Words(ExecResult result)
    {
        var text = (result.Output + " " + result.ErrorOutput).ReplaceLineEndings(" ").Trim();
        return text.Length <= LongestMessage ? text : text[^LongestMessage..];
    }
}
