namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>The objects of every recorded case equal those that the reference sent.</summary>
public sealed class PostedObjectsTests
{
    // The reference forgets the default role of the definition and fails in SQL later; here it counts.
    private const string WithDefaultRole = "infrastructure-role-without-key-db";

    public static TheoryData<string> Cases => SharedFiles.Golden is null ? ["(corpus)"] : [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_new_cluster_gets_the_recorded_objects(string name)
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var failures = Failures(GoldenCase.Load(name));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void The_score_over_all_recorded_cases_is_full()
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var names = GoldenCase.Names.ToArray();
        var right = names.Count(n => Failures(GoldenCase.Load(n)).Count == 0);
        TestContext.Current.TestOutputHelper?.WriteLine($"posted: {right}/{names.Length}");
        Assert.Equal(names.Length, right);
    }

    internal static IReadOnlyList<string> Failures(GoldenCase golden)
    {
        var plan = ClusterPlanner.Plan(golden.Input(golden.ManifestNode, ObservedCluster.FromObjects(golden.Pre)));
        if (!golden.EndsRunning && golden.Name != WithDefaultRole)
        {
            return plan.IsRefused && plan.IsEmpty && plan.Findings.Where(f => f.Severity == FindingSeverity.Error).All(f => f.Message.Length > 20)
                ? []
                : ["The reference does not get this cluster running, so it should be refused."];
        }

        if (plan.IsRefused) return [.. plan.Findings.Select(f => f.ToString())];
        var failures = new List<string>();
        var space = (string)golden.ManifestNode["metadata"]!["namespace"]!;
        var created = new Dictionary<string, CreateObject>(StringComparer.Ordinal);
        foreach (var create in plan.Changes.OfType<CreateObject>())
        {
            // Streams come after their tables exist, which the recordings show as a later request.
            if (create.Kind.Kind == "FabricEventStream") continue;
            var prefix = create.Target.Namespace == space ? "" : create.Target.Namespace + ".";
            created[$"{create.Kind.Kind.ToLowerInvariant()}-{prefix}{create.Target.Name}"] = create;
        }

        foreach (var (file, expected) in golden.Posted)
        {
            if (!created.Remove(file, out var create)) failures.Add($"{file}: not planned");
            else failures.AddRange(GoldenComparer.Differences(expected, create.Body).Select(d => $"{file}{d}"));
        }

        failures.AddRange(created.Keys.Select(k => $"{k}: planned but not recorded"));
        return failures;
    }
}
