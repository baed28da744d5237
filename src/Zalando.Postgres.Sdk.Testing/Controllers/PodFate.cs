namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>What is to become of a pod on the simulated node.</summary>
internal enum PodFate
{
    Normal,
    Pending,
    Unready,
    Failed,
    Succeeded,
}
