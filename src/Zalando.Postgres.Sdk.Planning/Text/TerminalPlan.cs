using System.Text;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A plan for a terminal, with or without colour.</summary>
internal static class TerminalPlan
{
    private const string Green = "\u001b[32m";
    private const string Yellow = "\u001b[33m";
    private const string Red = "\u001b[31m";
    private const string Magenta = "\u001b[35m";
    private const string Grey = "\u001b[90m";
    private const string Bold = "\u001b[1m";
    private const string Reset = "\u001b[0m";

    public static string Write(Plan plan, bool colour)
    {
        var text = new StringBuilder();
        text.Append(Paint(Bold, PlanWords.Clean(plan.Cluster.ToString()))).Append('\n');
        foreach (var finding in plan.Findings) text.Append("  ").Append(Paint(Colour(finding.Severity), PlanWords.Line(finding))).Append('\n');
        var reasons = new ReasonLines();
        foreach (var change in plan.Changes)
        {
            text.Append("  ").Append(Paint(Colour(change), $"{PlanWords.Sign(change)} {PlanWords.Clean(PlanText.Describe(change))}"));
            if (change.Disruption != Disruption.None) text.Append("  ").Append(Paint(Magenta, $"[{PlanWords.Of(change.Disruption)}]"));
            if (change.Reversibility == Reversibility.Irreversible) text.Append("  ").Append(Paint(Red, "[cannot be taken back]"));
            text.Append('\n');
            foreach (var line in reasons.Of(change)) text.Append("      ").Append(Paint(Grey, line)).Append('\n');
        }

        foreach (var pending in plan.Pending)
        {
            text.Append("  ").Append(Paint(Yellow, $"… {PlanWords.Clean(PlanText.Describe(pending.Change))}"));
            if (pending.Change.Disruption != Disruption.None) text.Append("  ").Append(Paint(Magenta, $"[{PlanWords.Of(pending.Change.Disruption)}]"));
            text.Append("\n      ").Append(Paint(Yellow, "waits: " + PlanWords.Wait(pending))).Append('\n');
            foreach (var line in reasons.Of(pending.Change)) text.Append("      ").Append(Paint(Grey, line)).Append('\n');
        }

        text.Append("  ").Append(Paint(Bold, PlanWords.Summary(plan))).Append('\n');
        if (PlanWords.ApprovalCommand(plan) is { } command) text.Append("  To let the restarts run: ").Append(command).Append('\n');
        if (!plan.IsEmpty) text.Append("  ").Append(Paint(Grey, "plan " + plan.Hash)).Append('\n');
        return text.ToString();

        string Paint(string code, string value) => colour ? code + value + Reset : value;
    }

    private static string Colour(PlannedChange change) => change switch
    {
        CreateObject => Green,
        DeleteObject => Red,
        RecreatePod or Switchover or RestartPostgres or UpgradeMajorVersion => Magenta,
        _ => Yellow,
    };

    private static string Colour(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => Red,
        FindingSeverity.Warning => Yellow,
        _ => Grey,
    };
}
