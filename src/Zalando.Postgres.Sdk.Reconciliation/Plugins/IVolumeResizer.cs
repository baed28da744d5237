namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Changes volumes of a storage provider that Kubernetes itself cannot change. Registered with the name of its provisioner as key.</summary>
public interface IVolumeResizer
{
    /// <summary>Brings a volume to a size, or tells how far it is. Called again until it is done; calling it twice does no harm.</summary>
    /// <param name="volumeId">The provider's name of the volume.</param>
    /// <param name="bytes">Wished size in bytes; never smaller than the present one.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    /// <returns>Whether the volume has the size.</returns>
    Task<bool> EnsureSizeAsync(string volumeId, long bytes, CancellationToken cancellationToken);
}
