namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Which changes of cpu and memory reach the containers of running database pods without making the pods again, where the Kubernetes cluster can do that.</summary>
/// <remarks>PostgreSQL and the image read the memory of their container when they start and size <c>shared_buffers</c> by it. More memory in place therefore serves
/// the page cache only, until the next restart; less memory never comes in place.</remarks>
public enum ResizePolicy
{
    /// <summary>Amounts of cpu.</summary>
    Cpu,

    /// <summary>Amounts of cpu, and amounts of memory that do not lower a limit.</summary>
    CpuAndMemory,

    /// <summary>None: pods are made again.</summary>
    Never,
}
