using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Cli.Planning;

/// <summary><c>kubectl-pg render</c>: the objects the operator would create for a manifest. Needs no cluster, and gives the same result each time.</summary>
public static class RenderCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var files = CommonOptions.Files();
        var configuration = CommonOptions.Configuration();
        var with = PlanOptions.With();
        var format = PlanOptions.Format("yaml", "json");
        var space = CommonOptions.Namespace();
        var directory = new Option<string?>("--output-dir")
        {
            Description = "Directory for one file per object, named <kind in lower case>-<name>.yaml. Default: print them.",
            HelpName = "directory",
        };
        var command = new Command("render", "Print the objects that the operator would create for a manifest; passwords are shown as <password>.")
        {
            files, configuration, with, format, space, directory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var manifests = ClusterInputs.Manifests(await ObjectFiles.ReadAsync(parsed.GetValue(files)!, cancellationToken).ConfigureAwait(false));
            var settings = ClusterInputs.Configuration(parsed.GetValue(configuration) is { } file ? await ObjectFiles.ReadAsync([file], cancellationToken).ConfigureAwait(false) : []);
            var defaultNamespace = parsed.GetValue(space) ?? "default";
            var observed = ClusterInputs.Observe(await ObjectFiles.ReadAsync(parsed.GetValue(with)!, cancellationToken).ConfigureAwait(false), defaultNamespace);
            var objects = new List<CreateObject>();
            var refused = false;
            foreach (var manifest in manifests)
            {
                // A fixed time: what is rendered must not depend on the day.
                var plan = ClusterPlanner.Plan(ClusterInputs.Input(manifest, settings, observed, DateTimeOffset.UnixEpoch, defaultNamespace));
                foreach (var finding in plan.Findings)
                    await parsed.InvocationConfiguration.Error.WriteLineAsync($"{plan.Cluster}: {finding}").ConfigureAwait(false);
                refused |= plan.IsRefused;
                objects.AddRange(plan.Changes.OfType<CreateObject>());
            }

            if (parsed.GetValue(directory) is { } target) await WriteFilesAsync(objects, target, cancellationToken).ConfigureAwait(false);
            else await PrintAsync(objects, parsed.GetValue(format)!, parsed.InvocationConfiguration.Output).ConfigureAwait(false);
            return refused ? ExitCodes.Failure : ExitCodes.Success;
        });
        return command;
    }

    private static async Task PrintAsync(List<CreateObject> objects, string format, TextWriter output)
    {
        var masked = objects.Select(o => (JsonNode)SecretMask.Mask(o.Kind, o.Body).DeepClone()).ToArray();
        if (format == "json")
        {
            var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray(masked) };
            await output.WriteLineAsync(JsonText.Write(list)).ConfigureAwait(false);
            return;
        }

        await output.WriteAsync(KubernetesYaml.WriteAll(masked)).ConfigureAwait(false);
    }

    private static async Task WriteFilesAsync(List<CreateObject> objects, string directory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        foreach (var item in objects)
        {
            var file = $"{item.Kind.Kind.ToLowerInvariant()}-{item.Target.Name}.yaml";
            // Names come from the manifest: one that could lead out of the directory is none.
            if (file.AsSpan().IndexOfAny('/', '\\', '\0') >= 0) throw new CommandException($"{item.Target} has no valid name.");
            await File.WriteAllTextAsync(Path.Combine(directory, file), KubernetesYaml.Write(SecretMask.Mask(item.Kind, item.Body)), cancellationToken).ConfigureAwait(false);
        }
    }
}
