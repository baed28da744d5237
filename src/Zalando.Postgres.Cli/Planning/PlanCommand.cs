using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Cli.Planning;

/// <summary><c>kubectl-pg plan</c>: what the operator would do for a manifest, and why. Changes nothing.</summary>
/// <remarks>Exit codes: 0 nothing to change, 2 changes without disruption, 3 changes with disruption, 1 an error or a refused manifest.</remarks>
public static class PlanCommand
{
    /// <summary>Exit code for changes that nobody notices.</summary>
    public const int Changes = 2;

    /// <summary>Exit code for changes that somebody notices.</summary>
    public const int Disruptions = 3;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var arguments = new PlanArguments();
        var format = PlanOptions.Format("text", "json", "markdown");
        var command = new Command("plan", "Show what the operator would do for a cluster or a manifest, and why.");
        arguments.AddTo(command);
        arguments.AddDatabasesTo(command);
        command.Options.Add(format);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plans = await arguments.PlanAsync(parsed, cancellationToken).ConfigureAwait(false);
            await WriteAsync(plans, parsed.GetValue(format)!, parsed.InvocationConfiguration.Output).ConfigureAwait(false);
            return ExitCode(plans);
        });
        return command;
    }

    // An error outweighs all changes: whoever reads the code must not take a refused cluster for a planned one.
    private static int ExitCode(IReadOnlyList<Plan> plans) => plans.Any(p => p.IsRefused) ? ExitCodes.Failure : plans.Max(ExitCode);

    internal static int ExitCode(Plan plan) => plan.IsRefused ? ExitCodes.Failure
        : IsDisruptive(plan) ? Disruptions
        : plan.IsEmpty ? ExitCodes.Success : Changes;

    // What waits for an earlier change of the same plan belongs to it; what waits for something outside does not happen now.
    private static bool IsDisruptive(Plan plan) =>
        plan.Disruption != Disruption.None || plan.Pending.Any(p => p.WaitsFor == WaitReason.EarlierChange && p.Change.Disruption != Disruption.None);

    private static async Task WriteAsync(IReadOnlyList<Plan> plans, string format, TextWriter output)
    {
        if (format == "json")
        {
            var nodes = plans.Select(PlanJson.ToNode).ToArray();
            await output.WriteLineAsync(JsonText.Write(nodes.Length == 1 ? nodes[0] : new JsonArray([.. nodes]))).ConfigureAwait(false);
            return;
        }

        var style = format == "markdown" ? PlanTextStyle.Markdown : UseColour(output) ? PlanTextStyle.Colour : PlanTextStyle.Plain;
        foreach (var plan in plans) await output.WriteAsync(PlanText.Write(plan, style)).ConfigureAwait(false);
    }

    private static bool UseColour(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
}
