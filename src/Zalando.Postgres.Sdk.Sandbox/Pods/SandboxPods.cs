using Zalando.Postgres.Sdk.Sandbox.Processes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>The pods that run in the sandbox, and ways to break them.</summary>
public sealed class SandboxPods
{
    private readonly NodeAgent _agent;

    internal SandboxPods(NodeAgent agent) => _agent = agent;

    /// <summary>All pods of the sandbox, by namespace and name.</summary>
    public IReadOnlyList<SandboxPod> List() =>
        [.. _agent.Runners.Where(r => !r.Completion.IsCompleted).OrderBy(r => r.Namespace, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal).Select(Describe)];

    /// <summary>One pod; null when the sandbox does not run it.</summary>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public SandboxPod? Find(string namespaceName, string name) =>
        _agent.Find(namespaceName, name) is { Completion.IsCompleted: false } runner ? Describe(runner) : null;

    /// <summary>Kills all processes of a pod with SIGKILL, as a node that loses power does. The container starts again after the back-off.</summary>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait; the processes are killed all the same.</param>
    /// <returns>When no process is left.</returns>
    /// <exception cref="SandboxException">No such pod runs.</exception>
    public async Task KillAsync(string namespaceName, string name, CancellationToken cancellationToken)
    {
        if (_agent.Find(namespaceName, name)?.Process is not { } process) throw new SandboxException($"The pod {namespaceName}/{name} does not run in the sandbox.");
        process.Kill();
        await process.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static SandboxPod Describe(PodRunner runner) => new()
    {
        Namespace = runner.Namespace,
        Name = runner.Name,
        Node = runner.NodeName,
        Address = runner.Address,
        Phase = runner.Phase,
        Ready = runner.Ready,
        Restarts = runner.Restarts,
        SocketDirectory = runner.RunDirectory,
        ProcessIds = runner.Process is { } process ? ProcessTree.Descendants(process.SupervisorId) : [],
    };
}
