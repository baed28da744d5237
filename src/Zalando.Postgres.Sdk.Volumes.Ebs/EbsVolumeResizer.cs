using System.Globalization;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;
using Zalando.Postgres.Sdk.Volumes.Ebs.Ec2;

namespace Zalando.Postgres.Sdk.Volumes.Ebs;

/// <summary>
/// Changes size, type, IOPS and throughput of EBS volumes. Looks first, asks for all differences in one call, never shrinks, and leaves
/// volumes alone that carry the name of another PersistentVolume.
/// </summary>
/// <remarks>
/// Register it for <see cref="CsiProvisioner"/> and <see cref="InTreeProvisioner"/>. The role needs <c>ec2:DescribeVolumes</c>,
/// <c>ec2:DescribeVolumesModifications</c> and <c>ec2:ModifyVolume</c>.
/// </remarks>
public sealed partial class EbsVolumeResizer : IVolumeResizer, IDisposable
{
    /// <summary>Name of the CSI driver.</summary>
    public const string CsiProvisioner = "ebs.csi.aws.com";

    /// <summary>Name of the provisioner that was part of Kubernetes before the CSI driver.</summary>
    public const string InTreeProvisioner = "kubernetes.io/aws-ebs";

    private const long Gibibyte = 1L << 30;
    private static readonly string[] NameTags = ["CSIVolumeName", "kubernetes.io/created-for/pv/name"];
    private static readonly string[] Types = ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"];
    private static readonly string[] WaitingCodes =
    [
        "RequestLimitExceeded", "Throttling", "ThrottlingException", "RequestThrottled", "RequestThrottledException", "EC2ThrottledException",
        "TooManyRequestsException", "ServiceUnavailable", "Unavailable", "InternalError", "InternalFailure",
    ];

    private static readonly string[] CooldownCodes = ["VolumeModificationRateExceeded", "IncorrectModificationState"];
    private static readonly string[] RefusalCodes =
    [
        "InvalidParameterValue", "InvalidParameterCombination", "InvalidParameter", "UnknownVolumeType", "UnsupportedOperation", "VolumeTypeNotAvailableInZone", "VolumeTypeNotAvailableInRegion",
    ];

    private readonly EbsOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<string, string?> _environment;
    private readonly Ec2Client _client;
    private readonly IDisposable[] _own;

