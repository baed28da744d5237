using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Tests;

public sealed class ObjectDiffTests
{
    private const string Desired = """
        {
          "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "default", "labels": {"application": "spilo"}},
          "spec": {
            "replicas": 2, "serviceName": "db", "selector": {"matchLabels": {"application": "spilo"}}, "updateStrategy": {"type": "OnDelete"},
            "template": {
              "metadata": {"labels": {"application": "spilo"}},
              "spec": {
                "terminationGracePeriodSeconds": 300,
                "containers": [{
                  "name": "postgres", "image": "spilo:1",
                  "resources": {"limits": {"memory": "1Gi"}},
                  "env": [
                    {"name": "A", "value": "1"},
                    {"name": "CLONE_AWS_SECRET_ACCESS_KEY", "value": "top-secret"},
                    {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                    {"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "postgres.db", "key": "password"}}},
                    {"name": "SPILO_CONFIGURATION", "value": "{\"postgresql\":{},\"bootstrap\":{\"initdb\":[{\"auth-host\":\"scram-sha-256\"}],\"dcs\":{\"ttl\":30}}}"}
                  ],
                  "livenessProbe": {"httpGet": {"port": 8008}}
                }]
              }
            },
            "volumeClaimTemplates": [{"metadata": {"name": "pgdata"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]
          }
        }
        """;

    private static readonly ObjectDiffOptions Options = new() { OwnContainersUseSecret = "postgres.db" };

    [Fact]
    public void What_the_server_fills_in_or_respells_is_no_difference()
    {
        var comparison = Compare(current =>
        {
            var container = Container(current);
            container["terminationMessagePath"] = "/dev/termination-log";
            container["livenessProbe"]!["timeoutSeconds"] = 1;
            container["resources"]!["limits"]!["memory"] = "1024Mi";
            container["env"]![2]!["valueFrom"]!["fieldRef"]!["apiVersion"] = "v1";
            current["spec"]!["revisionHistoryLimit"] = 10;
            current["metadata"]!["annotations"] = new JsonObject { ["somebody/else"] = "was here" };
            current["status"] = new JsonObject { ["replicas"] = 2 };
        });

        Assert.True(comparison.AreEqual, string.Join('\n', comparison.Reasons));
        Assert.Empty(comparison.Patch);
    }

    [Fact]
    public void The_bootstrap_part_and_the_order_of_variables_mean_nothing_to_a_running_cluster() => Assert.True(Compare(current =>
    {
        var variables = (JsonArray)Container(current)["env"]!;
        variables[4]!["value"] = """{"postgresql": {}, "bootstrap": {"initdb": [{"auth-host": "md5"}], "dcs": {}}}""";
        var first = variables[0]!.DeepClone();
        variables.RemoveAt(0);
        variables.Add(first);
    }).AreEqual);

    [Fact]
    public void An_injected_sidecar_with_its_volume_stays_when_something_else_changes()
    {
        var comparison = Compare(current =>
        {
            ((JsonArray)current["spec"]!["template"]!["spec"]!["containers"]!).Add(
                JsonNode.Parse("""{"name": "proxy", "image": "proxy:1", "volumeMounts": [{"name": "certs", "mountPath": "/certs"}]}"""));
            current["spec"]!["template"]!["spec"]!["volumes"] = JsonNode.Parse("""[{"name": "certs", "emptyDir": {}}]""");
            Container(current)["image"] = "spilo:0";
        });

        var reason = Assert.Single(comparison.Reasons);
        Assert.Equal(("spec.template.spec.containers[postgres].image", "spilo:0", "spilo:1", Consequence.RecreatePods), (reason.FieldPath, reason.Old, reason.New, reason.Consequence));
        Assert.Equal("proxy", (string?)comparison.Patch["spec"]!["template"]!["spec"]!["containers"]![1]!["name"]);
        Assert.Null(comparison.Patch["spec"]!["template"]!["spec"]!["volumes"]);
    }

    [Fact]
    public void A_removed_field_is_removed_by_a_null()
    {
        var comparison = Compare(current => current["spec"]!["template"]!["spec"]!["priorityClassName"] = "high");

        Assert.Equal("spec.template.spec.priorityClassName", Assert.Single(comparison.Reasons).FieldPath);
        var spec = (JsonObject)comparison.Patch["spec"]!["template"]!["spec"]!;
        Assert.True(spec.ContainsKey("priorityClassName"));
        Assert.Null(spec["priorityClassName"]);
    }

    [Fact]
    public void Values_of_variables_that_look_like_secrets_are_hidden()
    {
        var comparison = Compare(current => Container(current)["env"]![1]!["value"] = "old-secret");

        var reason = Assert.Single(comparison.Reasons);
        Assert.Equal(("***", "***"), (reason.Old, reason.New));
        Assert.Contains("CLONE_AWS_SECRET_ACCESS_KEY", reason.FieldPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spec.volumeClaimTemplates[pgdata].spec.resources.requests.storage", Consequence.Replace)]
    [InlineData("spec.replicas", Consequence.InPlace)]
    [InlineData("spec.template.spec.terminationGracePeriodSeconds", Consequence.RecreatePods)]
    [InlineData("spec.template.spec.schedulerName", Consequence.InPlace)]
    public void A_field_has_its_consequence(string path, Consequence consequence)
    {
        var comparison = Compare(current =>
        {
            switch (path)
            {
                case "spec.replicas": current["spec"]!["replicas"] = 3; break;
                case "spec.template.spec.terminationGracePeriodSeconds": current["spec"]!["template"]!["spec"]!["terminationGracePeriodSeconds"] = 30; break;
                case "spec.template.spec.schedulerName": current["spec"]!["template"]!["spec"]!["schedulerName"] = "other"; break;
                default: current["spec"]!["volumeClaimTemplates"]![0]!["spec"]!["resources"]!["requests"]!["storage"] = "2Gi"; break;
            }
        });

        var reason = Assert.Single(comparison.Reasons);
        Assert.Equal((path, consequence), (reason.FieldPath, reason.Consequence));
    }

    private static ObjectComparison Compare(Action<JsonObject> change)
    {
        var current = (JsonObject)JsonNode.Parse(Desired)!;
        change(current);
        return ObjectDiff.Compare(KubernetesKinds.StatefulSet, current, (JsonObject)JsonNode.Parse(Desired)!, Options);
    }

    private static JsonObject Container(JsonObject set) => (JsonObject)set["spec"]!["template"]!["spec"]!["containers"]![0]!;
}
