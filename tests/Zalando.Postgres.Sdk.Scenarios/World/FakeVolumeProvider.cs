using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>A storage provider that changes volumes as slowly and as rarely as a real one, and the file systems on its volumes as seen through exec in pods.</summary>
internal sealed partial class FakeVolumeProvider(OperatorWorld world) : IVolumeResizer, IPodRuntime
{
    public const string Provisioner = "disks.example.org";

    private readonly Lock _lock = new();

    /// <summary>The volumes, by handle; made when they are first asked for.</summary>
    public SortedDictionary<string, Volume> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls, changes and executions, in order.</summary>
    public List<string> Log { get; } = [];

    public TimeSpan Duration { get; set; }

    public TimeSpan Cooldown { get; set; }

    /// <summary>Says why a wish will never come true.</summary>
    public Func<VolumeTarget, string?> Refusal { get; set; } = static _ => null;

    /// <summary>Thrown by every call, or awaited for ever.</summary>
    public Func<VolumeTarget, Task>? Fault { get; set; }

    /// <summary>What every volume is at first.</summary>
    public Volume First { get; init; } = new() { Bytes = 1L << 30, Type = "slow", Iops = 100 };

    public string FileSystem { get; set; } = "ext4";

    /// <summary>The last script that was run in a pod.</summary>
    public string LastScript { get; private set; } = "";

    /// <summary>How many changes were really made.</summary>
    public int Changes => Count("change ");

    public int Calls => Count("look ") + Count("wish ");

    public Task<VolumeDescription> DescribeAsync(VolumeTarget target, CancellationToken cancellationToken) => CallAsync("look", target, volume => new VolumeDescription
    {
        Bytes = volume.Bytes, Type = volume.Type, Iops = volume.Iops, Throughput = volume.Throughput,
        Progress = volume.Next is null ? null : $"{target.VolumeId} is being changed.", AskAgainAt = volume.Next is null ? null : volume.Free,
    });

    public Task<VolumeProgress> EnsureAsync(VolumeTarget target, CancellationToken cancellationToken) => CallAsync("wish", target, volume =>
    {
        var now = world.Time.GetUtcNow();
        if (Refusal(target) is { } refusal) return new VolumeProgress { State = VolumeState.Refused, Explanation = refusal };
        if (volume.Next is not null) return new VolumeProgress { State = VolumeState.InProgress, Explanation = "It is being changed.", AskAgainAt = volume.Free };
        var wished = volume with
        {
            Bytes = target.Bytes > volume.Bytes ? target.Bytes.Value : volume.Bytes, Type = target.Type ?? volume.Type, Iops = target.Iops ?? volume.Iops, Throughput = target.Throughput ?? volume.Throughput,
        };
        if (wished == volume) return new VolumeProgress { State = VolumeState.Reached, Explanation = "It is as wished." };
        if (volume.Changed is { } changed && changed + Cooldown > now) return new VolumeProgress { State = VolumeState.Later, Explanation = "It was changed a short while ago.", AskAgainAt = changed + Cooldown };
        Log.Add($"change {target.VolumeId} {wished.Bytes >> 30} {wished.Type} {wished.Iops} {wished.Throughput}");
        Volumes[target.VolumeId] = Duration == TimeSpan.Zero ? wished with { Changed = now } : volume with { Changed = now, Free = now + Duration, Next = wished };
        return Duration == TimeSpan.Zero
            ? new VolumeProgress { State = VolumeState.Reached, Explanation = "It was changed." }
            : new VolumeProgress { State = VolumeState.InProgress, Explanation = "It is being changed.", AskAgainAt = now + Duration };
    });

    public Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken) => throw new ApiStatusException(400, "BadRequest", "no log");

    public async Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken)
    {
        LastScript = request.Command[^1];
        var script = Script().Match(LastScript);
        if (!script.Success) return 127;
        var name = (string)pod["metadata"]!["name"]!;
        int code;
        string text;
        lock (_lock)
        {
            var claim = world.Server.Access.Get(KubernetesKinds.PersistentVolumeClaim, OperatorWorld.Namespace, "pgdata-" + name)!;
            var handle = (string)world.Server.Access.Get(KubernetesKinds.PersistentVolume, null, (string)claim["spec"]!["volumeName"]!)!["spec"]!["csi"]!["volumeHandle"]!;
            var volume = Current(handle);
            (code, text) = FileSystem is not ("ext4" or "xfs") ? (65, $"/dev/disk has the file system {FileSystem}")
                : volume.Bytes < long.Parse(script.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) ? (64, "/dev/disk has few sectors")
                : (0, "The filesystem on /dev/disk is now 1 (4k) blocks long.");
            Log.Add($"grow {name} {code}");
            if (code == 0) Volumes[handle] = volume with { FileSystemBytes = volume.Bytes };
        }

        if (request.StandardOutput is { } output) await output.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        return code;
    }

    private async Task<T> CallAsync<T>(string what, VolumeTarget target, Func<Volume, T> act)
    {
        T Act()
        {
            lock (_lock)
            {
                Log.Add($"{what} {target.VolumeId}");
                return act(Current(target.VolumeId));
            }
        }

        if (Fault is { } fault)
        {
            lock (_lock) Log.Add($"{what} {target.VolumeId}");
            await fault(target);
        }

        return world.Operator is { } process ? await process.Client.ElsewhereAsync($"{what} at volume", () => Task.FromResult(Act())) : Act();
    }

    private Volume Current(string handle)
    {
        if (!Volumes.TryGetValue(handle, out var volume)) Volumes[handle] = volume = First;
        if (volume.Next is { } next && volume.Free <= world.Time.GetUtcNow()) Volumes[handle] = volume = next with { Changed = volume.Changed, Next = null };
        return volume;
    }

    private int Count(string prefix)
    {
        lock (_lock) return Log.Count(l => l.StartsWith(prefix, StringComparison.Ordinal));
    }

    [GeneratedRegex("^# grow ([0-9]+)\n")]
    private static partial Regex Script();

    public sealed record Volume
    {
        public long Bytes { get; init; }

        public string Type { get; init; } = "";

        public int? Iops { get; init; }

        public int? Throughput { get; init; }

        public long FileSystemBytes { get; init; }

        public DateTimeOffset? Changed { get; init; }

        public DateTimeOffset Free { get; init; }

        public Volume? Next { get; init; }
    }
}
