using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Grows volumes that are image files of one directory, as a small provisioner of loop devices keeps them. The handle of a volume is the name of its file.</summary>
/// <remarks>Add it with <c>AddVolumeResizer("images.example.org", _ => new ImageFileVolumes("/images", TimeProvider.System))</c>.</remarks>
/// <param name="directory">Where the images are.</param>
/// <param name="time">The clock.</param>
public sealed class ImageFileVolumes(string directory, TimeProvider time) : IVolumeResizer
{
    /// <inheritdoc />
    public Task<VolumeDescription> DescribeAsync(VolumeTarget target, CancellationToken cancellationToken) =>
        // What is thrown here is shown to the cluster's owner, and tried again after a pause.
        Task.FromResult(new VolumeDescription { Bytes = Image(target.VolumeId)?.Length ?? throw new FileNotFoundException($"There is no image '{target.VolumeId}'.") });

    /// <inheritdoc />
    public Task<VolumeProgress> EnsureAsync(VolumeTarget target, CancellationToken cancellationToken)
    {
        if (Image(target.VolumeId) is not { } image) return Answer(VolumeState.Refused, $"There is no image '{target.VolumeId}'.");
        // Refused is for what will never be: it is not asked for again until the manifest asks for something else.
        if (target is not { Type: null, Iops: null, Throughput: null }) return Answer(VolumeState.Refused, "An image has a size, but neither type nor IOPS nor throughput.");
        if (!(target.Bytes > image.Length)) return Answer(VolumeState.Reached, $"{image.Name} is as wished.");
        var room = new DriveInfo(image.DirectoryName!).AvailableFreeSpace;
        if (target.Bytes - image.Length > room)
        {
            // Later is for what may become possible without anybody changing the manifest.
            return Task.FromResult(new VolumeProgress
            {
                State = VolumeState.Later, Explanation = $"The disk of the images has room for {room} more bytes only.", AskAgainAt = time.GetUtcNow().AddMinutes(10),
            });
        }

        using (var file = image.Open(FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(target.Bytes.Value);
        return Answer(VolumeState.Reached, $"{image.Name} has {target.Bytes} bytes now.");
    }

    // A handle comes from a PersistentVolume, which others may write: it must not lead out of the directory.
    private FileInfo? Image(string name) =>
        name.Length > 0 && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0 && name is not ("." or "..") && new FileInfo(Path.Combine(directory, name)) is { Exists: true } file ? file : null;

    private static Task<VolumeProgress> Answer(VolumeState state, string explanation) => Task.FromResult(new VolumeProgress { State = state, Explanation = explanation });
}
