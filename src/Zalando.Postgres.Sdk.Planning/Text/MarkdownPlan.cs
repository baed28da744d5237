using System.Text;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A plan as Markdown, for comments on pull requests.</summary>
internal static class MarkdownPlan
{
    public static string Write(Plan plan)
    {
        var text = new StringBuilder();
        text.Append("### ").Append(Escape(plan.Cluster.ToString())).Append("\n\n**").Append(Escape(PlanWords.Summary(plan))).Append("**\n\n");
        foreach (var finding in plan.Findings) text.Append("> ").Append(Escape(PlanWords.Line(finding))).Append("\n\n");
        var reasons = new ReasonLines();
        if (plan.Changes.Count > 0)
        {
            text.Append("| | Change | Disruption | Why |\n|---|---|---|---|\n");
            foreach (var change in plan.Changes)
            {
                Row(text, PlanWords.Sign(change), PlanText.Describe(change), change,
                    change.Reversibility == Reversibility.Irreversible ? "cannot be taken back" : null, reasons.Of(change));
            }

            text.Append('\n');
        }

        if (plan.Pending.Count > 0)
        {
            text.Append("| | Waiting | Disruption | Why, and for what |\n|---|---|---|---|\n");
            foreach (var pending in plan.Pending)
                Row(text, "…", PlanText.Describe(pending.Change), pending.Change, null, [.. reasons.Of(pending.Change), "waits: " + PlanWords.Wait(pending)]);
            text.Append('\n');
        }

        if (PlanWords.ApprovalCommand(plan) is { } command) text.Append("To let the restarts run:\n\n```\n").Append(command).Append("\n```\n\n");
        if (!plan.IsEmpty) text.Append("`plan ").Append(plan.Hash).Append("`\n");
        return text.ToString();
    }

    private static void Row(StringBuilder text, string sign, string what, PlannedChange change, string? note, IEnumerable<string> lines)
    {
        var disruption = change.Disruption == Disruption.None ? "" : PlanWords.Of(change.Disruption);
        if (note is not null) disruption = disruption.Length == 0 ? note : $"{disruption}, {note}";
        text.Append("| ").Append(sign).Append(" | ").Append(Escape(what)).Append(" | ").Append(disruption).Append(" | ").AppendJoin("<br>", lines.Select(Escape)).Append(" |\n");
    }

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in PlanWords.Clean(value))
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
}
