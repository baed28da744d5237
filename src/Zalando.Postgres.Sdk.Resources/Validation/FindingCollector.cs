namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Collects what the rules find.</summary>
internal sealed class FindingCollector
{
    private readonly List<Finding> _findings = [];

    internal IReadOnlyList<Finding> Findings => _findings;

    internal void Error(string path, string? value, string code, string rule, string advice) => Add(FindingSeverity.Error, path, value, code, rule, advice);

    /// <summary>An error that the reference operator runs clusters with: it keeps new clusters from being made, and is a warning for those that exist.</summary>
    internal void ErrorIfNew(string path, string? value, string code, string rule, string advice) => Add(FindingSeverity.Error, path, value, code, rule, advice, isTolerated: true);

    internal void Warn(string path, string? value, string code, string rule, string advice) => Add(FindingSeverity.Warning, path, value, code, rule, advice);

    internal void Inform(string path, string? value, string code, string rule, string advice) => Add(FindingSeverity.Information, path, value, code, rule, advice);

    internal void AddRange(IEnumerable<Finding> findings) => _findings.AddRange(findings);

    private void Add(FindingSeverity severity, string path, string? value, string code, string rule, string advice, bool isTolerated = false) =>
        _findings.Add(new Finding { Severity = severity, FieldPath = path, Value = value is { Length: > 120 } ? value[..117] + "..." : value, Code = code, Rule = rule, Advice = advice, IsTolerated = isTolerated });
}
