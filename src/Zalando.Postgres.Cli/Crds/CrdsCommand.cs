using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Cli.Crds;

/// <summary><c>kubectl-pg crds</c>: prints the custom resource definitions, ready for <c>kubectl apply --server-side -f -</c>.</summary>
public static class CrdsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var format = CommonOptions.Format("How to print the definitions: yaml or json.", CrdFormat.Yaml);
        var command = new Command("crds", "Print the custom resource definitions, for kubectl apply --server-side -f -.") { format };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(format), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task<int> RunAsync(CrdFormat format, TextWriter output)
    {
        var definitions = CustomResourceDefinitions.All.Select(CustomResourceDefinitions.ToJson).ToArray();
        if (format == CrdFormat.Yaml) await output.WriteAsync(KubernetesYaml.WriteAll(definitions)).ConfigureAwait(false);
        else await output.WriteLineAsync(JsonText.Write(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. definitions]) })).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
