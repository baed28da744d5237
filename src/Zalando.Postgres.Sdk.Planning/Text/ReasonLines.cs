namespace Zalando.Postgres.Sdk.Planning;

/// <summary>The lines below a change. Reasons that were told before are not repeated: a roll gives every pod the reasons of the StatefulSet.</summary>
internal sealed class ReasonLines
{
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Of(PlannedChange change)
    {
        var lines = new List<string>();
        string? former = null;
        foreach (var line in change.Reasons.Select(PlanWords.Line))
        {
            if (_told.TryGetValue(line, out var first)) former ??= first;
            else
            {
                _told.Add(line, PlanText.Describe(change));
                lines.Add(line);
            }
        }

        if (former is not null) lines.Add((lines.Count == 0 ? "as above: " : "and as above: ") + former);
        if (change is ChangeDatabase database) lines.Add("SQL: " + PlanWords.Clean(database.Change.Statement));
        return lines;
    }
}
