using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Clusters;

/// <summary>The validator's findings in the plan: errors refuse, and those that the reference tolerates refuse only what does not exist.</summary>
public sealed class AdmissionTests
{
    [Theory]
    [InlineData("""{"databases":{"a-b":"x"}}""", true)]
    [InlineData("""{"postgresql":{"version":"13"}}""", true)]
    [InlineData("""{"clone":{"cluster":"acid-other","timestamp":"2026-01-01T00:00:00+00:00"}}""", true)]
    [InlineData("""{"patroni":{"pg_hba":["host all"]}}""", true)]
    [InlineData("""{"volume":{"size":"10K"}}""", false)]
    [InlineData("""{"users":{"Bad Name":[]}}""", false)]
    [InlineData("""{"sidecars":[{"name":"a"}]}""", false)]
    [InlineData("""{"maintenanceWindows":["tonight"]}""", false)]
    public void An_error_refuses_a_new_cluster_and_one_that_exists_only_when_it_cannot_be_built(string patch, bool isTolerated)
    {
        var configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap };
        var created = ClusterPlanner.Plan(Input("{}", configuration, ObservedCluster.Empty));
        var observed = ObservedCluster.FromObjects([.. created.Changes.OfType<CreateObject>().Select(c => (JsonObject)c.Body.DeepClone())]);

        var fresh = ClusterPlanner.Plan(Input(patch, configuration, ObservedCluster.Empty));
        var existing = ClusterPlanner.Plan(Input(patch, configuration, observed));

        Assert.True(fresh.IsRefused);
        Assert.True(fresh.IsEmpty);
        Assert.Equal(!isTolerated, existing.IsRefused);
        var code = fresh.Findings.First(f => f.Severity == FindingSeverity.Error).Code;
        Assert.Contains(existing.Findings, f => f.Code == code && f.Severity == (isTolerated ? FindingSeverity.Warning : FindingSeverity.Error));
    }

    [Fact]
    public void What_was_found_when_the_manifest_was_read_is_part_of_the_plan()
    {
        var finding = new Finding { Severity = FindingSeverity.Warning, Code = "DeprecatedField", FieldPath = "spec.useLoadBalancer", Rule = "is deprecated" };
        var plan = ClusterPlanner.Plan(Input("{}", new OperatorConfiguration { Form = ConfigurationForm.ConfigMap }, ObservedCluster.Empty) with { ManifestFindings = [finding] });

        Assert.Contains(finding, plan.Findings);
        Assert.False(plan.IsRefused);
    }

    [Fact]
    public void A_fault_of_a_field_is_told_once()
    {
        var plan = ClusterPlanner.Plan(Input("""{"volume":{"size":"10K"},"resources":{"limits":{"cpu":"x"}},"sidecars":[{"name":"a"}]}""", new OperatorConfiguration { Form = ConfigurationForm.ConfigMap }, ObservedCluster.Empty));

        Assert.Equal(plan.Findings.Count, plan.Findings.Select(f => f.FieldPath).Distinct(StringComparer.Ordinal).Count());
    }

    private static PlanningInput Input(string patch, OperatorConfiguration configuration, ObservedCluster observed)
    {
        var manifest = (JsonObject)JsonNode.Parse("""{"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid-shop","namespace":"default","uid":"1"},"spec":{"teamId":"acid","numberOfInstances":1,"volume":{"size":"1Gi"},"postgresql":{"version":"17"}}}""")!;
        foreach (var (key, value) in (JsonObject)JsonNode.Parse(patch)!) manifest["spec"]![key] = value?.DeepClone();
        return new PlanningInput
        {
            Manifest = manifest.Deserialize(Postgresql.JsonTypeInfo)!, Configuration = configuration, Observed = observed, Now = new DateTimeOffset(2026, 7, 6, 0, 0, 0, TimeSpan.Zero),
            PasswordSeed = PasswordSeed.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
        };
    }
}
