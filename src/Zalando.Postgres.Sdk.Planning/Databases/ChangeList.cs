namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Collects changes with their reasons.</summary>
internal sealed class ChangeList(string clusterNamespace)
{
    private readonly List<ChangeDatabase> _changes = [];
    private DateTimeOffset? _endOfRetention;

    public List<Finding> Findings { get; } = [];

    public void Add(DatabaseChange change, string field, string? old, string? @new, Requester requester, string? explanation = null, Reversibility reversibility = Reversibility.Reversible, Disruption disruption = Disruption.None) =>
        _changes.Add(new()
        {
            Target = new() { Kind = ChangeTarget.DatabaseKind, Namespace = clusterNamespace, Name = change.Database },
            Change = change,
            Stage = ChangeStage.Databases,
            Reversibility = reversibility,
            Disruption = disruption,
            Reasons = [new() { FieldPath = field, Old = old, New = @new, RequestedBy = requester, Consequence = Consequence.InPlace, Explanation = explanation }],
        });

    public void Find(FindingSeverity severity, string code, string field, string? value, string message) =>
        Findings.Add(new() { Severity = severity, Code = code, FieldPath = field, Value = value, Rule = message });

    /// <summary>A role goes at this time; the earliest counts.</summary>
    public void NoteEndOfRetention(DateTimeOffset end)
    {
        if (!(end >= _endOfRetention)) _endOfRetention = end;
    }

    public DatabasePlan ToPlan() => new() { Changes = _changes, Findings = Findings, NextEndOfRetention = _endOfRetention };
}
