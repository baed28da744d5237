namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>What every controller works with.</summary>
/// <param name="Api">Writes, and reads that must be copies.</param>
/// <param name="State">Reads without copies.</param>
/// <param name="Time">The clock.</param>
/// <param name="Options">Settings.</param>
internal sealed record ControllerContext(IApiAccess Api, ObservedState State, TimeProvider Time, ControllerHostOptions Options);
