using Microsoft.Extensions.Logging;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Which controllers run, and how.</summary>
public sealed record ControllerHostOptions
{
    /// <summary>Names of the controllers to run, as kube-controller-manager knows them; null for <see cref="ControllerHost.DefaultControllers"/>.</summary>
    /// <value>Default: null.</value>
    public IReadOnlyList<string>? Controllers { get; init; }

    /// <summary>A node that makes pods run at once; null for none.</summary>
    /// <value>Default: null: pods stay pending until somebody else binds and runs them.</value>
    public SimulatedNodeOptions? SimulatedNode { get; init; }

    /// <summary>What the root CA publisher writes into <c>kube-root-ca.crt</c>: PEM.</summary>
    /// <value>Default: a text that says that the server has no certificate.</value>
    public string RootCertificate { get; init; } = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

    /// <summary>Whether a failed claim of a controller is reported there; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Randomness for generated names; null for a fixed seed, so that runs can be repeated.</summary>
    public Random? Random { get; init; }
}
