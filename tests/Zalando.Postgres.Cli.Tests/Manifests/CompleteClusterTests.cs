using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Cli.Tests.Manifests;

public sealed class CompleteClusterTests
{
    private static readonly string[] Deprecated = [".useLoadBalancer", ".replicaLoadBalancer", ".init_containers", ".pod_priority_class_name"];

    [Fact]
    public void The_complete_fixture_has_every_field_of_a_cluster()
    {
        var clusters = KubernetesYaml.Parse(File.ReadAllText(TestFiles.Fixture("complete-cluster.yaml"))).Select(static c => c["spec"]!).ToList();
        var schema = (JsonObject)CustomResourceDefinitions.SchemaOf(Postgresql.Descriptor)["properties"]!["spec"]!;

        var missing = Fields(schema, "", clusters).Except(Deprecated, StringComparer.Ordinal).ToList();

        Assert.Empty(missing);
    }

    // Own fields only: what Kubernetes defines is the matter of its own types.
    private static IEnumerable<string> Fields(JsonObject schema, string path, IReadOnlyList<JsonNode> values)
    {
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            var inner = values.OfType<JsonObject>().Select(v => v[name]).OfType<JsonNode>().ToList();
            if (inner.Count == 0)
            {
                yield return $"{path}.{name}";
                continue;
            }

            // One type in three places.
            if (name == "resources" && path.Length > 0) continue;
            if (name is "env" or "envFrom" or "livenessProbe" or "initContainers" or "init_containers" or "tolerations" or "nodeAffinity" or "topologySpreadConstraints" or "selector" or "ports" or "volumeSource") continue;
            var (of, at) = property switch
            {
                JsonObject { } list when list["items"] is JsonObject items => (items, inner.OfType<JsonArray>().SelectMany(static a => a).OfType<JsonNode>().ToList()),
                JsonObject { } map when map["additionalProperties"] is JsonObject additional => (additional, inner.OfType<JsonObject>().SelectMany(static o => o.Select(static p => p.Value)).OfType<JsonNode>().ToList()),
                _ => ((JsonObject)property!, inner),
            };
            foreach (var field in Fields(of, $"{path}.{name}", at)) yield return field;
        }
    }
}
