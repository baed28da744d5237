using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Cli.Operations;

/// <summary><c>kubectl-pg upgrade --to 17</c>: raises the major version of many clusters in waves, and stops at the first that fails.</summary>
/// <remarks>It only edits manifests; the upgrades are the operator's, with its checks and windows. It can be ended and started again: what is done is left alone.</remarks>
public static class UpgradeCommand
{
    private enum Progress
    {
        Waiting,
        Done,
        Failed,
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var clusters = new Argument<string[]>("clusters") { Description = "Names of clusters. Default: all of the namespace that are below the version.", Arity = ArgumentArity.ZeroOrMore };
        var to = new Option<int>("--to") { Description = "Major version to reach, for example 17.", HelpName = "version", Required = true };
        var selector = new Option<string?>("--selector", "-l") { Description = "Only clusters with these labels.", HelpName = "labels" };
        var everywhere = new Option<bool>("--all-namespaces", "-A") { Description = "Clusters of all namespaces." };
        var canaries = new Option<int>("--canaries") { Description = "Size of the first wave. Default: 1.", HelpName = "number", DefaultValueFactory = static _ => 1 };
        var wave = new Option<int>("--wave") { Description = "Size of the further waves. Default: 5.", HelpName = "number", DefaultValueFactory = static _ => 5 };
        var timeout = new Option<int>("--timeout") { Description = "Minutes to wait for one wave; clusters may wait for their maintenance window. Default: 120.", HelpName = "minutes", DefaultValueFactory = static _ => 120 };
        var poll = new Option<double>("--poll") { Description = "Seconds between two looks. Default: 5.", HelpName = "seconds", DefaultValueFactory = static _ => 5 };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show the waves." };
        var format = CommonOptions.Output();
        var space = CommonOptions.Namespace();
        var kubeconfig = CommonOptions.Kubeconfig();
        var command = new Command("upgrade", "Raise the major version of clusters in waves, and stop at the first that fails.") { clusters, to, selector, everywhere, canaries, wave, timeout, poll, dryRun, format, space, kubeconfig };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var access = KubernetesClientConfiguration.FromKubeconfigFile(parsed.GetValue(kubeconfig));
            using var client = new KubernetesClient(access);
            var inNamespace = parsed.GetValue(everywhere) ? null : parsed.GetValue(space) ?? access.Namespace ?? "default";
            var version = parsed.GetValue(to);
            var found = await FindAsync(client, inNamespace, parsed.GetValue(selector), parsed.GetValue(clusters) ?? [], version, cancellationToken).ConfigureAwait(false);
            var waves = Waves(found, Math.Max(1, parsed.GetValue(canaries)), Math.Max(1, parsed.GetValue(wave)));
            var output = parsed.InvocationConfiguration.Output;
            var json = parsed.GetValue(format) == OutputFormat.Json;
            var results = new JsonArray();
            var code = ExitCodes.Success;
            for (var i = 0; i < waves.Count; i++)
            {
                if (!json) await output.WriteLineAsync($"wave {i + 1} of {waves.Count}: {string.Join(", ", waves[i])}").ConfigureAwait(false);
                if (parsed.GetValue(dryRun))
                {
                    foreach (var key in waves[i]) results.Add((JsonNode)new JsonObject { ["cluster"] = key.ToString(), ["wave"] = i + 1, ["result"] = "planned" });
                    continue;
                }

                var states = await RunAsync(client, waves[i], version, TimeSpan.FromMinutes(parsed.GetValue(timeout)), TimeSpan.FromSeconds(Math.Max(0.01, parsed.GetValue(poll))), cancellationToken).ConfigureAwait(false);
                foreach (var (key, progress, text) in states)
                {
                    results.Add((JsonNode)new JsonObject { ["cluster"] = key.ToString(), ["wave"] = i + 1, ["result"] = Word(progress), ["message"] = text });
                    if (!json) await output.WriteLineAsync($"  {key}: {Word(progress)}{(text is null ? "" : $": {text}")}").ConfigureAwait(false);
                }

                if (states.All(s => s.Progress == Progress.Done)) continue;
                code = ExitCodes.Failure;
                foreach (var key in waves.Skip(i + 1).SelectMany(w => w)) results.Add((JsonNode)new JsonObject { ["cluster"] = key.ToString(), ["result"] = "not begun" });
                if (!json) await output.WriteLineAsync("Stopped: no further cluster is upgraded until this is repaired. Run the command again to go on.").ConfigureAwait(false);
                break;
            }

