using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Access;

/// <summary>Keeps the AWS role of the pods' service account up to date.</summary>
internal static class CloudRolePlanner
{
    public static void Plan(ClusterContext context, JsonObject account, List<PlannedChange> changes)
    {
        var current = account.Text("metadata", "annotations", PodAccessBuilder.RoleAnnotation);
        var wanted = context.Settings.AwsOrGcp.IrsaRoleArn is { Length: > 0 } role ? role : null;
        if (current == wanted) return;
        changes.Add(new PatchObject
        {
            Target = ChangeTarget.Of(KubernetesKinds.ServiceAccount, context.Namespace, context.Settings.Kubernetes.PodServiceAccountName),
            Kind = KubernetesKinds.ServiceAccount,
            Patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [PodAccessBuilder.RoleAnnotation] = wanted } } },
            Stage = ChangeStage.Access,
            Reasons =
            [
                new ChangeReason
                {
                    FieldPath = $"metadata.annotations[{PodAccessBuilder.RoleAnnotation}]",
                    Old = current,
                    New = wanted,
                    RequestedBy = Requester.OperatorConfiguration,
                },
            ],
        });
    }
}
