using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>Planning on top of what the reference left behind changes nothing.</summary>
public sealed class TakeOverTests
{
    public static TheoryData<string> Cases => SharedFiles.Golden is null ? ["(corpus)"] : [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_recorded_cluster_is_taken_over_without_a_change(string name)
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var failures = Failures(GoldenCase.Load(name));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void The_score_over_all_recorded_clusters_is_full()
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var names = GoldenCase.Names.ToArray();
        var right = names.Count(n => Failures(GoldenCase.Load(n)).Count == 0);
        TestContext.Current.TestOutputHelper?.WriteLine($"stored: {right}/{names.Length}");
        Assert.Equal(names.Length, right);
    }

    internal static IReadOnlyList<string> Failures(GoldenCase golden)
    {
        var observed = ObservedCluster.FromObjects(golden.Stored()) with { Patroni = RecordedPatroni.Read(golden) };
        var plan = ClusterPlanner.Plan(golden.Input(golden.StoredManifest(), observed));
        // A cluster that the reference could not make is refused here, too; nothing is changed.
        if (!golden.EndsRunning) return plan.IsEmpty ? [] : ["A plan was made for a cluster that cannot run."];
        if (plan.IsRefused) return [.. plan.Findings.Select(f => f.ToString())];
        // What the reference itself sends when it is restarted on the cluster may be planned, too.
        var recorded = golden.Steps.Where(s => s.EndsWith("-operator-restart", StringComparison.Ordinal)).Take(1)
            .SelectMany(s => golden.StepLines(s, "patroni.jsonl")).Where(l => (string?)l["method"] == "PATCH").Select(l => l["body"]).ToArray();
        return
        [
            .. plan.Changes.Where(c => !(c is PatchPatroniConfiguration patch && recorded.Any(r => JsonNode.DeepEquals(r, patch.Patch)))).Select(c => $"{c.GetType().Name} {c.Target}: {string.Join("; ", c.Reasons)}"),
            .. plan.Pending.Where(p => p.WaitsFor != WaitReason.ReplicationSlot).Select(p => $"pending {p.Change.GetType().Name} {p.Change.Target}: {p.Explanation}"),
        ];
    }
}