            if (json) await output.WriteLineAsync(JsonText.Write(results)).ConfigureAwait(false);
            else if (waves.Count == 0) await output.WriteLineAsync($"No cluster is below PostgreSQL {version}.").ConfigureAwait(false);
            return code;
        });
        return command;
    }

    private static string Word(Progress progress) => progress switch { Progress.Done => "upgraded", Progress.Failed => "failed", _ => "not finished in time" };

    private static async Task<IReadOnlyList<ClusterKey>> FindAsync(KubernetesClient client, string? space, string? selector, string[] names, int version, CancellationToken cancellationToken)
    {
        var list = await client.ListAsync(Postgresql.Descriptor, space, new ListOptions { LabelSelector = selector }, cancellationToken).ConfigureAwait(false);
        foreach (var name in names)
            if (list.Items.All(i => i["metadata"]?["name"]?.ToString() != name)) throw new CommandException($"There is no cluster {name}{(space is null ? "" : $" in namespace {space}")}.");
        return
        [
            .. list.Items.Where(i => names.Length == 0 || names.Contains(i["metadata"]?["name"]?.ToString(), StringComparer.Ordinal))
                // A cluster of the version that is not there yet was begun by an earlier run.
                .Where(i => Number(i["spec"]?["postgresql"]?["version"]?.ToString()) < version || (Number(i["spec"]?["postgresql"]?["version"]?.ToString()) == version && IsBehind(i)))
                .Select(i => new ClusterKey(i["metadata"]!["namespace"]!.ToString(), i["metadata"]!["name"]!.ToString()))
                .OrderBy(k => k.ToString(), StringComparer.Ordinal),
        ];
    }

    private static bool IsBehind(JsonObject manifest) => Annotation(manifest, ClusterAnnotations.MajorUpgrade) is not null || Annotation(manifest, ClusterAnnotations.LastMajorUpgradeFailure) is not null
        || Condition(manifest, "UpgradeAvailable") is { } available && available["reason"]?.ToString() == "UpgradePending";

    private static List<IReadOnlyList<ClusterKey>> Waves(IReadOnlyList<ClusterKey> clusters, int first, int further)
    {
        var waves = new List<IReadOnlyList<ClusterKey>>();
        for (var i = 0; i < clusters.Count; i += waves[^1].Count) waves.Add([.. clusters.Skip(i).Take(waves.Count == 0 ? first : further)]);
        return waves;
    }

    private static async Task<IReadOnlyList<(ClusterKey Key, Progress Progress, string? Text)>> RunAsync(
        KubernetesClient client, IReadOnlyList<ClusterKey> wave, int version, TimeSpan timeout, TimeSpan poll, CancellationToken cancellationToken)
    {
        foreach (var key in wave)
        {
            var patch = new JsonObject { ["spec"] = new JsonObject { ["postgresql"] = new JsonObject { ["version"] = version.ToString(CultureInfo.InvariantCulture) } } };
            await client.PatchAsync(Postgresql.Descriptor, key.Namespace, key.Name, Patch.Merge(patch), null, new WriteOptions { FieldManager = "kubectl-pg" }, cancellationToken).ConfigureAwait(false);
        }

        var end = TimeProvider.System.GetTimestamp() + (long)(timeout.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (true)
        {
            var states = new List<(ClusterKey, Progress, string?)>();
            foreach (var key in wave)
            {
                var manifest = await client.GetAsync(Postgresql.Descriptor, key.Namespace, key.Name, cancellationToken).ConfigureAwait(false);
                var (progress, text) = manifest is null ? (Progress.Failed, "the cluster is gone") : Look(manifest);
                states.Add((key, progress, text));
            }

            // One failure is enough to stop, but what is under way is still waited for.
            if (states.TrueForAll(s => s.Item2 != Progress.Waiting) || TimeProvider.System.GetTimestamp() >= end) return states;
            await Task.Delay(poll, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private static (Progress Progress, string? Text) Look(JsonObject manifest)
    {
        if (Annotation(manifest, ClusterAnnotations.LastMajorUpgradeFailure) is { } failed)
            return (Progress.Failed, $"at {failed}: {Annotation(manifest, ClusterAnnotations.LastMajorUpgradeMessage) ?? "no reason is known"}");
        var status = manifest["status"];
        if (status?["PostgresClusterStatus"]?.ToString() == "Invalid") return (Progress.Failed, Condition(manifest, "Degraded")?["message"]?.ToString() ?? "the manifest is refused");
        var seen = status?["observedGeneration"] is JsonValue observed && observed.TryGetValue(out long generation) && manifest["metadata"]?["generation"] is JsonValue now && now.TryGetValue(out long current) && generation >= current;
        if (!seen || Annotation(manifest, ClusterAnnotations.MajorUpgrade) is not null) return (Progress.Waiting, null);
        var available = Condition(manifest, "UpgradeAvailable");
        if (available?["reason"]?.ToString() == "UpgradePending") return (Progress.Waiting, available["message"]?.ToString());
        return status?["PostgresClusterStatus"]?.ToString() == "Running" && Condition(manifest, "Ready")?["status"]?.ToString() == "True" ? (Progress.Done, null) : (Progress.Waiting, Condition(manifest, "Ready")?["message"]?.ToString());
    }

    private static JsonObject? Condition(JsonObject manifest, string type) => (manifest["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(c => c["type"]?.ToString() == type);

    private static string? Annotation(JsonObject manifest, string name) => manifest["metadata"]?["annotations"]?[name]?.ToString();

    private static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
