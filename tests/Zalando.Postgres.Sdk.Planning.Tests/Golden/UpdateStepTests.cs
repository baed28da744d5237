using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>Every recorded change of a running cluster ends in the same objects, with no more pod restarts and switchovers than recorded.</summary>
public sealed class UpdateStepTests
{
    /// <summary>Differences in the end that are meant; docs/reference/differences.md says why.</summary>
    private static readonly string[] Meant =
    [
        // Annotations and labels that leave the manifest are removed, and labels of all objects are kept up to date.
        "metadata.annotations[", "metadata.labels[",
        // The reference forgets that the new version waits for its maintenance window when something else changes.
        "spec.template.spec.containers[postgres].env[PGVERSION]",
    ];

    private static readonly HashSet<string> Compared = new(StringComparer.Ordinal) { "StatefulSet", "Service", "PodDisruptionBudget", "CronJob", "Deployment", "PersistentVolumeClaim" };

    public static TheoryData<string> Cases => SharedFiles.Golden is null ? ["(corpus)"] : [.. GoldenCase.Names.Where(n => GoldenCase.Load(n).EndsRunning)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Recorded_steps_end_the_same_with_no_more_disruption(string name)
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var failures = Walk(GoldenCase.Load(name)).SelectMany(s => s.Failures.Select(f => $"{s.Step}: {f}")).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));
    }

    [Fact]
    public void The_score_over_all_steps_is_full()
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var steps = GoldenCase.Names.Select(GoldenCase.Load).Where(c => c.EndsRunning).SelectMany(c => Walk(c).Select(s => (Case: c.Name, Step: s))).ToArray();
        TestContext.Current.TestOutputHelper!.WriteLine($"steps: {steps.Count(s => s.Step.Failures.Count == 0)}/{steps.Length}");
        Assert.Equal(steps.Length, steps.Count(s => s.Step.Failures.Count == 0));
        AssertTableIsCurrent(steps);
    }

    // The table of docs/reference/differences.md; UPDATE_REFERENCE_PAGES=1 writes it.
    private static void AssertTableIsCurrent((string Case, StepResult Step)[] steps)
    {
        var lines = steps.Where(s => s.Step.RecordedRequests > 0 && (s.Step.Requests > 0 || s.Step.RecordedRestarts > 0 || s.Step.RecordedSwitchovers > 0)).Select(s => Row(s.Case, s.Step.Step, s.Step))
            .Prepend("|---|---|---|---|---|---|---|---|")
            .Prepend("| Case | Step | Requests, reference | Requests | Pod restarts, reference | Pod restarts | Switchovers, reference | Switchovers |")
            .Append(Row($"**all {steps.Length} steps**", "", new StepResult(
                "", [], steps.Sum(s => s.Step.RecordedRequests), steps.Sum(s => s.Step.Requests), steps.Sum(s => s.Step.RecordedRestarts), steps.Sum(s => s.Step.Restarts),
                steps.Sum(s => s.Step.RecordedSwitchovers), steps.Sum(s => s.Step.Switchovers))));
        var table = string.Join('\n', lines);
        var file = Path.Combine(SharedFiles.Repository!, "docs", "reference", "differences.md");
        var page = File.ReadAllText(file);
        var start = page.IndexOf(TableStart, StringComparison.Ordinal) + TableStart.Length;
        var end = page.IndexOf(TableEnd, StringComparison.Ordinal);
        Assert.True(start >= TableStart.Length && end > start, "differences.md has no place for the table.");
        if (Environment.GetEnvironmentVariable("UPDATE_REFERENCE_PAGES") == "1") File.WriteAllText(file, $"{page[..start]}\n{table}\n{page[end..]}");
        else Assert.True(page[start..end].Trim() == table, "The table of recorded steps in docs/reference/differences.md is not current: run this test with UPDATE_REFERENCE_PAGES=1.");

        static string Row(string golden, string name, StepResult step) =>
            $"| {golden} | {name} | {step.RecordedRequests} | {step.Requests} | {step.RecordedRestarts} | {step.Restarts} | {step.RecordedSwitchovers} | {step.Switchovers} |";
    }

    private const string TableStart = "<!-- recorded steps: begin -->";
    private const string TableEnd = "<!-- recorded steps: end -->";

    internal sealed record StepResult(
        string Step, IReadOnlyList<string> Failures, int RecordedRequests, int Requests, int RecordedRestarts, int Restarts, int RecordedSwitchovers, int Switchovers);

    internal static IReadOnlyList<StepResult> Walk(GoldenCase golden)
    {
        var configuration = (JsonObject)golden.ConfigurationNode.DeepClone();
        var cluster = new SimulatedCluster(golden.Stored().Where(o => (string?)o["kind"] != "postgresql"), golden.StoredManifest(), golden.Configuration(), new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));
        var expected = cluster.Objects.ToDictionary(o => o.Key, o => (JsonObject)o.Value.DeepClone());
        var results = new List<StepResult>();
        foreach (var step in golden.Steps)
        {
            var patch = golden.StepPatch(step);
            if (Apply(cluster, expected, patch, configuration) is false) break;
            var before = (cluster.PodRestarts, cluster.Switchovers, cluster.Requests);
            var lines = golden.StepLines(step, "requests.jsonl").Where(l => l["method"] is not null).ToArray();
            // The reference overlooked the change until its next sync; there both are compared.
            if (lines.Length == 0 && patch["configurationPatch"] is null && (string?)patch["action"] == "patch") continue;
            cluster.Run();
            Replay(expected, lines, cluster);
            var deletes = lines.Count(l => (string?)l["method"] == "DELETE" && ((string)l["path"]!).Contains("/pods/", StringComparison.Ordinal));
            var switchovers = golden.StepLines(step, "patroni.jsonl").Count(l => (string?)l["path"] == "/switchover" && (string?)l["method"] == "POST" && (int?)l["code"] == 200);
            var failures = new List<string>();
            if (cluster.PodRestarts - before.PodRestarts > deletes) failures.Add($"{cluster.PodRestarts - before.PodRestarts} pod restarts, recorded {deletes}");
            if (cluster.Switchovers - before.Switchovers > switchovers) failures.Add($"{cluster.Switchovers - before.Switchovers} switchovers, recorded {switchovers}");
            failures.AddRange(EndDifferences(cluster, expected));
            results.Add(new StepResult(step, failures, lines.Length, cluster.Requests - before.Requests, deletes, cluster.PodRestarts - before.PodRestarts, switchovers, cluster.Switchovers - before.Switchovers));
        }

        return results;
    }

    // False ends the walk: the cluster is deleted, or the step needs more than objects.
    private static bool Apply(SimulatedCluster cluster, Dictionary<ObjectKey, JsonObject> expected, JsonObject step, JsonObject configuration)
    {
        if (step["rejected"] is not null) return true;
        var kind = (string?)step["target"]?["kind"];
        switch ((string?)step["action"])
        {
            case "restart-operator" when step["configurationPatch"] is JsonObject patch:
                JsonMerge.Apply(configuration, new JsonObject { [configuration.ContainsKey("data") ? "data" : "configuration"] = patch.DeepClone() });
                cluster.Configuration = GoldenCase.ReadConfiguration((JsonObject)configuration.DeepClone());
                return true;
            case "patch" when kind == "postgresql":
                cluster.Manifest = JsonMerge.Apply((JsonObject)cluster.Manifest.DeepClone(), (JsonObject)step["patch"]!);
                return true;
            case "patch" when kind is "pod" or "service" or "statefulset" or "secret" or "configmap":
                var name = (string)step["target"]!["name"]!;
                var space = (string?)step["target"]!["namespace"] ?? "default";
                foreach (var objects in new[] { cluster.Objects, expected })
                {
                    var key = objects.Keys.FirstOrDefault(k => k.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase) && k.Name == name && k.Namespace == space);
                    if (key.Name is not null) objects[key] = JsonMerge.Apply((JsonObject)objects[key].DeepClone(), (JsonObject)step["patch"]!);
                }

                return true;
            case "delete" when kind == "pod":
                cluster.KillPod((string)step["target"]!["name"]!);
                return true;
            case "delete" when kind is "postgresql" or "postgresteam":
                return kind != "postgresql";
            case "delete":
                var gone = (string)step["target"]!["name"]!;
                foreach (var objects in new[] { cluster.Objects, expected })
                    foreach (var key in objects.Keys.Where(k => k.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase) && k.Name == gone).ToArray()) objects.Remove(key);
                return true;
            case "create":
                return false;
            default:
                return true;
        }
    }

    private static void Replay(Dictionary<ObjectKey, JsonObject> expected, IEnumerable<JsonObject> lines, SimulatedCluster cluster)
    {
        foreach (var line in lines)
        {
            if ((int?)line["code"] is not (200 or 201)) continue;
            var parts = ((string)line["path"]!).Split('/', StringSplitOptions.RemoveEmptyEntries);
            var at = Array.IndexOf(parts, "namespaces");
            if (at < 0 || parts.Length < at + 3) continue;
            var kind = KubernetesKinds.All.FirstOrDefault(k => k.Plural == parts[at + 2] && (parts[0] == "api") == (k.Group.Length == 0));
            if (kind is null) continue;
            var body = line["body"] as JsonObject;
            var name = parts.Length > at + 3 ? parts[at + 3] : (string?)body?["metadata"]?["name"] ?? "";
            var key = new ObjectKey(kind.Kind, parts[at + 1], name);
            switch ((string)line["method"]!)
            {
                case "POST" when body is not null:
                    expected[key] = KubernetesDefaults.Normalize(kind, body);
                    break;
                case "PUT" when body is not null:
                    var put = KubernetesDefaults.Normalize(kind, body);
                    expected[key] = put;
                    break;
                case "PATCH" when body is not null && expected.TryGetValue(key, out var existing):
                    expected[key] = KubernetesDefaults.Normalize(kind, JsonMerge.Apply((JsonObject)existing.DeepClone(), body));
                    break;
                case "DELETE":
                    expected.Remove(key);
                    break;
            }
        }

        // Claims of new members come from the controller in both worlds.
        foreach (var (key, item) in cluster.Objects)
            if (key.Kind == "PersistentVolumeClaim" && !expected.ContainsKey(key)) expected[key] = (JsonObject)item.DeepClone();
    }

    private static IEnumerable<string> EndDifferences(SimulatedCluster cluster, Dictionary<ObjectKey, JsonObject> expected)
    {
        foreach (var (key, wanted) in expected)
        {
            if (!Compared.Contains(key.Kind)) continue;
            if (!cluster.Objects.TryGetValue(key, out var actual))
            {
                yield return $"{key} is missing";
                continue;
            }

            var kind = KubernetesKinds.All.First(k => k.Kind == key.Kind && k.Group != "extensions");
            foreach (var reason in ObjectDiff.Compare(kind, actual, wanted).Reasons)
                if (!Meant.Any(m => reason.FieldPath.StartsWith(m, StringComparison.Ordinal))) yield return $"{key}: {reason}";
        }

        foreach (var key in cluster.Objects.Keys.Where(k => Compared.Contains(k.Kind) && !expected.ContainsKey(k))) yield return $"{key} should not exist";
    }
}
