using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Upgrade;

/// <summary>A new version waits for the maintenance window of the manifest or of the configuration.</summary>
public sealed class MaintenanceWindowPlanTests
{
    private static readonly DateTimeOffset Monday = new(2026, 7, 6, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("22:00-02:00", 12, 0, "2026-07-06T22:00:00Z")]
    [InlineData("22:00-02:00", 22, 0, null)]
    [InlineData("22:00-02:00", 1, 59, null)]
    [InlineData("22:00-02:00", 2, 1, "2026-07-06T22:00:00Z")]
    [InlineData("Sun:23:00-03:00", 1, 0, null)]
    [InlineData("Mon:23:00-03:00", 1, 0, "2026-07-06T23:00:00Z")]
    [InlineData("Sun:23:00-03:00", 4, 0, "2026-07-12T23:00:00Z")]
    [InlineData("01:00-06:00", 3, 0, null)]
    public void A_version_waits_until_the_window_opens(string window, int hour, int minute, string? opening)
    {
        var plan = Upgrade(windows: [window], global: [], Monday.AddHours(hour).AddMinutes(minute));

        Assert.False(plan.IsRefused, string.Join("; ", plan.Findings));
        if (opening is null) Assert.DoesNotContain(plan.Pending, p => p.WaitsFor == WaitReason.MaintenanceWindow);
        else Assert.Equal(DateTimeOffset.Parse(opening, null), Assert.Single(plan.Pending, p => p.WaitsFor == WaitReason.MaintenanceWindow).Until);
    }

    [Fact]
    public void Windows_of_the_manifest_replace_those_of_the_configuration()
    {
        var noon = Monday.AddHours(12);

        Assert.Contains(Upgrade([], ["22:00-02:00"], noon).Pending, p => p.WaitsFor == WaitReason.MaintenanceWindow);
        Assert.DoesNotContain(Upgrade(["11:00-13:00"], ["22:00-02:00"], noon).Pending, p => p.WaitsFor == WaitReason.MaintenanceWindow);
    }

    [Fact]
    public void A_configuration_with_nothing_but_nonsense_windows_never_opens() =>
        Assert.Null(Assert.Single(Upgrade([], ["tonight"], Monday).Pending, p => p.WaitsFor == WaitReason.MaintenanceWindow).Until);

    [Fact]
    public void A_nonsense_window_of_the_manifest_refuses_it() =>
        Assert.Contains(Upgrade(["tonight"], [], Monday).Findings, f => f is { Severity: FindingSeverity.Error, Code: "MaintenanceWindow", FieldPath: "spec.maintenanceWindows[0]", Value: "tonight" });

    private static Plan Upgrade(string[] windows, string[] global, DateTimeOffset now)
    {
        var configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters { MaintenanceWindows = global } };
        var created = ClusterPlanner.Plan(Input("17", [], configuration, ObservedCluster.Empty, now));
        var objects = created.Changes.OfType<CreateObject>().Select(c => (JsonObject)c.Body.DeepClone());
        return ClusterPlanner.Plan(Input("18", windows, configuration, ObservedCluster.FromObjects([.. objects]), now));
    }

    private static PlanningInput Input(string version, string[] windows, OperatorConfiguration configuration, ObservedCluster observed, DateTimeOffset now)
    {
        var manifest = (JsonObject)JsonNode.Parse("""{"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid-shop","namespace":"default","uid":"1"},"spec":{"teamId":"acid","numberOfInstances":1,"volume":{"size":"1Gi"},"postgresql":{}}}""")!;
        manifest["spec"]!["postgresql"]!["version"] = version;
        if (windows.Length > 0) manifest["spec"]!["maintenanceWindows"] = new JsonArray([.. windows.Select(w => (JsonNode)w)]);
        return new PlanningInput
        {
            Manifest = manifest.Deserialize(Postgresql.JsonTypeInfo)!, Configuration = configuration, Observed = observed, Now = now,
            PasswordSeed = PasswordSeed.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
        };
    }
}
