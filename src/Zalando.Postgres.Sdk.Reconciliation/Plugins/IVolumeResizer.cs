namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Changes volumes of a storage provider that Kubernetes itself cannot change. Registered with the name of its provisioner as key.</summary>
public interface IVolumeResizer
{
    /// <summary>Looks at a volume and changes nothing. Asked once, and again when a change of it may have ended; the answer is kept for a day.</summary>
    /// <param name="target">The volume; what it shall be is null.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    /// <returns>What the volume is.</returns>
    Task<VolumeDescription> DescribeAsync(VolumeTarget target, CancellationToken cancellationToken);

    /// <summary>Brings a volume to a wished state, or tells how far it is. Called again until it is done; calling it twice does no harm. Never shrinks.</summary>
    /// <param name="target">The volume and what it shall be.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    /// <returns>Whether the volume is as wished, on its way, has to wait, or will never be.</returns>
    Task<VolumeProgress> EnsureAsync(VolumeTarget target, CancellationToken cancellationToken);
}
