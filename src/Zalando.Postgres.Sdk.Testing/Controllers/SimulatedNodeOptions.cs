namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>A node that only pretends: its pods are scheduled, running and ready at once, with an address each, and end as soon as they are deleted.</summary>
public sealed record SimulatedNodeOptions
{
    /// <summary>Name of the node object that is made.</summary>
    /// <value>Default: <c>node-1</c>.</value>
    public string NodeName { get; init; } = "node-1";

    /// <summary>Names of further nodes of the same kind. Pods are spread over all of them by the rules of <see cref="Nodes.PodPlacement"/>.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> FurtherNodeNames { get; init; } = [];

    /// <summary>First two numbers of the addresses of pods.</summary>
    /// <value>Default: <c>10.244</c>.</value>
    public string AddressPrefix { get; init; } = "10.244";

    /// <summary>Address of the node; further ones count on from its last number.</summary>
    /// <value>Default: <c>192.168.0.1</c>.</value>
    public string NodeAddress { get; init; } = "192.168.0.1";

    /// <summary>How long a pod takes to become ready after it runs, on the server's clock.</summary>
    /// <value>Default: zero: at once.</value>
    public TimeSpan ReadyDelay { get; init; }

    /// <summary>How long a deleted pod goes on, on the server's clock.</summary>
    /// <value>Default: zero: it is gone at once.</value>
    public TimeSpan StopDelay { get; init; }

    /// <summary>Whether pods without a node are given to one of these.</summary>
    /// <value>Default: true.</value>
    public bool Schedules { get; init; } = true;

    /// <summary>Whether the pods of jobs succeed by themselves (else they run until a test ends them).</summary>
    /// <value>Default: true.</value>
    public bool CompletesJobs { get; init; } = true;
}
