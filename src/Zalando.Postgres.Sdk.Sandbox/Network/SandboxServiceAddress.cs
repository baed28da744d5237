using System.Net;

namespace Zalando.Postgres.Sdk.Sandbox.Network;

/// <summary>Where a service can be reached on this machine.</summary>
/// <param name="Namespace">Namespace of the service.</param>
/// <param name="Name">Name of the service.</param>
/// <param name="Address">A loopback address that no other service of a running sandbox has. Connections go to the endpoints of the moment.</param>
/// <param name="Ports">The service's ports.</param>
public sealed record SandboxServiceAddress(string Namespace, string Name, IPAddress Address, IReadOnlyList<int> Ports);
