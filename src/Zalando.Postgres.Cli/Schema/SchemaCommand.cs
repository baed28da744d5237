using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Cli.Schema;

/// <summary><c>kubectl-pg schema</c>: prints a JSON Schema, for completion and checks in editors.</summary>
public static class SchemaCommand
{
    private static readonly KubernetesKind[] Kinds = [Postgresql.Descriptor, OperatorConfiguration.Descriptor, PostgresTeam.Descriptor, FabricEventStream.Descriptor];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = "postgresql, OperatorConfiguration, PostgresTeam or FabricEventStream; or plan, for what plan -o json prints.", DefaultValueFactory = static _ => "postgresql" };
        var command = new Command("schema", "Print the JSON Schema of a kind, for editors.") { kind };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(kind), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task<int> RunAsync(string name, TextWriter output)
    {
        if (string.Equals(name, "plan", StringComparison.OrdinalIgnoreCase))
        {
            await output.WriteLineAsync(JsonText.Write(PlanJson.Schema())).ConfigureAwait(false);
            return ExitCodes.Success;
        }

        var kind = Array.Find(Kinds, k => string.Equals(k.Kind, name, StringComparison.OrdinalIgnoreCase) || k.ShortNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? throw new CommandException($"{name} is no kind of this project; known kinds: {string.Join(", ", Kinds.Select(static k => k.Kind))}", ExitCodes.Usage);
        await output.WriteLineAsync(JsonText.Write(EditorSchema.Of(kind, CustomResourceDefinitions.SchemaOf(kind)))).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
