using Zalando.Postgres.Sdk.Sandbox.Network;
using Zalando.Postgres.Sdk.Sandbox.Processes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>What every pod of the sandbox shares.</summary>
internal sealed record NodeContext
{
    public required IApiAccess Api { get; init; }

    public required PodObjects Objects { get; init; }

    public required EventRecorder Events { get; init; }

    public required SandboxDirectory Directory { get; init; }

    public required SandboxPrograms Programs { get; init; }

    public required LoopbackBlock Block { get; init; }

    public required ReadinessProbe Readiness { get; init; }

    public required RestartBackOff RestartBackOff { get; init; }

    public required TimeProvider Time { get; init; }

    public required bool KeepData { get; init; }
}
