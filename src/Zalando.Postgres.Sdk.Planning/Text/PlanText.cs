using System.Text;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Writes plans for people: one line for each change, reasons below, what waits and why, a summary. Never shows a secret value.</summary>
public static class PlanText
{
    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="style">For what.</param>
    public static string Write(Plan plan, PlanTextStyle style = PlanTextStyle.Plain)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return style == PlanTextStyle.Markdown ? MarkdownPlan.Write(plan) : TerminalPlan.Write(plan, style == PlanTextStyle.Colour);
    }

    /// <summary>What a change does, in a few words: <c>create secret default/foo</c>.</summary>
    /// <param name="change">The change.</param>
    public static string Describe(PlannedChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var target = change.Target.ToString();
        return change switch
        {
            CreateObject => $"create {target}",
            PatchObject { Kind.Kind: "Pod" } patch when patch.Patch.Text("metadata", "annotations", DatabasePod.RecreateAnnotation) == "true" => $"mark {target} to be made again",
            PatchObject { Subresource: null } => $"change {target}",
            PatchObject patch => $"change {patch.Subresource} of {target}",
            ReplaceObject { Propagation: DeletionPropagation.Orphan } => $"replace {target} (what it owns stays)",
            ReplaceObject => $"replace {target}",
            DeleteObject => $"delete {target}",
            RecreatePod { IsPrimary: true } => $"make {target} (primary) again",
            RecreatePod => $"make {target} again",
            Switchover switchover => $"switch over {change.Target.Namespace}/{change.Target.Name} from {switchover.Leader} to {switchover.Candidate}",
            PatchPatroniConfiguration => $"change Patroni's configuration of {change.Target.Namespace}/{change.Target.Name}",
            RestartPostgres => $"restart PostgreSQL in {target}",
            UpgradeMajorVersion { Step: UpgradeStep.Check } check => $"check whether PostgreSQL {check.From} can be upgraded to {check.To} in {target}",
            UpgradeMajorVersion upgrade => $"upgrade PostgreSQL {upgrade.From} to {upgrade.To} in {target}",
            ResizePod { IsPrimary: true } => $"resize {target} (primary) while it runs",
            ResizePod => $"resize {target} while it runs",
            ModifyVolume modify => $"modify the volume of {target} ({modify.Volume.VolumeId})",
            GrowFileSystem => $"grow the file system in {target}",
            ChangeDatabase database => $"{PlanWords.Of(database.Change.GetType().Name)} in {target}",
            _ => $"{PlanWords.Of(change.GetType().Name)} {target}",
        };
    }
}
