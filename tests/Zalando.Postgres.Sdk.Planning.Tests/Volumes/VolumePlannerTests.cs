using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Volumes;

/// <summary>Which volumes are changed through their storage provider, which are not, and in which order.</summary>
public sealed class VolumePlannerTests
{
    private const long Gibibyte = 1L << 30;
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_volume_is_modified_before_its_claim_and_both_before_the_StatefulSet()
    {
        var plan = Plan("mixed", """{"size": "20Gi", "type": "gp3", "iops": 4000, "throughput": 250}""", [Claim(), Volume()], Seen(10, "gp2", 300, null));
        var modify = Assert.Single(plan.Changes.OfType<ModifyVolume>());
        Assert.Equal("persistentvolume pv-0", modify.Target.ToString());
        Assert.Equal((Disruption.None, Reversibility.Irreversible, ChangeStage.Volumes), (modify.Disruption, modify.Reversibility, modify.Stage));
        Assert.Equal(
            ["spec.volume.size: 10Gi -> 20Gi", "spec.volume.type: gp2 -> gp3", "spec.volume.iops: 300 -> 4000", "spec.volume.throughput: 250 added"], modify.Reasons.Select(r => r.ToString()));
        Assert.Equal(("ebs.csi.aws.com", "vol-0", "eu-central-1b", "eu-central-1"), (modify.Volume.Provisioner, modify.Volume.VolumeId, modify.Volume.Zone, modify.Volume.Region));
        Assert.Equal(new VolumeWish { Bytes = 20 * Gibibyte, Type = "gp3", Iops = 4000, Throughput = 250 }, modify.Volume.Wish);
        var order = plan.Changes.Select(c => c.Target.Kind).Where(k => k is "PersistentVolume" or "PersistentVolumeClaim" or "StatefulSet").ToArray();
        Assert.Equal(["PersistentVolume", "PersistentVolumeClaim", "StatefulSet"], order);
        var again = PlanJson.Read(PlanJson.Write(plan));
        Assert.Equal(modify.Volume, Assert.Single(again.Changes.OfType<ModifyVolume>()).Volume);
        Assert.Contains("modify the volume of persistentvolume pv-0 (vol-0)", PlanText.Write(plan), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pvc")]
    [InlineData("off")]
    public void In_modes_of_Kubernetes_alone_no_volume_is_looked_at(string mode)
    {
        const string volume = """{"size": "20Gi", "type": "gp3", "iops": 4000}""";
        Assert.Empty(ClusterPlanner.Volumes(Input(mode, volume, [Claim(), Volume()])));
        Assert.DoesNotContain(Plan(mode, volume, [Claim(), Volume()], Seen(10, "gp2", 300, null)).Changes, c => c is ModifyVolume or GrowFileSystem);
    }

    [Fact]
    public void Values_below_or_above_what_is_used_are_no_wish()
    {
        Assert.Empty(ClusterPlanner.Volumes(Input("mixed", """{"size": "10Gi", "iops": 2999, "throughput": 124}""", [Claim(), Volume()])));
        Assert.Empty(ClusterPlanner.Volumes(Input("mixed", """{"size": "10Gi", "iops": 80001, "throughput": 2001}""", [Claim(), Volume()])));
        var wish = Assert.Single(ClusterPlanner.Volumes(Input("mixed", """{"size": "10Gi", "iops": 3000, "throughput": 125}""", [Claim(), Volume()]))).Wish;
        Assert.Equal((3000, 125), (wish.Iops, wish.Throughput));
        // Only the size counts in mode ebs.
        Assert.Equal(new VolumeWish { Bytes = 20 * Gibibyte }, Assert.Single(ClusterPlanner.Volumes(Input("ebs", """{"size": "20Gi", "type": "gp3", "iops": 3000}""", [Claim(), Volume()]))).Wish);
    }

    [Theory]
    [InlineData("other uid")]
    [InlineData("other claim")]
    [InlineData("no uid")]
    [InlineData("unbound")]
    [InlineData("terminating")]
    [InlineData("scaled in")]
    public void A_volume_that_is_not_surely_the_one_of_a_member_is_never_looked_at(string fault)
    {
        var (claim, volume) = (Claim(), Volume());
        switch (fault)
        {
            case "other uid": volume["spec"]!["claimRef"]!["uid"] = "other"; break;
            case "other claim": volume["spec"]!["claimRef"]!["name"] = "pgdata-acid-1"; break;
            case "no uid": volume["spec"]!["claimRef"]!.AsObject().Remove("uid"); break;
            case "unbound": claim["spec"]!.AsObject().Remove("volumeName"); break;
            case "terminating": volume["metadata"]!["deletionTimestamp"] = "2026-07-01T11:00:00Z"; break;
            default: (claim, volume) = (Claim(1), Volume(1)); break;
        }

        Assert.Empty(ClusterPlanner.Volumes(Input("ebs", """{"size": "20Gi"}""", [claim, volume])));
    }

    [Fact]
    public void A_volume_of_the_former_provisioner_is_known_by_its_source_and_one_of_nobody_is_named()
    {
        var volume = Volume();
        volume["spec"]!.AsObject().Remove("csi");
        volume["spec"]!["awsElasticBlockStore"] = new JsonObject { ["volumeID"] = "aws://eu-central-1a/vol-0" };
        var found = Assert.Single(ClusterPlanner.Volumes(Input("ebs", """{"size": "20Gi"}""", [Claim(), volume])));
        Assert.Equal(("kubernetes.io/aws-ebs", "aws://eu-central-1a/vol-0"), (found.Provisioner, found.VolumeId));
        var plan = Plan("ebs", """{"size": "20Gi"}""", [Claim(), Volume()], new ObservedVolume { IsChangeable = false });
        Assert.DoesNotContain(plan.Changes, c => c is ModifyVolume or GrowFileSystem);
        Assert.Contains(plan.Findings, f => f is { Code: "VolumeNotChangeable", Severity: FindingSeverity.Warning } && f.ToString().Contains("ebs.csi.aws.com", StringComparison.Ordinal));
    }

    [Fact]
    public void In_mode_ebs_the_file_system_waits_for_its_volume_and_then_for_its_pod()
    {
        var waiting = Plan("ebs", """{"size": "20Gi"}""", [Claim(), Volume(), Pod(runs: true)], Seen(10, "gp2", 300, null));
        Assert.Single(waiting.Changes.OfType<ModifyVolume>());
        Assert.Equal(WaitReason.VolumeProvider, Assert.Single(waiting.Pending, p => p.Change is GrowFileSystem).WaitsFor);
        var changing = Plan("ebs", """{"size": "20Gi"}""", [Claim(), Volume(), Pod(runs: true)], Seen(20, "gp2", 300, null) with { Progress = "busy", ProgressUntil = Now.AddHours(1), AskAgainAt = Now.AddMinutes(1) });
        Assert.DoesNotContain(changing.Changes, c => c is ModifyVolume or GrowFileSystem);
        Assert.Equal(Now.AddHours(1), Assert.Single(changing.Pending, p => p.Change is GrowFileSystem).Until);
        // The time of the next look moves on with each of them, and is nobody's business.
        var untold = Plan("ebs", """{"size": "20Gi"}""", [Claim(), Volume(), Pod(runs: true)], Seen(20, "gp2", 300, null) with { Progress = "busy", AskAgainAt = Now.AddMinutes(1) });
        Assert.Null(Assert.Single(untold.Pending, p => p.Change is GrowFileSystem).Until);
        var down = Plan("ebs", """{"size": "20Gi"}""", [Claim(), Volume(), Pod(runs: false)], Seen(20, "gp2", 300, null));
        Assert.Equal(WaitReason.PodReady, Assert.Single(down.Pending, p => p.Change is GrowFileSystem).WaitsFor);
        var grow = Assert.Single(Plan("ebs", """{"size": "20Gi"}""", [Claim(), Volume(), Pod(runs: true)], Seen(20, "gp2", 300, null)).Changes.OfType<GrowFileSystem>());
        Assert.Equal(("acid-0", "pv-0", "20Gi", 20 * Gibibyte, Disruption.None), (grow.Target.Name, grow.PersistentVolume, grow.Capacity, grow.Bytes, grow.Disruption));
        Assert.Empty(ClusterPlanner.Volumes(Input("ebs", """{"size": "20Gi"}""", [Claim(), Volume(size: "20Gi"), Pod(runs: true)])));
    }

    [Fact]
    public void What_was_answered_to_a_wish_holds_for_that_wish_only()
    {
        const string wished = """{"size": "10Gi", "iops": 4000}""";
        var wish = Assert.Single(ClusterPlanner.Volumes(Input("mixed", wished, [Claim(), Volume()]))).Wish;
        var refused = Seen(10, "gp2", 300, null) with { Answer = new VolumeAnswer { Wish = wish, IsRefused = true, Explanation = "gp2 takes no IOPS" } };
        var plan = Plan("mixed", wished, [Claim(), Volume()], refused);
        Assert.Empty(plan.Changes.OfType<ModifyVolume>());
        Assert.Equal(WaitReason.VolumeFailed, Assert.Single(plan.Pending, p => p.Change is ModifyVolume).WaitsFor);
        Assert.Contains(plan.Findings, f => f.Code == "VolumeRefused");
        Assert.Single(Plan("mixed", """{"size": "10Gi", "type": "gp3", "iops": 4000}""", [Claim(), Volume()], refused).Changes.OfType<ModifyVolume>());
        var later = Plan("mixed", wished, [Claim(), Volume()], refused with { Answer = new VolumeAnswer { Wish = wish, Explanation = "later", Until = Now.AddHours(6) } });
        Assert.Equal((WaitReason.VolumeProvider, Now.AddHours(6)), Assert.Single(later.Pending, p => p.Change is ModifyVolume) is { } p ? (p.WaitsFor, p.Until!.Value) : default);
    }

    [Fact]
    public void Missing_rights_are_a_warning_and_an_observer_without_a_provider_gets_a_note()
    {
        var input = Input("ebs", """{"size": "20Gi"}""", [Claim(), Volume()]);
        Assert.Contains(ClusterPlanner.Plan(input with { Observed = input.Observed with { VolumeKnowledge = VolumeKnowledge.NotReadable } }).Findings, f => f is { Code: "VolumesNotReadable", Severity: FindingSeverity.Warning });
        Assert.Contains(ClusterPlanner.Plan(input).Findings, f => f is { Code: "VolumesNotObserved", Severity: FindingSeverity.Information });
    }

    [Fact]
    public void Whatever_a_provider_says_volumes_never_shrink_are_asked_for_once_and_a_volume_as_wished_is_left_alone() => Properties.ForScenarios(200, dice =>
    {
        var mode = dice.Chance(50) ? "ebs" : "mixed";
        var wished = (1 + dice.Next(39));
        var type = dice.Chance(50) ? "gp3" : null;
        int? iops = dice.Chance(50) ? 2000 + dice.Next(4000) : null;
        var section = new JsonObject { ["size"] = $"{wished}Gi" };
        if (type is not null) section["type"] = type;
        if (iops is not null) section["iops"] = iops;
        var present = (1 + dice.Next(39));
        var seen = new ObservedVolume
        {
            Bytes = dice.Chance(90) ? present * Gibibyte : null, Type = dice.Chance(50) ? "gp3" : "gp2", Iops = dice.Chance(50) ? iops : 3000,
            Progress = dice.Chance(20) ? "busy" : null, Failure = dice.Chance(10) ? "broken" : null, AskAgainAt = Now.AddMinutes(3),
        };
        JsonObject[] objects = [Claim(size: $"{(1 + dice.Next(39))}Gi"), Volume(size: $"{(1 + dice.Next(39))}Gi"), Pod(dice.Chance(70))];
        var plan = Plan(mode, section.ToJsonString(), objects, seen);
        var looked = ClusterPlanner.Volumes(Input(mode, section.ToJsonString(), objects));
        Assert.All(plan.Changes.OfType<ModifyVolume>(), m =>
        {
            Assert.Contains(m.Volume, looked);
            Assert.NotEmpty(m.Reasons);
            Assert.True(seen.Progress is null && seen.Failure is null);
            Assert.DoesNotContain(m.Reasons, r => r.FieldPath == "spec.volume.size" && seen.Bytes >= wished * Gibibyte);
        });
        Assert.All(plan.Changes.OfType<GrowFileSystem>(), g => Assert.True(mode == "ebs" && seen.Bytes >= g.Bytes && seen.Progress is null));
        Assert.True(plan.Changes.Count(c => c is ModifyVolume or GrowFileSystem) <= 1);
        Assert.All(plan.Changes.Where(c => c is ModifyVolume or GrowFileSystem), c => Assert.Equal(Disruption.None, c.Disruption));
        var isAsWished = !(wished * Gibibyte > (seen.Bytes ?? 0)) && (mode == "ebs" || ((type is null || seen.Type == type) && (iops is null or < 3000 || seen.Iops == iops)));
        if (isAsWished) Assert.Empty(plan.Changes.OfType<ModifyVolume>());
        // Asked once and answered, it is not planned again for the same wish.
        if (plan.Changes.OfType<ModifyVolume>().FirstOrDefault() is { } asked)
        {
            var answered = Plan(mode, section.ToJsonString(), objects, seen with { Answer = new VolumeAnswer { Wish = asked.Volume.Wish, IsRefused = dice.Chance(50), Explanation = "no", Until = Now.AddHours(1) } });
            Assert.Empty(answered.Changes.OfType<ModifyVolume>());
            Assert.Contains(answered.Pending, p => p.Change is ModifyVolume);
        }
    });

    private static Plan Plan(string mode, string volume, JsonObject[] objects, ObservedVolume seen)
    {
        var input = Input(mode, volume, objects);
        return ClusterPlanner.Plan(input with
        {
            Observed = input.Observed with { VolumeKnowledge = VolumeKnowledge.Listed, Volumes = new Dictionary<string, ObservedVolume>(StringComparer.Ordinal) { ["pv-0"] = seen } },
        });
    }

    private static PlanningInput Input(string mode, string volume, JsonObject[] objects) => new()
    {
        Manifest = JsonNode.Parse($$$"""{"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid","namespace":"default","uid":"u"},"spec":{"teamId":"acid","numberOfInstances":1,"postgresql":{"version":"17"},"volume":{{{volume}}}}}""")!
            .Deserialize(PostgresJsonContext.Default.Postgresql)!,
        Configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters { Kubernetes = new() { StorageResizeMode = mode } } },
        Observed = ObservedCluster.FromObjects(objects),
        Now = Now,
        PasswordSeed = GoldenCase.Seed,
    };

    private static JsonObject Claim(int ordinal = 0, string size = "10Gi") => (JsonObject)JsonNode.Parse($$$$$$"""
        {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"pgdata-acid-{{{{{{ordinal}}}}}}","namespace":"default","uid":"claim-{{{{{{ordinal}}}}}}","labels":{"application":"spilo","cluster-name":"acid"}},
         "spec":{"volumeName":"pv-{{{{{{ordinal}}}}}}","resources":{"requests":{"storage":"{{{{{{size}}}}}}"}}},"status":{"phase":"Bound"}}
        """)!;

    private static JsonObject Volume(int ordinal = 0, string size = "10Gi") => (JsonObject)JsonNode.Parse($$$$$$"""
        {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pv-{{{{{{ordinal}}}}}}","uid":"volume-{{{{{{ordinal}}}}}}"},
         "spec":{"capacity":{"storage":"{{{{{{size}}}}}}"},"claimRef":{"namespace":"default","name":"pgdata-acid-{{{{{{ordinal}}}}}}","uid":"claim-{{{{{{ordinal}}}}}}"},"csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-{{{{{{ordinal}}}}}}"},
          "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"topology.kubernetes.io/zone","operator":"In","values":["eu-central-1b"]}]}]}}}}
        """)!;

    private static JsonObject Pod(bool runs)
    {
        var state = runs ? "running" : "waiting";
        return (JsonObject)JsonNode.Parse($$$$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"acid-0","namespace":"default","uid":"pod","labels":{"application":"spilo","cluster-name":"acid"}},"spec":{"containers":[{"name":"postgres"}]},
         "status":{"phase":"Running","containerStatuses":[{"name":"postgres","state":{"{{{{{{state}}}}}}":{} } }]}}
        """)!;
    }

    private static ObservedVolume Seen(int size, string type, int? iops, int? throughput) => new() { Bytes = size * Gibibyte, Type = type, Iops = iops, Throughput = throughput };
}
