using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;
using Zalando.Postgres.Sdk.Testing.Validation;

namespace Zalando.Postgres.Sdk.Testing.Tests.Validation;

public sealed class BuiltInValidationTests
{
    [Theory]
    [InlineData("""{"replicas":-1}""", "FieldValueInvalid", "spec.replicas")]
    [InlineData("""{"podManagementPolicy":"X"}""", "FieldValueInvalid", "spec.podManagementPolicy")]
    [InlineData("""{"selector":null}""", "FieldValueRequired", "spec.selector")]
    [InlineData("""{"updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}}}""", "FieldValueInvalid", "spec.updateStrategy.rollingUpdate")]
    public void A_faulty_stateful_set_is_named_with_reason_and_field(string change, string reason, string field)
    {
        var set = Set();
        foreach (var (key, value) in (JsonObject)JsonNode.Parse(change)!) set["spec"]![key] = value?.DeepClone();
        KubernetesDefaults.Apply(KubernetesKinds.StatefulSet, set);
        var fault = BuiltInValidation.ValidateCreate(KubernetesKinds.StatefulSet, set)[0];
        Assert.Equal((reason, field), (fault.Reason, fault.Field));
    }

    [Fact]
    public void A_good_stateful_set_has_no_faults_and_its_service_name_cannot_change()
    {
        var old = Set();
        KubernetesDefaults.Apply(KubernetesKinds.StatefulSet, old);
        Assert.Empty(BuiltInValidation.ValidateCreate(KubernetesKinds.StatefulSet, old));
        var changed = (JsonObject)old.DeepClone();
        changed["spec"]!["serviceName"] = "other";
        var fault = Assert.Single(BuiltInValidation.ValidateUpdate(KubernetesKinds.StatefulSet, changed, old, null));
        Assert.Equal(("FieldValueForbidden", "spec"), (fault.Reason, fault.Field));
    }

    [Fact]
    public void The_image_of_a_pod_may_change_and_its_node_may_not()
    {
        var old = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""")!;
        KubernetesDefaults.Apply(KubernetesKinds.Pod, old);
        var image = (JsonObject)old.DeepClone();
        image["spec"]!["containers"]![0]!["image"] = "i:2";
        Assert.Empty(BuiltInValidation.ValidateUpdate(KubernetesKinds.Pod, image, old, null));
        var node = (JsonObject)old.DeepClone();
        node["spec"]!["nodeName"] = "n";
        Assert.Equal("spec", Assert.Single(BuiltInValidation.ValidateUpdate(KubernetesKinds.Pod, node, old, null)).Field);
    }

    private static JsonObject Set() => (JsonObject)JsonNode.Parse("""
        {"metadata":{"name":"s"},"spec":{"replicas":1,"serviceName":"s","selector":{"matchLabels":{"app":"s"}},
          "template":{"metadata":{"labels":{"app":"s"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        """)!;
}
