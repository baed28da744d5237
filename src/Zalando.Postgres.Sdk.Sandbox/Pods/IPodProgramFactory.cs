using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Knows how to run the containers of one image as a local process.</summary>
internal interface IPodProgramFactory
{
    /// <summary>Whether this is the one for a container.</summary>
    bool Runs(Container container);

    /// <summary>Writes what the program needs and says how to start it.</summary>
    /// <exception cref="PodConfigurationException">Something the pod refers to is missing: to be tried again.</exception>
    /// <exception cref="SandboxException">The pod cannot run here as it is written.</exception>
    PodProgram Prepare(PodContext context);
}
