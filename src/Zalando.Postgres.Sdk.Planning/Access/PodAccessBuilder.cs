using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Access;

/// <summary>ServiceAccount and RoleBinding that all clusters of a namespace share. They are created when missing and then left to their owner.</summary>
internal static class PodAccessBuilder
{
    public const string RoleAnnotation = "eks.amazonaws.com/role-arn";

    public static DesiredObject Account(ClusterContext context)
    {
        var settings = context.Settings.Kubernetes;
        var body = Definition(context, settings.PodServiceAccountDefinition, "pod_service_account_definition", "ServiceAccount")
            ?? new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ServiceAccount" };
        var metadata = Metadata(body, context);
        metadata["name"] = settings.PodServiceAccountName;
        if (context.Settings.AwsOrGcp.IrsaRoleArn is { Length: > 0 } role)
        {
            if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
            annotations[RoleAnnotation] = role;
        }

        return new DesiredObject
        {
            Kind = KubernetesKinds.ServiceAccount,
            Body = body,
            Stage = ChangeStage.Access,
            Purpose = "pods of the namespace run with this account",
        };
    }

    public static DesiredObject Binding(ClusterContext context)
    {
        var account = context.Settings.Kubernetes.PodServiceAccountName;
        var body = Definition(context, context.Settings.Kubernetes.PodServiceAccountRoleBindingDefinition, "pod_service_account_role_binding_definition", "RoleBinding")
            ?? new JsonObject
            {
                ["apiVersion"] = "rbac.authorization.k8s.io/v1",
                ["kind"] = "RoleBinding",
                ["metadata"] = new JsonObject { ["name"] = account },
                ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = account },
                ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = account }),
            };
        Metadata(body, context);
        return new DesiredObject
        {
            Kind = KubernetesKinds.RoleBinding,
            Body = body,
            Stage = ChangeStage.Access,
            Purpose = "Patroni in the pods may keep its state in the Kubernetes API",
        };
    }

    private static JsonObject Metadata(JsonObject body, ClusterContext context)
    {
        if (body["metadata"] is not JsonObject metadata) body["metadata"] = metadata = [];
        metadata["namespace"] = context.Namespace;
        return metadata;
    }

    private static JsonObject? Definition(ClusterContext context, string text, string parameter, string kind)
    {
        if (text.Length == 0) return null;
        try
        {
            if (JsonNode.Parse(text) is JsonObject body && body.Text("kind") == kind) return body;
        }
        catch (JsonException)
        {
            // Reported below with the other ways of being wrong.
        }
        context.Refuse("InvalidConfiguration", parameter, $"The value must be the JSON of an object of kind {kind}; YAML is converted when the configuration is read.");
        return null;
    }
}
