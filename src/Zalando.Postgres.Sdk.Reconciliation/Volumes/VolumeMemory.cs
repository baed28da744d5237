using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Reconciliation.Volumes;

/// <summary>What storage providers have said of volumes, and who is to be asked. Kept so that an unchanged volume is not asked about in every pass: losing it costs a
/// look at each volume, never correctness, because what a volume is comes from its provider.</summary>
/// <param name="resizers">Who changes volumes, by name of the provisioner.</param>
/// <param name="time">The clock.</param>
/// <param name="callTimeout">How long a look at all volumes of a cluster may take.</param>
/// <param name="logger">Where failures of plugins are logged.</param>
internal sealed partial class VolumeMemory(IReadOnlyDictionary<string, IVolumeResizer> resizers, TimeProvider time, TimeSpan callTimeout, ILogger logger)
{
    private static readonly TimeSpan Validity = TimeSpan.FromHours(24);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPauseOfChange = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPauseOfChange = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPauseAfterFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPauseAfterFailure = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Who changes volumes of a provisioner; null for nobody.</summary>
    public IVolumeResizer? ResizerOf(string provisioner) => resizers.GetValueOrDefault(provisioner);

    /// <summary>Whether nothing has to be asked: everything about these volumes is known.</summary>
    public bool IsKnown(IReadOnlyList<ClusterVolume> volumes) => volumes.All(v => ResizerOf(v.Provisioner) is null || v.VolumeId.Length == 0 || Current(v) is not null);