    /// <summary>Makes a resizer with the settings and credentials of the process's environment.</summary>
    public EbsVolumeResizer()
        : this(new EbsOptions(), null, null, TimeProvider.System, Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>Makes a resizer.</summary>
    /// <param name="options">Addresses, region, pauses.</param>
    /// <param name="credentials">Who calls; null for <see cref="AmbientAwsCredentials"/>.</param>
    /// <param name="handler">The transport, which stays the caller's and must not follow redirects; null for one of its own.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public EbsVolumeResizer(EbsOptions options, IAwsCredentialSource? credentials, HttpMessageHandler? handler, TimeProvider timeProvider, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = timeProvider;
        _environment = environment;
        // A signed request goes where it is meant to go, and nowhere else.
        var ownHandler = handler is null ? new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) } : null;
        var transport = handler ?? ownHandler!;
        var ownCredentials = credentials is null ? new AmbientAwsCredentials(options, transport, timeProvider, environment) : null;
        _client = new Ec2Client(options, credentials ?? ownCredentials!, transport, timeProvider);
        _own = [.. new IDisposable?[] { _client, ownCredentials, ownHandler }.OfType<IDisposable>()];
    }

    /// <inheritdoc />
    /// <exception cref="EbsException">EC2 refused a call, or did not answer; or the volume's name or region is none.</exception>
    public async Task<VolumeDescription> DescribeAsync(VolumeTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (Locate(target, out var id, out var region) is { } fault) throw new EbsException(fault);
        try
        {
            return await DescribeAsync(id, region, cancellationToken).ConfigureAwait(false);
        }
        catch (EbsException e) when (e.Code is not null && WaitingCodes.Contains(e.Code, StringComparer.Ordinal))
        {
            return new VolumeDescription { Progress = e.Message, AskAgainAt = _time.GetUtcNow() + _options.ThrottlePause };
        }
    }

    private async Task<VolumeDescription> DescribeAsync(string id, string region, CancellationToken cancellationToken)
    {
        var volume = await _client.DescribeAsync(region, id, cancellationToken).ConfigureAwait(false);
        var latest = await _client.LatestModificationAsync(region, id, cancellationToken).ConfigureAwait(false);
        var isChanging = latest is { State: "modifying" };
        return new VolumeDescription
        {
            Bytes = volume.Size * Gibibyte,
            Type = volume.Type,
            Iops = volume.Iops > 0 ? volume.Iops : null,
            Throughput = volume.Throughput > 0 ? volume.Throughput : null,
            Progress = isChanging ? Changing(id, latest!) : null,
        };
    }

    /// <inheritdoc />
    /// <exception cref="EbsException">EC2 refused a call, or did not answer.</exception>
    public async Task<VolumeProgress> EnsureAsync(VolumeTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Type is { } type && !Types.Contains(type, StringComparer.Ordinal)) return Refused($"'{Shown(type)}' is not a volume type of EBS. There are {string.Join(", ", Types)}.");
        if (Locate(target, out var id, out var region) is { } fault) return Refused(fault);
        try
        {
            return await EnsureAsync(target, id, region, cancellationToken).ConfigureAwait(false);
        }
        catch (EbsException e) when (e.Code is not null && WaitingCodes.Contains(e.Code, StringComparer.Ordinal))
        {
            return Later(e.Message, _time.GetUtcNow() + _options.ThrottlePause);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var one in _own) one.Dispose();
    }

    // What is wrong with the name; null when nothing is.
    private string? Locate(VolumeTarget target, out string id, out string region)
    {
        (id, region) = ("", "");
        if (VolumeName().Match(target.VolumeId) is not { Success: true } name) return $"'{Shown(target.VolumeId)}' is not the name of an EBS volume, which is vol- and hexadecimal digits.";
        id = name.Groups["id"].Value;
        if ((AwsRegion.OfZone(name.Groups["zone"].Value) ?? AwsRegion.OfZone(target.Zone) ?? _options.Region ?? target.Region ?? Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION")) is not { } found)
            return $"The region of volume {id} is not known: neither its zone nor AWS_REGION tells it.";
        region = found;
        return AwsRegion.IsRegion(region) ? null : $"'{Shown(region)}' is not a region's name.";
    }

    private async Task<VolumeProgress> EnsureAsync(VolumeTarget target, string id, string region, CancellationToken cancellationToken)
    {
        var volume = await _client.DescribeAsync(region, id, cancellationToken).ConfigureAwait(false);
        foreach (var tag in NameTags)
        {
            if (target.PersistentVolumeName is { } expected && volume.Tags.TryGetValue(tag, out var owner) && owner != expected)
            {
                return Refused($"Volume {id} belongs to PersistentVolume '{Shown(owner)}' by its tag {tag}, not to {expected}.");
            }
        }

        var type = target.Type ?? volume.Type;
        if (target.Iops is not null && type is not ("gp3" or "io1" or "io2")) return Refused($"Volume {id}: type {type} takes no IOPS. Ask for gp3, io1 or io2, or for no IOPS.");
        if (target.Throughput is not null && type != "gp3") return Refused($"Volume {id}: type {type} takes no throughput. Ask for gp3, or for no throughput.");

        var (changes, words) = Changes(target, volume);
        var latest = await _client.LatestModificationAsync(region, id, cancellationToken).ConfigureAwait(false);
        if (latest is { State: "modifying" }) return InProgress(Changing(id, latest));
        if (changes.Count == 0) return new VolumeProgress { State = VolumeState.Reached, Explanation = Reached(target, volume) };

        // Asking earlier would only be refused; a change that failed counts like one that went through.
        if (latest is { Start: { } start } && start + _options.Cooldown is var free && free > _time.GetUtcNow())
        {
            var last = latest.State == "failed" ? $" The last change failed: {latest.Words}" : "";
            return Later($"Volume {id} can be changed ({words}) after {free:u}: EBS takes one change in {_options.Cooldown.TotalHours:0.#} hours.{last}", free);
        }

        return await ModifyAsync(id, region, changes, words, cancellationToken).ConfigureAwait(false);
    }

    private async Task<VolumeProgress> ModifyAsync(string id, string region, List<KeyValuePair<string, string>> changes, string words, CancellationToken cancellationToken)
    {
        try
        {
            var modification = await _client.ModifyAsync(region, id, changes, cancellationToken).ConfigureAwait(false);
            return modification.State switch
            {
                "optimizing" or "completed" => new VolumeProgress { State = VolumeState.Reached, Explanation = $"Volume {id} was changed: {words}." },
                "failed" => throw new EbsException($"ModifyVolume: the change of volume {id} ({words}) failed: {modification.Words}"),
                _ => InProgress($"Volume {id} is being changed: {words}."),
            };
        }
        catch (EbsException e) when (e.Code is not null && CooldownCodes.Contains(e.Code, StringComparer.Ordinal))
        {
            // Somebody else changed it, and the list of changes does not say when.
            return Later(e.Message, _time.GetUtcNow() + (_options.Cooldown / 6));
        }
        catch (EbsException e) when (e.Code is not null && RefusalCodes.Contains(e.Code, StringComparer.Ordinal))
        {
            return Refused($"Volume {id} ({words}): {e.Message}");
        }
    }

    private static (List<KeyValuePair<string, string>> Changes, string Words) Changes(VolumeTarget target, EbsVolume volume)
    {
        List<KeyValuePair<string, string>> changes = [];
        List<string> words = [];
        void Change(string name, string what, string old, string wished)
        {
            changes.Add(new(name, wished));
            words.Add($"{what} {old} to {wished}");
        }

        if (target.Bytes is { } bytes && Gibibytes(bytes) is var size && size > volume.Size) Change("Size", "GiB", Text(volume.Size), Text(size));
        if (target.Type is { } type && type != volume.Type) Change("VolumeType", "type", volume.Type, type);
        if (target.Iops is { } iops && iops != volume.Iops) Change("Iops", "IOPS", Text(volume.Iops), Text(iops));
        if (target.Throughput is { } throughput && throughput != volume.Throughput) Change("Throughput", "MiB/s", Text(volume.Throughput), Text(throughput));
        return (changes, string.Join(", ", words));
    }

    private static string Reached(VolumeTarget target, EbsVolume volume) => target.Bytes is { } bytes && Gibibytes(bytes) < volume.Size
        ? $"Volume {volume.Id} has {volume.Size} GiB, more than the {Gibibytes(bytes)} GiB that were asked for; volumes are never made smaller."
        : $"Volume {volume.Id} is as wished.";

    // EBS counts in whole GiB; what is asked for always fits.
    private static long Gibibytes(long bytes) => (bytes / Gibibyte) + (bytes % Gibibyte > 0 ? 1 : 0);

    // In steps that are worth a write of the status.
    private static string Changing(string id, EbsModification modification) => $"Volume {id} is being changed, {modification.Progress / 10 * 10} % or more are done.";

    private static VolumeProgress InProgress(string explanation) => new() { State = VolumeState.InProgress, Explanation = explanation };

    private static VolumeProgress Later(string explanation, DateTimeOffset askAgainAt) => new() { State = VolumeState.Later, Explanation = explanation, AskAgainAt = askAgainAt };

    private static VolumeProgress Refused(string explanation) => new() { State = VolumeState.Refused, Explanation = explanation };

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private string? Variable(string name) => _environment(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex(@"\A(aws://(?<zone>[a-z0-9-]{0,40})/)?(?<id>vol-[0-9a-f]{8,17})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex VolumeName();
}
