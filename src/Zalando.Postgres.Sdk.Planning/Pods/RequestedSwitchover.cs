using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Holds;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>A switchover that the owner asks for with an annotation. The annotation names the wish until it is fulfilled, so nothing is lost when the operator ends.</summary>
internal static class RequestedSwitchover
{
    private const string Any = "any";

    public static void Plan(ClusterContext context, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.Switchover) is not { Length: > 0 } text) return;
        var parts = text.Split('@', 2, StringSplitOptions.TrimEntries);
        var wish = parts[0];
        DateTimeOffset? at = null;
        if (parts.Length == 2)
        {
            if (!DateTimeOffset.TryParse(parts[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                Refuse("What follows the @ is no time such as 2030-01-31T08:00:00Z.");
                return;
            }

            at = time;
        }

        var pods = DatabasePod.List(context);
        var primary = pods.FirstOrDefault(p => p.IsPrimary);
        if (wish != Any && pods.All(p => p.Name != wish))
        {
            Refuse($"The cluster has no member of that name; its members are {string.Join(", ", pods.Select(p => p.Name))}.");
            return;
        }

        if (primary is null)
        {
            Wait(wish, WaitReason.PatroniState, "the cluster has no primary at the moment", null);
            return;
        }

        if (primary.Name == wish)
        {
            changes.Add(Annotate(null, $"{wish} is the primary"));
            return;
        }

        if (at > context.Input.Now)
        {
            Wait(wish, WaitReason.Time, $"the switchover was asked for at {Holding.Utc(at.Value)}", at);
            return;
        }

        if (pods.Count == 1)
        {
            Refuse("The cluster has one member only, so there is nobody to switch over to.");
            return;
        }

        var choice = SwitchoverCandidate.Choose(context, pods.Where(p => p != primary && p is { IsReady: true, IsDeleting: false } && (wish == Any || p.Name == wish)).Select(p => p.Name));
        if (choice.Candidate is not { } candidate)
        {
            Wait(wish, choice.WaitsFor, choice.Explanation, null);
            return;
        }

        // The choice is written down first: afterwards it can be seen whether it has come about.
        if (wish == Any)
        {
            changes.Add(Annotate(candidate, "the best replica was chosen"));
            return;
        }

        if (changes.FirstOrDefault(c => c is RecreatePod or Switchover or RestartPostgres) is { } first)
        {
            Wait(wish, WaitReason.EarlierChange, $"{PlanText.Describe(first)} comes first", null);
            return;
        }

        changes.Add(To(candidate, primary.Name));

        void Wait(string name, WaitReason reason, string explanation, DateTimeOffset? until) =>
            pending.Add(new PendingChange { Change = To(name, primary?.Name ?? ""), WaitsFor = reason, Explanation = explanation, Until = until });

        Switchover To(string name, string leader) => new()
        {
            Target = new ChangeTarget { Kind = ChangeTarget.PatroniKind, Namespace = context.Namespace, Name = context.Name },
            Leader = leader,
            Candidate = name,
            IsRequested = true,
            Disruption = Disruption.Switchover,
            Stage = ChangeStage.Pods,
            Reasons = [new ChangeReason { FieldPath = Holding.Path(ClusterAnnotations.Switchover), New = text, Explanation = "the owner asked for it" }],
        };

        PatchObject Annotate(string? value, string explanation) => new()
        {
            Target = ChangeTarget.Of(Postgresql.Descriptor, context.Namespace, context.Name),
            Kind = Postgresql.Descriptor,
            Patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ClusterAnnotations.Switchover] = value } } },
            Uid = context.Manifest.Metadata.Uid,
            Stage = ChangeStage.Manifest,
            Reasons = [new ChangeReason { FieldPath = Holding.Path(ClusterAnnotations.Switchover), Old = text, New = value, RequestedBy = Requester.Operator, Explanation = explanation }],
        };

        void Refuse(string message) => context.Warn("SwitchoverNotPossible", Holding.Path(ClusterAnnotations.Switchover), message + " Nothing is switched over; correct or remove the annotation.", text);
    }
}
