using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.Manifests;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Tests.Manifests;

public sealed class UpstreamManifestTests
{
    private static readonly OperatorConfiguration Defaults = new() { Form = ConfigurationForm.ConfigMap };

    public static TheoryData<string> Files
    {
        get
        {
            var files = new TheoryData<string>();
            foreach (var own in new[] { "complete-cluster.yaml", "version-1-cluster.yaml", "other-kinds.yaml" }) files.Add(TestFiles.Fixture(own));
            if (Directory() is { } directory) files.AddRange(System.IO.Directory.EnumerateFiles(directory, "*.yaml", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(directory, f)).Order(StringComparer.Ordinal).ToArray());
            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_the_reference_is_read_and_written_without_loss(string file)
    {
        foreach (var manifest in Read(file))
        {
            var written = (string?)manifest["kind"] switch
            {
                "postgresql" => RoundTrip(manifest, Postgresql.JsonTypeInfo),
                "OperatorConfiguration" => RoundTrip(manifest, OperatorConfiguration.JsonTypeInfo),
                "PostgresTeam" => RoundTrip(manifest, PostgresTeam.JsonTypeInfo),
                _ => manifest,
            };
            Assert.True(JsonNode.DeepEquals(manifest, written), $"{manifest.ToJsonString()}\n{written?.ToJsonString()}");
            Assert.True(JsonNode.DeepEquals(manifest, Assert.Single(KubernetesYaml.Parse(KubernetesYaml.Write(manifest)))));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_the_reference_is_valid_unless_its_version_is_too_old(string file)
    {
        var errors = Read(file).SelectMany(m => ManifestValidator.Validate(m, Defaults)).Where(f => f.Severity == FindingSeverity.Error);

        // Version 1 of the reference knew PostgreSQL 13; today's refuses it, and so do we.
        Assert.All(errors, f => Assert.Equal(("spec.postgresql.version", "13"), (f.FieldPath, f.Value)));
    }

    private static JsonNode? RoundTrip<T>(JsonObject manifest, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> contract) =>
        JsonSerializer.SerializeToNode(manifest.Deserialize(contract)!, contract);

    private static IEnumerable<JsonObject> Read(string file)
    {
        return KubernetesYaml.ParseDocuments(File.ReadAllText(Path.Combine(Directory() ?? "", file))).SelectMany(ManifestFiles.ObjectsOf).Select(m => m.Manifest);
    }

    private static string? Directory()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) continue;
            var shared = Path.Combine(directory.Parent!.FullName, "shared", "upstream-manifests");
            return System.IO.Directory.Exists(shared) ? shared : null;
        }
        return null;
    }
}
