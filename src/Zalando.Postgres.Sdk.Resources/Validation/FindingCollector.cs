namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Collects what the rules find.</summary>
internal sealed class FindingCollector
{
    private readonly List<Finding> _findings = [];

    internal IReadOnlyList<Finding> Findings => _findings;

    internal void Error(string path, string? value, string ruleId, string rule, string advice) => Add(Severity.Error, path, value, ruleId, rule, advice);

    internal void Warn(string path, string? value, string ruleId, string rule, string advice) => Add(Severity.Warning, path, value, ruleId, rule, advice);

    internal void Inform(string path, string? value, string ruleId, string rule, string advice) => Add(Severity.Information, path, value, ruleId, rule, advice);

    internal void AddRange(IEnumerable<Finding> findings) => _findings.AddRange(findings);

    private void Add(Severity severity, string path, string? value, string ruleId, string rule, string advice) =>
        _findings.Add(new Finding { Severity = severity, FieldPath = path, Value = value is { Length: > 120 } ? value[..117] + "..." : value, RuleId = ruleId, Rule = rule, Advice = advice });
}
