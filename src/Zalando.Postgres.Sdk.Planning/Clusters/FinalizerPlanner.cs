using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>The finalizer that lets the operator take a cluster down before its manifest goes.</summary>
internal static class FinalizerPlanner
{
    public const string Finalizer = "postgres-operator.acid.zalan.do";

    public static void Plan(ClusterContext context, List<PlannedChange> changes)
    {
        var present = context.Manifest.Metadata.Finalizers?.Contains(Finalizer, StringComparer.Ordinal) ?? false;
        var wanted = context.Settings.Kubernetes.EnableFinalizers;
        if (present != wanted) changes.Add(Change(context, wanted));
    }

    public static PatchObject Change(ClusterContext context, bool wanted)
    {
        var others = (context.Manifest.Metadata.Finalizers ?? []).Where(f => f != Finalizer);
        var list = new JsonArray([.. (wanted ? others.Append(Finalizer) : others).Select(f => (JsonNode?)JsonValue.Create(f))]);
        return new PatchObject
        {
            Target = ChangeTarget.Of(Postgresql.Descriptor, context.Namespace, context.Name),
            Kind = Postgresql.Descriptor,
            Patch = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = list } },
            Uid = context.Manifest.Metadata.Uid,
            ResourceVersion = context.Manifest.Metadata.ResourceVersion,
            Stage = wanted ? ChangeStage.Manifest : ChangeStage.Cleanup,
            Reasons =
            [
                new ChangeReason
                {
                    FieldPath = "metadata.finalizers",
                    Old = wanted ? null : Finalizer,
                    New = wanted ? Finalizer : null,
                    RequestedBy = Requester.OperatorConfiguration,
                },
            ],
        };
    }
}
