using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Statuses;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Tests.Statuses;

public sealed class ClusterStatusBuilderTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_refused_manifest_is_invalid_and_names_field_value_and_rule()
    {
        var status = ClusterStatusBuilder.Build(Input() with
        {
            Plan = new Plan
            {
                Cluster = new ClusterKey("n", "c"),
                Findings = [new Finding { Severity = FindingSeverity.Error, Code = "X", FieldPath = "spec.volume.size", Value = "1Quux", Rule = "must be a quantity" }],
            },
        });
        Assert.Equal("Invalid", status.PostgresClusterStatus);
        Assert.Equal("spec.volume.size: \"1Quux\": must be a quantity", Of(status, "Degraded").Message);
        Assert.Equal("False", Of(status, "Progressing").Status);
    }

    [Theory]
    [InlineData(null, null, "CreateFailed")]
    [InlineData("Creating", 1L, "CreateFailed")]
    [InlineData("Running", 1L, "UpdateFailed")]
    [InlineData("Updating", 2L, "UpdateFailed")]
    [InlineData("Running", 2L, "SyncFailed")]
    [InlineData("SyncFailed", 2L, "SyncFailed")]
    public void A_lasting_failure_is_told_with_the_word_of_the_operation(string? former, long? observed, string expected)
    {
        var status = ClusterStatusBuilder.Build(Input(former, observed) with { Failure = "the server's words", IsLastingFailure = true });
        Assert.Equal(expected, status.PostgresClusterStatus);
        Assert.Equal("the server's words", Of(status, "Degraded").Message);
        Assert.Equal(2, status.ObservedGeneration);
    }

    [Fact]
    public void A_passing_failure_does_not_change_the_word_of_a_running_cluster()
    {
        var status = ClusterStatusBuilder.Build(Input("Running", 2) with { Failure = "busy" });
        Assert.Equal("Running", status.PostgresClusterStatus);
        Assert.Equal("True", Of(status, "Degraded").Status);
    }

    [Fact]
    public void A_complete_cluster_at_rest_runs_and_is_ready()
    {
        var status = ClusterStatusBuilder.Build(Input("Creating", 2) with { Observed = Members(ready: 2), Databases = DatabaseState.UpToDate });
        Assert.Equal("Running", status.PostgresClusterStatus);
        Assert.Equal("True", Of(status, "Ready").Status);
        Assert.Equal(2, status.NumberOfInstances);
    }

    [Fact]
    public void A_new_cluster_without_its_databases_is_still_being_created()
    {
        var status = ClusterStatusBuilder.Build(Input("Creating", 2) with { Observed = Members(ready: 2), Databases = DatabaseState.Unknown });
        Assert.Equal("Creating", status.PostgresClusterStatus);
        Assert.Equal("DatabasesNotReady", Of(status, "Ready").Reason);
    }

    [Fact]
    public void A_running_cluster_that_loses_a_member_stays_running_and_is_degraded()
    {
        var status = ClusterStatusBuilder.Build(Input("Running", 2) with { Observed = Members(ready: 1), Databases = DatabaseState.UpToDate });
        Assert.Equal("Running", status.PostgresClusterStatus);
        Assert.Equal("MembersNotReady", Of(status, "Degraded").Reason);
        Assert.Contains("c-1", Of(status, "Ready").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transition_times_move_only_with_the_status_and_conditions_of_others_stay()
    {
        var first = ClusterStatusBuilder.Build(Input("Running", 2) with { Observed = Members(ready: 2), Databases = DatabaseState.UpToDate });
        var foreign = new Condition { Type = "BackupHealthy", Status = "True", Reason = "Fresh", LastTransitionTime = new Time(Now) };
        var manifest = Input("Running", 2).Manifest with { Status = first with { Conditions = [.. first.Conditions!, foreign] } };
        var second = ClusterStatusBuilder.Build(Input() with { Manifest = manifest, Observed = Members(ready: 1), Databases = DatabaseState.UpToDate, Now = Now.AddHours(1) });
        Assert.Equal(new Time(Now.AddHours(1)), Of(second, "Ready").LastTransitionTime);
        Assert.Contains(foreign, second.Conditions!);
        var third = ClusterStatusBuilder.Build(Input() with { Manifest = manifest, Observed = Members(ready: 2), Databases = DatabaseState.UpToDate, Now = Now.AddHours(2) });
        Assert.Equal(new Time(Now), Of(third, "Ready").LastTransitionTime);
    }

    private static Condition Of(PostgresqlStatus status, string type) => status.Conditions!.Single(c => c.Type == type);

    private static StatusInput Input(string? former = null, long? observed = null) => new()
    {
        Manifest = new Postgresql
        {
            Metadata = new ObjectMeta { Name = "c", Namespace = "n", Generation = 2 },
            Spec = new PostgresqlSpec { NumberOfInstances = 2 },
            Status = former is null ? null : new PostgresqlStatus { PostgresClusterStatus = former, ObservedGeneration = observed },
        },
        Settings = OperatorSettings.Defaults,
        Observed = ObservedCluster.Empty,
        Plan = new Plan { Cluster = new ClusterKey("n", "c") },
        Now = Now,
    };

    private static ObservedCluster Members(int ready)
    {
        var objects = new List<JsonObject>
        {
            new() { ["kind"] = "StatefulSet", ["metadata"] = new JsonObject { ["namespace"] = "n", ["name"] = "c" }, ["spec"] = new JsonObject { ["replicas"] = 2 } },
        };
        for (var i = 0; i < 2; i++)
        {
            objects.Add(new JsonObject
            {
                ["kind"] = "Pod",
                ["metadata"] = new JsonObject
                {
                    ["namespace"] = "n", ["name"] = $"c-{i}",
                    ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = "c", ["spilo-role"] = i == 0 ? "master" : "replica" },
                },
                ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = i < ready ? "True" : "False" }) },
            });
        }

        return ObservedCluster.FromObjects(objects);
    }
}
