using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Reconciliation.History;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Operations;

/// <summary><c>kubectl-pg history CLUSTER</c>: what the operator did to a cluster and why, also weeks ago.</summary>
public static class HistoryCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var access = new ClusterAccess();
        var limit = new Option<int>("--limit") { Description = "How many of the newest entries. Default: 30.", HelpName = "number", DefaultValueFactory = static _ => 30 };
        var format = CommonOptions.Output();
        var command = new Command("history", "Show what the operator did to a cluster and why, the newest last.") { limit, format };
        access.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (client, space, name, _) = await access.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
            using var opened = client;
            var stored = await client.GetAsync(KubernetesKinds.ConfigMap, space, ClusterHistory.NameOf(name), cancellationToken).ConfigureAwait(false);
            var entries = ClusterHistory.Read(stored).TakeLast(Math.Max(1, parsed.GetValue(limit))).ToArray();
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == OutputFormat.Json) await output.WriteLineAsync(JsonText.Write(new JsonArray([.. entries.Select(Node)]))).ConfigureAwait(false);
            else if (entries.Length == 0) await output.WriteLineAsync($"Nothing is known of {space}/{name}: the operator has not changed it yet.").ConfigureAwait(false);
            else
                foreach (var entry in entries) await output.WriteLineAsync(Line(entry)).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>An entry for people: a line, and its causes below.</summary>
    /// <param name="entry">The entry.</param>
    internal static string Line(HistoryEntry entry)
    {
        var text = $"{Time(entry)}  {entry.Change}{(entry.Disruption is { } disruption ? $"  [{disruption}]" : "")}";
        if (entry.Failure is { } failure) text += $"\n    failed: {failure.ReplaceLineEndings(" ")}";
        return entry.Causes.Aggregate(text, (lines, cause) => $"{lines}\n    {cause.ReplaceLineEndings(" ")}");
    }

    private static string Time(HistoryEntry entry) => entry.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>An entry for programs.</summary>
    /// <param name="entry">The entry.</param>
    internal static JsonNode Node(HistoryEntry entry) => new JsonObject
    {
        ["time"] = entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ["change"] = entry.Change,
        ["causes"] = new JsonArray([.. entry.Causes.Select(c => (JsonNode)c)]), ["disruption"] = entry.Disruption, ["generation"] = entry.Generation, ["failure"] = entry.Failure,
    };
}