    /// <summary>What is known of volumes; those of which nothing is known, or too long ago, are looked at.</summary>
    public async Task<IReadOnlyDictionary<string, ObservedVolume>> ObserveAsync(IReadOnlyList<ClusterVolume> volumes, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(callTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var seen = await Task.WhenAll(volumes.Select(v => ObserveAsync(v, both.Token, cancellationToken))).ConfigureAwait(false);
        return volumes.Zip(seen).ToDictionary(static p => p.First.Name, static p => p.Second, StringComparer.Ordinal);
    }

    /// <summary>Takes over what came of a wish.</summary>
    public void Note(ClusterVolume volume, VolumeProgress progress)
    {
        var former = Former(volume);
        var now = time.GetUtcNow();
        DateTimeOffset? since = progress.State == VolumeState.InProgress ? former?.ChangesSince ?? now : null;
        var seen = (former?.Seen ?? new ObservedVolume()) with { Progress = null, ProgressUntil = null, Failure = null, AskAgainAt = null, Answer = null };
        if (progress.State == VolumeState.Reached)
        {
            // A provider may round up; what it has is at least what was asked for.
            seen = seen with
            {
                Bytes = Larger(volume.Wish.Bytes, seen.Bytes), Type = volume.Wish.Type ?? seen.Type, Iops = volume.Wish.Iops ?? seen.Iops, Throughput = volume.Wish.Throughput ?? seen.Throughput,
            };
        }
        else
        {
            seen = seen with
            {
                AskAgainAt = since is { } begun ? NextLook(progress.AskAgainAt, begun, now) : null,
                Answer = new VolumeAnswer
                {
                    Wish = volume.Wish,
                    IsRefused = progress.State == VolumeState.Refused,
                    Explanation = progress.Explanation,
                    Until = progress.State switch { VolumeState.Refused => null, VolumeState.InProgress => progress.AskAgainAt, _ => NotBefore(progress.AskAgainAt, now) },
                },
            };
        }

        _known[volume.Name] = new Known(volume.Uid, seen, now, 0, since);
    }

    /// <summary>Takes over that a plugin failed. It is left alone for a while that grows with each failure.</summary>
    public void NoteFailure(ClusterVolume volume, Exception failure)
    {
        var message = failure is OperationCanceledException ? $"no answer within {callTimeout.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s" : failure.Message;
        ResizerFailed(logger, failure, volume.Provisioner, volume.Name);
        var former = Former(volume);
        var failures = former?.Failures ?? 0;
        var pause = FirstPauseAfterFailure * Math.Pow(2, Math.Min(failures, 6));
        if (pause > LongestPauseAfterFailure) pause = LongestPauseAfterFailure;
        var now = time.GetUtcNow();
        _known[volume.Name] = new Known(volume.Uid, new ObservedVolume { Failure = message, AskAgainAt = now + pause }, now, failures + 1, former?.ChangesSince);
    }

    /// <summary>Forgets a volume that is gone.</summary>
    public void Forget(string name) => _known.TryRemove(name, out _);

    private async Task<ObservedVolume> ObserveAsync(ClusterVolume volume, CancellationToken deadline, CancellationToken cancellationToken)
    {
        if (ResizerOf(volume.Provisioner) is not { } resizer || volume.VolumeId.Length == 0) return new ObservedVolume { IsChangeable = false };
        if (Current(volume) is { } current) return current;
        try
        {
            // A plugin that ignores its token must not hold the pass.
            var description = await resizer.DescribeAsync(TargetOf(volume, new VolumeWish()), deadline).WaitAsync(deadline).ConfigureAwait(false);
            var now = time.GetUtcNow();
            var former = Former(volume);
            DateTimeOffset? since = description.Progress is null ? null : former?.ChangesSince ?? now;
            var seen = new ObservedVolume
            {
                Bytes = description.Bytes, Type = description.Type, Iops = description.Iops, Throughput = description.Throughput, Progress = description.Progress,
                ProgressUntil = since is null ? null : description.AskAgainAt,
                AskAgainAt = since is { } begun ? NextLook(description.AskAgainAt, begun, now) : null,
                Answer = former?.Seen.Answer is { IsRefused: true } refused ? refused : null,
            };
            _known[volume.Name] = new Known(volume.Uid, seen, now, former?.Failures ?? 0, since);
            return seen;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            NoteFailure(volume, e);
            return _known[volume.Name].Seen;
        }
    }

    // What a former pass found out, unless it is about another volume, too old, or it is time to look how far a change is.
    private ObservedVolume? Current(ClusterVolume volume)
    {
        if (Former(volume) is not { } known) return null;
        var now = time.GetUtcNow();
        if (now - known.At >= Validity) return null;
        return (known.Seen.AskAgainAt ?? known.Seen.Answer?.Until) <= now ? null : known.Seen;
    }

    private Known? Former(ClusterVolume volume) => _known.GetValueOrDefault(volume.Name) is { } known && known.Uid == volume.Uid ? known : null;

    // The longer a change takes, the longer it may go on after a look: whoever waited for an hour can wait for a few minutes more.
    private static DateTimeOffset NextLook(DateTimeOffset? told, DateTimeOffset since, DateTimeOffset now)
    {
        var pause = (now - since) / 4;
        pause = pause < FirstPauseOfChange ? FirstPauseOfChange : pause > LongestPauseOfChange ? LongestPauseOfChange : pause;
        return told > now + pause ? told.Value : now + pause;
    }

    internal static VolumeTarget TargetOf(ClusterVolume volume, VolumeWish wish) => new()
    {
        VolumeId = volume.VolumeId, PersistentVolumeName = volume.Name, Zone = volume.Zone, Region = volume.Region,
        Bytes = wish.Bytes, Type = wish.Type, Iops = wish.Iops, Throughput = wish.Throughput,
    };

    private static DateTimeOffset NotBefore(DateTimeOffset? wished, DateTimeOffset now) => wished is not { } at ? now + UsualPause : at > now + ShortestPause ? at : now + ShortestPause;

    private static long? Larger(long? wished, long? known) => known is { } bytes && !(wished > bytes) ? bytes : wished;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The resizer of {Provisioner} failed with the volume {Volume}")]
    private static partial void ResizerFailed(ILogger logger, Exception exception, string provisioner, string volume);

    private sealed record Known(string? Uid, ObservedVolume Seen, DateTimeOffset At, int Failures, DateTimeOffset? ChangesSince);
}
