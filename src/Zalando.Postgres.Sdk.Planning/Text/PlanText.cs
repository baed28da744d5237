using System.Text;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Writes plans for people: one line for each change, reasons below, what waits and why, a summary. Never shows a secret value.</summary>
public static class PlanText
{
    private const string Green = "\u001b[32m";
    private const string Yellow = "\u001b[33m";
    private const string Red = "\u001b[31m";
    private const string Magenta = "\u001b[35m";
    private const string Grey = "\u001b[90m";
    private const string Bold = "\u001b[1m";
    private const string Reset = "\u001b[0m";

    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="style">For what.</param>
    public static string Write(Plan plan, PlanTextStyle style = PlanTextStyle.Plain)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder();
        if (style == PlanTextStyle.Markdown) Markdown(text, plan);
        else Terminal(text, plan, style == PlanTextStyle.Colour);
        return text.ToString();
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
            ChangeDatabase database => $"{Words(database.Change.GetType().Name)} in {target}",
            _ => $"{Words(change.GetType().Name)} {target}",
        };
    }

    private static void Terminal(StringBuilder text, Plan plan, bool colour)
    {
        text.Append(Paint(Bold, plan.Cluster.ToString())).Append('\n');
        foreach (var finding in plan.Findings) text.Append("  ").Append(Paint(Colour(finding.Severity), Line(finding))).Append('\n');
        if (plan.IsEmpty && plan.Pending.Count == 0 && !plan.IsRefused) text.Append("  nothing to change\n");
        foreach (var change in plan.Changes)
        {
            text.Append("  ").Append(Paint(Colour(change), $"{Sign(change)} {Describe(change)}"));
            if (change.Disruption != Disruption.None) text.Append("  ").Append(Paint(Magenta, $"[{Words(change.Disruption)}]"));
            if (change.Reversibility == Reversibility.Irreversible) text.Append("  ").Append(Paint(Red, "[cannot be taken back]"));
            text.Append('\n');
            foreach (var reason in change.Reasons) text.Append("      ").Append(Paint(Grey, Line(reason))).Append('\n');
        }

        foreach (var pending in plan.Pending)
        {
            text.Append("  ").Append(Paint(Yellow, $"… {Describe(pending.Change)}")).Append("  waits: ").Append(Clean(pending.Explanation));
            if (pending.Until is { } until) text.Append(" (").Append(until.UtcDateTime.ToString("yyyy-MM-dd HH:mm")).Append(" UTC)");
            text.Append('\n');
        }

        text.Append("  ").Append(Summary(plan)).Append('\n');
        if (!plan.IsEmpty) text.Append("  ").Append(Paint(Grey, "plan " + plan.Hash)).Append('\n');

        string Paint(string code, string value) => colour ? code + value + Reset : value;
    }

    private static void Markdown(StringBuilder text, Plan plan)
    {
        text.Append("### ").Append(Escape(plan.Cluster.ToString())).Append("\n\n");
        foreach (var finding in plan.Findings) text.Append("> ").Append(Escape(Line(finding))).Append("\n\n");
        if (plan.IsEmpty && plan.Pending.Count == 0 && !plan.IsRefused) text.Append("Nothing to change.\n\n");
        if (plan.Changes.Count > 0)
        {
            text.Append("| | Change | Disruption | Why |\n|---|---|---|---|\n");
            foreach (var change in plan.Changes)
            {
                text.Append("| ").Append(Sign(change)).Append(" | ").Append(Escape(Describe(change))).Append(" | ")
                    .Append(change.Disruption == Disruption.None ? "" : Words(change.Disruption)).Append(" | ")
                    .AppendJoin("<br>", change.Reasons.Select(r => Escape(Line(r)))).Append(" |\n");
            }

            text.Append('\n');
        }

        foreach (var pending in plan.Pending) text.Append("- waits: ").Append(Escape(Describe(pending.Change))).Append(": ").Append(Escape(pending.Explanation)).Append('\n');
        if (plan.Pending.Count > 0) text.Append('\n');
        text.Append(Escape(Summary(plan))).Append("\n");
        if (!plan.IsEmpty) text.Append("\n`plan ").Append(plan.Hash).Append("`\n");
    }

    private static string Summary(Plan plan)
    {
        if (plan.IsRefused) return "refused: nothing is changed until the errors are repaired";
        var summary = PlanSummary.Of(plan);
        return $"{Count(summary.Changes, "change")}, {summary.Pending} waiting, {Count(summary.PodRestarts, "pod restart")}, {Count(summary.PostgresRestarts, "PostgreSQL restart")}, "
            + $"{Count(summary.Switchovers, "switchover")}; writes fail: {summary.ExpectedDowntime}";

        static string Count(int number, string word) => number == 1 ? $"1 {word}" : $"{number} {word}s";
    }

    private static string Line(Finding finding) => Clean($"{Words(finding.Severity)}: {finding}");

    private static string Line(ChangeReason reason)
    {
        var consequence = reason.Consequence switch
        {
            Consequence.RecreatePods => "; pods are made again",
            Consequence.Replace => "; the API server does not allow the change in place",
            Consequence.RestartPooler => "; pods of the pooler are exchanged",
            Consequence.RestartPostgres => "; PostgreSQL is restarted",
            _ => "",
        };
        return Clean(reason + consequence);
    }

    private static string Sign(PlannedChange change) => change switch
    {
        CreateObject => "+",
        DeleteObject => "-",
        ReplaceObject => "±",
        RecreatePod or Switchover or RestartPostgres => "!",
        _ => "~",
    };

    private static string Colour(PlannedChange change) => change switch
    {
        CreateObject => Green,
        DeleteObject => Red,
        RecreatePod or Switchover or RestartPostgres => Magenta,
        _ => Yellow,
    };

    private static string Colour(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => Red,
        FindingSeverity.Warning => Yellow,
        _ => Grey,
    };

    // Values come from manifests and may hold control characters, which must not reach a terminal.
    private static string Clean(string value) => value.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && !value.Contains('\u007f', StringComparison.Ordinal)
        ? value
        : string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c));

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in Clean(value))
        {
            switch (c)
            {
                case '<': text.Append("&lt;"); break;
                case '>': text.Append("&gt;"); break;
                case '&': text.Append("&amp;"); break;
                case '|' or '`' or '*' or '_' or '[' or ']' or '#' or '\\': text.Append('\\').Append(c); break;
                default: text.Append(c); break;
            }
        }

        return text.ToString();
    }

    private static string Words<T>(T value) where T : struct, Enum => Words(value.ToString());

    private static string Words(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append(' ');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
