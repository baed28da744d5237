namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>What a test does to the pods of the simulated node. Changes show after the next look of the controllers (<see cref="ControllerHost.SettleAsync"/>).</summary>
public sealed class SimulatedNode
{
    private readonly SimulatedNodeController _controller;
    private readonly ControllerHost _host;

    internal SimulatedNode(SimulatedNodeController controller, ControllerHost host)
    {
        _controller = controller;
        _host = host;
    }

    /// <summary>Keeps a pod running but not ready, also after it is made again.</summary>
    /// <param name="namespaceName">Namespace of the pod.</param>
    /// <param name="podName">Name of the pod.</param>
    public void HoldUnready(string namespaceName, string podName) => Set(namespaceName, podName, PodFate.Unready);

    /// <summary>Keeps a pod from being scheduled.</summary>
    /// <param name="namespaceName">Namespace of the pod.</param>
    /// <param name="podName">Name of the pod.</param>
    public void HoldPending(string namespaceName, string podName) => Set(namespaceName, podName, PodFate.Pending);

    /// <summary>Lets a pod that was held run and become ready.</summary>
    /// <param name="namespaceName">Namespace of the pod.</param>
    /// <param name="podName">Name of the pod.</param>
    public void Release(string namespaceName, string podName) => Set(namespaceName, podName, PodFate.Normal);

    /// <summary>Ends a pod with phase Failed, once.</summary>
    /// <param name="namespaceName">Namespace of the pod.</param>
    /// <param name="podName">Name of the pod.</param>
    public void Fail(string namespaceName, string podName) => Set(namespaceName, podName, PodFate.Failed);

    /// <summary>Ends a pod with phase Succeeded, once.</summary>
    /// <param name="namespaceName">Namespace of the pod.</param>
    /// <param name="podName">Name of the pod.</param>
    public void Complete(string namespaceName, string podName) => Set(namespaceName, podName, PodFate.Succeeded);

    private void Set(string namespaceName, string podName, PodFate fate)
    {
        _controller.SetFate(new(namespaceName, podName), fate);
        _host.Enqueue(_controller, new(namespaceName, podName));
    }
}
