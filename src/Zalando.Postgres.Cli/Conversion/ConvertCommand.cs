using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Manifests;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Conversion;

/// <summary><c>kubectl-pg convert</c>: rewrites a manifest of version 1, or a ConfigMap configuration, into today's form and keeps the comments.</summary>
public static class ConvertCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var files = CommonOptions.Files();
        var format = CommonOptions.Output();
        var command = new Command("convert", "Rewrite manifests of version 1 and ConfigMap configurations into today's form, comments kept. What was changed is told on the error stream.") { files, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var documents = new List<string>();
            foreach (var file in await ManifestFiles.ReadAsync(parsed.GetRequiredValue(files), cancellationToken).ConfigureAwait(false))
            {
                var changes = new List<string>();
                documents.Add(ConvertFile(file, changes));
                foreach (var change in changes) await parsed.InvocationConfiguration.Error.WriteLineAsync($"{file.Name}: {change}").ConfigureAwait(false);
            }
            await WriteAsync(documents, parsed.GetValue(format), parsed.InvocationConfiguration.Output).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string ConvertFile(ManifestFile file, List<string> changes)
    {
        if (file.Documents is [{ Root: JsonObject only }] && ManifestValidator.IsOperatorConfiguration(only))
            return ConfigMapConversion.ToOperatorConfiguration(file.Text, only, changes);
        foreach (var map in file.Documents.SelectMany(ManifestFiles.ObjectsOf).Where(static o => ManifestValidator.IsOperatorConfiguration(o.Manifest)))
            changes.Add($"the ConfigMap {map.Manifest["metadata"]?["name"]} stands beside other objects and is left as it is; put it into a file of its own to convert it");
        var lines = file.Text.Split('\n');
        foreach (var document in file.Documents)
        {
            foreach (var (manifest, path) in ManifestFiles.ObjectsOf(document)) ManifestConversion.Apply(lines, document, manifest, path, changes);
        }
        return string.Join('\n', lines.Where(static l => l is not null));
    }

    private static async Task WriteAsync(List<string> documents, OutputFormat format, TextWriter output)
    {
        if (format == OutputFormat.Json)
        {
            var items = documents.SelectMany(KubernetesYaml.Parse).Select(static o => (JsonNode)o).ToArray();
            await output.WriteLineAsync(JsonText.Write(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray(items) })).ConfigureAwait(false);
            return;
        }
        for (var i = 0; i < documents.Count; i++)
        {
            if (i > 0 && !documents[i].StartsWith("---", StringComparison.Ordinal)) await output.WriteAsync("---\n").ConfigureAwait(false);
            await output.WriteAsync(documents[i].EndsWith('\n') ? documents[i] : documents[i] + "\n").ConfigureAwait(false);
        }
    }
}
