namespace Zalando.Postgres.Sdk.Architecture;

/// <summary>Which package may use which: the table of the design. Whoever changes it says why in docs/decisions.</summary>
internal static class DependencyTable
{
    private const string Sdk = "Zalando.Postgres.Sdk.";

    public static IReadOnlyDictionary<string, Rule> Rules { get; } = new Dictionary<string, Rule>(StringComparer.Ordinal)
    {
        ["Zalando.Postgres.Sdk"] = new(Of("Hosting"), []),
        [Sdk + "Resources"] = new([], []),
        [Sdk + "Planning"] = new(Of("Resources"), []),
        [Sdk + "Kubernetes"] = new(Of("Resources"), ["YamlDotNet", "Polly.Core", "Microsoft.Extensions.Logging.Abstractions"]),
        [Sdk + "Patroni"] = new([], ["Microsoft.Extensions.Logging.Abstractions"]),
        [Sdk + "Teams"] = new([], ["Microsoft.Extensions.Logging.Abstractions"]),
        [Sdk + "Database"] = new(Of("Planning", "Resources"), ["Npgsql", "Microsoft.Extensions.Logging.Abstractions"]),
        [Sdk + "Reconciliation"] = new(Of("Database", "Patroni", "Teams", "Kubernetes", "Planning", "Resources"), ["Polly.Core", "Microsoft.Extensions.Logging.Abstractions"]),
        [Sdk + "Hosting"] = new(
            Of("Reconciliation", "Database", "Patroni", "Teams", "Kubernetes", "Planning", "Resources"),
            ["Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Options.ConfigurationExtensions", "Microsoft.Extensions.Diagnostics.HealthChecks"]),
        [Sdk + "Volumes.Ebs"] = new(Of("Reconciliation"), []),
        [Sdk + "Testing"] = new(Of("Kubernetes", "Resources", "Patroni", "Teams"), [], AspNet: true),
        [Sdk + "Sandbox"] = new(Of("Testing", "Reconciliation", "Kubernetes", "Resources", "Patroni"), ["Npgsql"], AspNet: true),
        ["Zalando.Postgres.Operator"] = new(Of("Hosting", "Volumes.Ebs", "Reconciliation", "Kubernetes", "Resources"), ["Microsoft.Extensions.Hosting"], AspNet: true),
        ["Zalando.Postgres.Cli"] = new(Of("Hosting", "Reconciliation", "Database", "Planning", "Kubernetes", "Resources", "Testing", "Patroni"), ["System.CommandLine", "Spectre.Console"], AspNet: true),
    };

    private static string[] Of(params string[] packages) => [.. packages.Select(p => Sdk + p)];

    /// <param name="Projects">Packages of ours that may be referenced.</param>
    /// <param name="Packages">Foreign packages that may be referenced.</param>
    /// <param name="AspNet">Whether the ASP.NET framework may be used.</param>
    internal sealed record Rule(IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, bool AspNet = false);
}
