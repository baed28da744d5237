namespace Zalando.Postgres.Sdk.Testing.Controllers.Nodes;

/// <summary>Why a node does not give a pod other amounts of cpu and memory.</summary>
/// <param name="IsForGood">Whether it never can, because it is too small; otherwise it has no room now.</param>
/// <param name="Message">The kubelet's words.</param>
internal sealed record ResizeRefusal(bool IsForGood, string Message);
