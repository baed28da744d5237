using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Tests.Kubernetes;

public sealed class GeneratedKindsTests
{
    [Fact]
    public void An_object_keeps_every_field_on_a_round_trip_known_and_unknown()
    {
        const string json = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"1"},"future":{"a":[1]}},
             "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":8008}],"resources":{"limits":{"cpu":"0.5","memory":"1024Mi"}},
               "readinessProbe":{"httpGet":{"port":"http"}},"newField":7}],"someday":true},"status":{"startTime":"2026-01-31T12:00:00Z"}}
            """;
        var pod = JsonSerializer.Deserialize(json, Pod.JsonTypeInfo)!;
        Assert.Equal("1024Mi", pod.Spec!.Containers![0].Resources!.Limits!["memory"].ToString());
        Assert.True(pod.Spec.Containers[0].ReadinessProbe!.HttpGet!.Port!.Value.IsString);
        var again = JsonSerializer.SerializeToNode(pod, Pod.JsonTypeInfo);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), again), again!.ToJsonString());
    }

    [Fact]
    public void An_element_of_a_list_knows_its_kind_though_the_server_leaves_it_out()
    {
        var pod = JsonSerializer.Deserialize("""{"metadata":{"name":"a"}}""", Pod.JsonTypeInfo)!;
        Assert.Equal(("v1", "Pod", "a"), (pod.ApiVersion, pod.Kind, pod.Metadata.Name));
        Assert.NotNull(new Pod().Metadata);
    }

    [Fact]
    public void Secret_data_is_bytes()
    {
        var secret = JsonSerializer.Deserialize("""{"data":{"password":"aGk="}}""", Secret.JsonTypeInfo)!;
        Assert.Equal("hi"u8.ToArray(), secret.Data!["password"]);
    }

    [Fact]
    public void Every_kind_has_a_schema_that_resolves()
    {
        Assert.NotEmpty(KubernetesKinds.All);
        Assert.All(KubernetesKinds.All, kind => Assert.True(KubernetesSchema.Of(kind).Properties.ContainsKey("metadata")));
        var pods = KubernetesSchema.Of(KubernetesKinds.StatefulSet).Properties["spec"].Properties["template"].Properties["spec"];
        Assert.Equal("name", pods.Properties["containers"].PatchMergeKey);
        Assert.Equal(["name"], pods.Properties["containers"].ListMapKeys);
        Assert.True(pods.Properties["containers"].Items!.Properties["resources"].Properties["limits"].AdditionalProperties!.IsQuantity);
    }
}
