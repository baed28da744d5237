using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Restarts;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Patroni's dynamic configuration, and the restarts that changed parameters need.</summary>
internal static class PatroniPlanner
{
    public static void Plan(ClusterContext context, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (context.Observed.Patroni is not { } patroni) return;
        // Without any parameter of PostgreSQL Patroni has not initialised the cluster yet.
        if (patroni.Configuration is { } configuration && configuration.Object("postgresql", "parameters") is { Count: > 0 })
        {
            var reasons = new List<ChangeReason>();
            var patch = PatroniSettings.Patch(context, configuration, reasons, changes, pending);
            PatroniSlots.Note(context, configuration, patch, changes);
            if (ManagedSettings.Note(context, configuration, patch) is { } note) changes.Add(Annotate(context, ClusterAnnotations.ManagedParameters, note.Old, note.New));
            LoweredParameters.Note(context, configuration, patch, patroni, changes);
            if (patch.Count > 0)
            {
                changes.Add(new PatchPatroniConfiguration
                {
                    Target = Target(context),
                    Patch = patch,
                    Reasons = reasons,
                    Disruption = Disruption.Reload,
                    Stage = ChangeStage.Patroni,
                });
            }
        }

        PatroniRestarts.Plan(context, patroni, hold, changes, pending);
    }

    /// <summary>Writes down which settings a new cluster is started with.</summary>
    public static void NoteNew(ClusterContext context, List<PlannedChange> changes)
    {
        if (ManagedSettings.NoteOfNew(context) is { } names) changes.Add(Annotate(context, ClusterAnnotations.ManagedParameters, null, names));
    }

    /// <summary>Patroni of the cluster, as the target of a change.</summary>
    public static ChangeTarget Target(ClusterContext context) => new() { Kind = ChangeTarget.PatroniKind, Namespace = context.Namespace, Name = context.Name };

    /// <summary>Writes something down in an annotation of the manifest; null takes it away.</summary>
    public static PatchObject Annotate(ClusterContext context, string annotation, string? old, string? value) => new()
    {
        Target = ChangeTarget.Of(Resources.Postgresql.Descriptor, context.Namespace, context.Name),
        Kind = Resources.Postgresql.Descriptor,
        Patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = value } } },
        Uid = context.Manifest.Metadata.Uid,
        Stage = ChangeStage.Manifest,
        Reasons = [new ChangeReason { FieldPath = $"metadata.annotations[{annotation}]", Old = old, New = value, RequestedBy = Requester.Operator }],
    };
}
