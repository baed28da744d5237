using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Cli.Planning;

/// <summary><c>kubectl-pg diff</c>: the fields that differ between what exists and what a manifest asks for, object by object.</summary>
/// <remarks>Exit codes: 0 no difference, 2 differences, 1 an error or a refused manifest.</remarks>
public static class DiffCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var arguments = new PlanArguments();
        var format = PlanOptions.Format("text", "json");
        var command = new Command("diff", "Show the fields that differ between what exists and what a cluster's manifest asks for.");
        arguments.AddTo(command);
        command.Options.Add(format);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plans = await arguments.PlanAsync(parsed, cancellationToken).ConfigureAwait(false);
            var output = parsed.InvocationConfiguration.Output;
            var changes = plans.SelectMany(p => p.Changes).Where(c => c is CreateObject or PatchObject or ReplaceObject or DeleteObject).ToArray();
            if (parsed.GetValue(format) == "json") await output.WriteLineAsync(JsonText.Write(new JsonArray([.. changes.Select(Node)]))).ConfigureAwait(false);
            else await output.WriteAsync(Text(changes)).ConfigureAwait(false);
            foreach (var finding in plans.SelectMany(p => p.Findings).Where(f => f.Severity == FindingSeverity.Error))
                await parsed.InvocationConfiguration.Error.WriteLineAsync(finding.ToString()).ConfigureAwait(false);
            return plans.Any(p => p.IsRefused) ? ExitCodes.Failure : changes.Length == 0 ? ExitCodes.Success : PlanCommand.Changes;
        });
        return command;
    }

    private static JsonObject Node(PlannedChange change) => new()
    {
        ["object"] = change.Target.ToString(),
        ["change"] = PlanText.Describe(change),
        ["fields"] = new JsonArray([.. change.Reasons.Where(r => r.FieldPath.Length > 0)
            .Select(r => (JsonNode)new JsonObject { ["path"] = r.FieldPath, ["old"] = r.Old, ["new"] = r.New, ["consequence"] = r.Consequence.ToString() })]),
    };

    private static string Text(IEnumerable<PlannedChange> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes)
        {
            text.Append("diff ").Append(change.Target).Append('\n');
            switch (change)
            {
                case CreateObject create:
                    foreach (var line in KubernetesYaml.Write(SecretMask.Mask(create.Kind, create.Body)).Split('\n', StringSplitOptions.RemoveEmptyEntries)) text.Append("+ ").Append(line).Append('\n');
                    break;
                case DeleteObject:
                    text.Append("- (the object)\n");
                    break;
                default:
                    foreach (var reason in change.Reasons)
                    {
                        text.Append("@ ").Append(reason.FieldPath.Length > 0 ? reason.FieldPath : reason.Explanation).Append('\n');
                        if (reason.Old is not null) text.Append("- ").Append(reason.Old.ReplaceLineEndings(" ")).Append('\n');
                        if (reason.New is not null) text.Append("+ ").Append(reason.New.ReplaceLineEndings(" ")).Append('\n');
                    }

                    break;
            }
        }

        return text.ToString();
    }
}
