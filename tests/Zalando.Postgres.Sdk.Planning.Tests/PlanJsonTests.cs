using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Tests;

public sealed class PlanJsonTests
{
    private static readonly ClusterKey Cluster = new("default", "acid-test");

    private static Plan Sample() => new()
    {
        Cluster = Cluster,
        Changes =
        [
            new CreateObject
            {
                Target = ChangeTarget.Of(KubernetesKinds.Secret, "default", "foo.acid-test"),
                Kind = KubernetesKinds.Secret,
                Body = new JsonObject { ["kind"] = "Secret", ["data"] = new JsonObject { ["username"] = "Zm9v", ["password"] = "Y2FuYXJ5LXZhbHVl" } },
                Reasons = [new ChangeReason { Explanation = "user foo of the manifest needs a secret", RequestedBy = Requester.Manifest }],
                Stage = ChangeStage.Secrets,
            },
            new PatchObject
            {
                Target = ChangeTarget.Of(KubernetesKinds.StatefulSet, "default", "acid-test"),
                Kind = KubernetesKinds.StatefulSet,
                Patch = new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 3 } },
                Reasons = [new ChangeReason { FieldPath = "spec.replicas", Old = "2", New = "3" }],
                Stage = ChangeStage.StatefulSet,
            },
            new Switchover
            {
                Target = new ChangeTarget { Kind = ChangeTarget.PatroniKind, Namespace = "default", Name = "acid-test" },
                Leader = "acid-test-0",
                Candidate = "acid-test-1",
                Disruption = Disruption.Switchover,
                Stage = ChangeStage.Pods,
            },
        ],
        Pending =
        [
            new PendingChange
            {
                Change = new RecreatePod { Target = ChangeTarget.Of(KubernetesKinds.Pod, "default", "acid-test-0"), IsPrimary = true },
                WaitsFor = WaitReason.EarlierChange,
                Explanation = "waits for the switchover to acid-test-1",
            },
        ],
        Findings = [new Finding { Severity = FindingSeverity.Warning, Code = "ResourceLimits", Rule = "raised" }],
    };

    [Fact]
    public void A_plan_survives_being_written_and_read()
    {
        var json = PlanJson.Write(Sample(), indented: true);
        var read = PlanJson.Read(json);
        Assert.Equal(json, PlanJson.Write(read, indented: true));
        Assert.IsType<Switchover>(read.Changes[2]);
        Assert.Equal(KubernetesKinds.StatefulSet, Assert.IsType<PatchObject>(read.Changes[1]).Kind);
        Assert.Equal(Sample().Hash, read.Hash);
    }

    [Fact]
    public void A_written_plan_holds_no_password()
    {
        var json = PlanJson.Write(Sample());
        Assert.DoesNotContain("Y2FuYXJ5", json, StringComparison.Ordinal);
        Assert.Contains("<password>", json, StringComparison.Ordinal);
        Assert.Contains("Zm9v", json, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_depends_on_what_is_done_and_not_on_passwords()
    {
        var plan = Sample();
        var other = plan with { Changes = [.. plan.Changes.Skip(1)] };
        Assert.NotEqual(plan.Hash, other.Hash);
        var create = (CreateObject)plan.Changes[0];
        var body = (JsonObject)create.Body.DeepClone();
        body["data"]!["password"] = "b3RoZXI=";
        Assert.Equal(plan.Hash, (plan with { Changes = [create with { Body = body }, .. plan.Changes.Skip(1)] }).Hash);
        Assert.Equal(64, plan.Hash.Length);
    }

    [Fact]
    public void The_disruption_of_a_plan_is_the_worst_of_its_changes() => Assert.Equal(Disruption.Switchover, Sample().Disruption);

    [Fact]
    public void A_plan_of_a_newer_version_is_refused()
    {
        var json = PlanJson.Write(Sample()).Replace("\"schemaVersion\":1", "\"schemaVersion\":99", StringComparison.Ordinal);
        Assert.Contains("99", Assert.Throws<JsonException>(() => PlanJson.Read(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_shows_nothing_of_itself() =>
        Assert.Equal("***", PasswordSeed.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).ToString());
}
