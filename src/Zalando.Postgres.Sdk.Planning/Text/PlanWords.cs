using System.Globalization;
using System.Text;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>The words that all texts of a plan share.</summary>
internal static class PlanWords
{
    public static string Sign(PlannedChange change) => change switch
    {
        CreateObject => "+",
        DeleteObject => "-",
        ReplaceObject => "±",
        RecreatePod or Switchover or RestartPostgres or UpgradeMajorVersion => "!",
        _ => "~",
    };

    public static string Line(Finding finding) => Clean($"{Of(finding.Severity.ToString())}: {finding}");

    /// <summary>Field, old and new value, and in parentheses who asked for it and what it leads to.</summary>
    public static string Line(ChangeReason reason)
    {
        var notes = new List<string>();
        if (reason.FieldPath.Length > 0 && reason.Explanation is { } explanation) notes.Add(explanation);
        if (reason.FieldPath.Length > 0 && Requester(reason.RequestedBy) is { } requester) notes.Add(requester);
        if (Consequence(reason.Consequence) is { } consequence) notes.Add(consequence);
        var text = (reason with { Explanation = reason.FieldPath.Length == 0 ? reason.Explanation : null }).ToString();
        return Clean(notes.Count == 0 ? text : $"{text}  ({string.Join("; ", notes)})");
    }

    /// <summary>The counts of a plan and what they mean for writes, as one sentence.</summary>
    public static string Summary(Plan plan)
    {
        if (plan.IsRefused) return "Refused: nothing is changed until the errors are repaired.";
        if (plan.IsEmpty && plan.Pending.Count == 0) return "Nothing to change.";
        var summary = PlanSummary.Of(plan);
        var text = new StringBuilder(plan.IsEmpty ? "Nothing to change now" : Count(summary.Changes, "change") + " now");
        if (summary.Pending > 0) text.Append(CultureInfo.InvariantCulture, $", {summary.Pending} waiting");
        text.Append(": ").Append(Count(summary.PodRestarts, "pod restart"));
        if (summary.PostgresRestarts > 0) text.Append(", ").Append(Count(summary.PostgresRestarts, "PostgreSQL restart"));
        return text.Append(", ").Append(Count(summary.Switchovers, "switchover")).Append(", writes fail: ").Append(summary.ExpectedDowntime).Append('.').ToString();
    }

    /// <summary>The command that lets held restarts run; null when nothing waits for an approval.</summary>
    public static string? ApprovalCommand(Plan plan) => plan.Pending.FirstOrDefault(p => p.Approval is not null) is { } held
        ? $"kubectl annotate postgresql {plan.Cluster.Name} --namespace {plan.Cluster.Namespace} --overwrite {RestartAnnotations.Approval}={held.Approval}"
        : null;

    /// <summary>What a pending change waits for, with the time when it is known.</summary>
    public static string Wait(PendingChange pending) => Clean(pending.Until is { } until && !pending.Explanation.Contains("UTC", StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"{pending.Explanation} ({until.UtcDateTime:yyyy-MM-dd HH:mm} UTC)")
        : pending.Explanation);

    /// <summary>A name in upper camel case as words.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append(' ');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    public static string Of(Disruption disruption) => Of(disruption.ToString());

    // Values come from manifests and may hold control characters, which must not reach a terminal.
    public static string Clean(string value) => value.Any(char.IsControl) ? string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c)) : value;

    private static string Count(int number, string word) => number switch { 0 => $"no {word}s", 1 => $"1 {word}", _ => $"{number} {word}s" };

    private static string? Consequence(Consequence consequence) => consequence switch
    {
        Planning.Consequence.RecreatePods => "pods are made again",
        Planning.Consequence.Replace => "the API server does not allow the change in place",
        Planning.Consequence.RestartPooler => "pods of the pooler are exchanged",
        Planning.Consequence.RestartPostgres => "PostgreSQL is restarted",
        _ => null,
    };

    private static string? Requester(Requester requester) => requester switch
    {
        Planning.Requester.Manifest => "manifest",
        Planning.Requester.OperatorConfiguration => "operator configuration",
        Planning.Requester.OperatorVersion => "default of this operator version",
        Planning.Requester.Team => "members of the team",
        Planning.Requester.ClusterState => "differs from what was made",
        Planning.Requester.Schedule => "due by date",
        _ => null,
    };
}
