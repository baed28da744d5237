using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Fixtures;

/// <summary>A complete case of our own: configuration, manifest, perhaps objects that exist, and every object the operator makes of them.</summary>
internal sealed class FixtureCase
{
    private const string Prefix = "Zalando.Postgres.Sdk.Planning.Tests.Fixtures.";

    public FixtureCase(string name)
    {
        Name = name;
        ConfigurationNode = Read("configuration.yaml")!.Single();
        Manifest = Read("manifest.yaml")!.Single();
        Existing = Read("existing.yaml") ?? [];
        Expected = Read("expected.yaml") ?? [];
    }

    public static IReadOnlyList<string> Names { get; } = ["small", "complete", "archive-and-clone", "endpoints-standby", "former-manifest"];

    public string Name { get; }

    public JsonObject ConfigurationNode { get; }

    public JsonObject Manifest { get; }

    public IReadOnlyList<JsonObject> Existing { get; }

    public IReadOnlyList<JsonObject> Expected { get; }

    public OperatorConfiguration Configuration => GoldenCase.ReadConfiguration((JsonObject)ConfigurationNode.DeepClone());

    /// <summary>The cluster before its first pass.</summary>
    public SimulatedCluster Start() => new(Existing, (JsonObject)Manifest.DeepClone(), Configuration, new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The cluster when everything is made.</summary>
    public SimulatedCluster Running()
    {
        var cluster = Start();
        cluster.Run();
        return cluster;
    }

    /// <summary>The objects of a plan as a file, passwords masked, in the order in which they are made.</summary>
    public static string Text(Plan plan)
    {
        var text = new StringBuilder();
        foreach (var create in plan.Changes.OfType<CreateObject>())
        {
            if (text.Length > 0) text.Append("---\n");
            text.Append(KubernetesYaml.Write(SecretMask.Mask(create.Kind, create.Body)));
        }

        return text.ToString();
    }

    private IReadOnlyList<JsonObject>? Read(string file)
    {
        // MSBuild writes folders of resources with underscores.
        using var stream = typeof(FixtureCase).Assembly.GetManifestResourceStream($"{Prefix}{Name.Replace('-', '_')}.{file}");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return KubernetesYaml.Parse(reader.ReadToEnd());
    }
}
