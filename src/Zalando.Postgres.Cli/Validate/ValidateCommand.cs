using System.CommandLine;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Manifests;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Validate;

/// <summary><c>kubectl-pg validate</c>: checks manifests and configurations without a connection.</summary>
public static class ValidateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var files = CommonOptions.Files();
        var configuration = CommonOptions.Configuration();
        var format = CommonOptions.Format("How to print the findings: text, json or sarif.", ValidationFormat.Text);
        var command = new Command("validate", "Check manifests and operator configurations without a connection. Exit code 1 when there are errors.") { files, configuration, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var operatorConfiguration = await OperatorConfigurationFile.ReadAsync(parsed.GetValue(configuration), cancellationToken).ConfigureAwait(false);
            var (located, objects) = await FindAsync(parsed.GetRequiredValue(files), operatorConfiguration, cancellationToken).ConfigureAwait(false);
            if (objects == 0 && located.Count == 0) await parsed.InvocationConfiguration.Error.WriteLineAsync("There was nothing to check: no object of a kind that is known here.").ConfigureAwait(false);
            await ValidationReport.WriteAsync(located, parsed.GetValue(format), parsed.InvocationConfiguration.Output).ConfigureAwait(false);
            return located.Any(static f => f.Finding.Severity == FindingSeverity.Error) ? ExitCodes.Failure : ExitCodes.Success;
        });
        return command;
    }

    private static async Task<(IReadOnlyList<LocatedFinding> Findings, int Objects)> FindAsync(IReadOnlyList<string> names, OperatorConfiguration configuration, CancellationToken cancellationToken)
    {
        var located = new List<LocatedFinding>();
        var objects = 0;
        foreach (var name in ManifestFiles.Expand(names))
        {
            string text;
            try
            {
                text = await ManifestFiles.ReadTextAsync(name, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is CommandException or IOException or UnauthorizedAccessException)
            {
                located.Add(new LocatedFinding(name, new YamlPosition(1, 1), new Finding { Severity = FindingSeverity.Error, Code = "Unreadable", Rule = exception.Message.StartsWith(name + ": ", StringComparison.Ordinal) ? exception.Message[(name.Length + 2)..] : exception.Message }));
                continue;
            }

            IReadOnlyList<KubernetesYamlDocument> documents;
            try
            {
                documents = KubernetesYaml.ParseDocuments(text);
            }
            catch (KubernetesYamlException exception)
            {
                // One file that cannot be read does not keep the others from being checked.
                located.Add(new LocatedFinding(name, exception.Position, new Finding { Severity = FindingSeverity.Error, FieldPath = exception.Path, Code = "Yaml", Rule = exception.Problem }));
                continue;
            }
            foreach (var document in documents)
            {
                foreach (var (manifest, path) in ManifestFiles.ObjectsOf(document))
                {
                    if (ManifestValidator.IsKnown(manifest)) objects++;
                    var findings = ManifestValidator.Validate(manifest, configuration);
                    located.AddRange(findings.Select(f => new LocatedFinding(name, document.PositionOf(Join(path, f.FieldPath)), f)));
                }
            }
        }
        return (located, objects);
    }

    private static string Join(string path, string field) => path.Length == 0 ? field : field.Length == 0 ? path : $"{path}.{field}";
}
