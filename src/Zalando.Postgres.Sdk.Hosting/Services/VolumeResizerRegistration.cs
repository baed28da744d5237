using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Hosting.Services;

/// <summary>Who changes the volumes of a provisioner.</summary>
internal sealed record VolumeResizerRegistration(string Provisioner, IVolumeResizer Resizer);
