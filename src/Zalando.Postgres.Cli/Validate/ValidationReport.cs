using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Validate;

/// <summary>Prints findings.</summary>
internal static class ValidationReport
{
    internal static async Task WriteAsync(IReadOnlyList<LocatedFinding> findings, ValidationFormat format, TextWriter output)
    {
        if (format == ValidationFormat.Text)
        {
            foreach (var (file, position, finding) in findings)
                await output.WriteLineAsync($"{file}:{position.Line}:{position.Column}: {Word(finding.Severity)}: {finding} [{finding.Code}]").ConfigureAwait(false);
            return;
        }
        await output.WriteLineAsync(JsonText.Write(format == ValidationFormat.Json ? Json(findings) : Sarif(findings))).ConfigureAwait(false);
    }

    private static JsonObject Json(IReadOnlyList<LocatedFinding> findings) => new()
    {
        ["errors"] = findings.Count(static f => f.Finding.Severity == FindingSeverity.Error),
        ["warnings"] = findings.Count(static f => f.Finding.Severity == FindingSeverity.Warning),
        ["findings"] = new JsonArray([.. findings.Select(static f => (JsonNode)new JsonObject
        {
            ["file"] = f.File,
            ["line"] = f.Position.Line,
            ["column"] = f.Position.Column,
            ["severity"] = Word(f.Finding.Severity),
            ["path"] = f.Finding.FieldPath,
            ["value"] = f.Finding.Value,
            ["rule"] = f.Finding.Rule,
            ["advice"] = f.Finding.Advice,
            ["ruleId"] = f.Finding.Code,
        })]),
    };

    private static JsonObject Sarif(IReadOnlyList<LocatedFinding> findings) => new()
    {
        ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
        ["version"] = "2.1.0",
        ["runs"] = new JsonArray(new JsonObject
        {
            ["tool"] = new JsonObject
            {
                ["driver"] = new JsonObject
                {
                    ["name"] = "kubectl-pg",
                    ["rules"] = new JsonArray([.. findings.Select(static f => f.Finding.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(static r => (JsonNode)new JsonObject { ["id"] = r })]),
                },
            },
            ["results"] = new JsonArray([.. findings.Select(static f => (JsonNode)new JsonObject
            {
                ["ruleId"] = f.Finding.Code,
                ["level"] = f.Finding.Severity switch { FindingSeverity.Error => "error", FindingSeverity.Warning => "warning", _ => "note" },
                ["message"] = new JsonObject { ["text"] = f.Finding.ToString() },
                ["locations"] = new JsonArray(new JsonObject
                {
                    ["physicalLocation"] = new JsonObject
                    {
                        ["artifactLocation"] = new JsonObject { ["uri"] = f.File.Replace('\\', '/') },
                        ["region"] = new JsonObject { ["startLine"] = f.Position.Line, ["startColumn"] = f.Position.Column },
                    },
                }),
            })]),
        }),
    };

    private static string Word(FindingSeverity severity) => severity switch { FindingSeverity.Error => "error", FindingSeverity.Warning => "warning", _ => "info" };
}
