namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>The operator's process ended here, as far as the code under test can tell.</summary>
internal sealed class ProcessKilledException() : OperationCanceledException("The process was killed.");
