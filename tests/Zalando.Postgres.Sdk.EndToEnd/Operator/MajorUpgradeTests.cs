using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>Major version upgrades in place, with two real versions of PostgreSQL.</summary>
public sealed class MajorUpgradeTests(UpgradableCluster cluster) : IClassFixture<UpgradableCluster>
{
    private const string Name = OperatorCluster.Name;
    private const string Refused = "acid-refused";
    private const string Killed = "acid-killed";
    private const string ConfigurationMap = "postgres-operator";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string New => UpgradableCluster.NewVersion.ToString(CultureInfo.InvariantCulture);

    private string Old => cluster.OldVersion.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task All_members_are_upgraded_and_every_row_is_kept_although_the_operator_is_killed_in_the_middle()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        await cluster.StopOperatorAsync();
        cluster.Api.Create(KubernetesKinds.ConfigMap, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = ConfigurationMap, ["namespace"] = "default" },
            ["data"] = new JsonObject { ["enable_teams_api"] = "false", ["major_version_upgrade_mode"] = "manual", ["resync_period"] = "1s" },
        });
        var pods = cluster.Pods(Name).ToDictionary(p => p.Metadata.Name!, p => p.Metadata.Uid!);
        foreach (var pod in pods.Keys) Assert.Equal(Old, await MajorAsync(pod));
        var primary = cluster.Primary(Name);
        var pauses = 0;
        try
        {
            await using var first = OperatorProgram.Start(cluster.Sandbox.Kubeconfig, ConfigurationMap);
            // The script pauses Patroni once.
            using (cluster.Api.Subscribe(change =>
            {
                if (IsConfigurationOf(Name, change) && IsPaused(change.Object) && !IsPaused(change.Previous) && Interlocked.Increment(ref pauses) == 1) first.Kill();
            }))
            {
                await cluster.WriteThroughAsync(
                    $"major upgrade from {Old} to {New}, operator killed in the middle",
                    async _ =>
                    {
                        cluster.Edit(spec => spec["postgresql"]!["version"] = New);
                        await cluster.UntilAsync("the script has begun and the operator is killed", () => first.HasExited, Cancelled);
                        Assert.Equal(1, pauses);
                        await using var second = OperatorProgram.Start(cluster.Sandbox.Kubeconfig, ConfigurationMap);
                        await cluster.UntilAsync("the upgrade has ended", () => Annotation(ClusterAnnotations.MajorUpgrade) is null, Cancelled);
                        Assert.Null(Annotation(ClusterAnnotations.LastMajorUpgradeMessage));
                        await cluster.ReadyAsync(Name, Cancelled);
                    },
                    Cancelled);
            }
        }
        finally
        {
            await cluster.StartOperatorAsync();
        }

        Assert.Equal(1, pauses);
        Assert.NotNull(Annotation(ClusterAnnotations.LastMajorUpgradeSuccess));
        foreach (var pod in pods.Keys) Assert.Equal(New, await MajorAsync(pod));
        Assert.Equal(primary, cluster.Primary(Name));
        await cluster.Watch.UntilEqualAsync(
            "the replica streams", (object?)cluster.Replica(Name), token => cluster.AskAsync(primary, "select string_agg(application_name, ',') from pg_stat_replication where state = 'streaming'", token), Cancelled);
        // No pod was made again, and no container started again: Patroni's own supervisor is enough.
        Assert.Equal(pods, cluster.Pods(Name).ToDictionary(p => p.Metadata.Name!, p => p.Metadata.Uid!));
        Assert.All(pods.Keys, p => Assert.Equal(0, cluster.Sandbox.Pods.Find("default", p)!.Restarts));
        Assert.All(cluster.Pods(Name), p => Assert.DoesNotContain("critical-operation", p.Metadata.Labels!.Keys));
        var status = cluster.Cluster(Name)!.Status!;
        Assert.Contains($"upgrade PostgreSQL {Old} to {New}", status.LastRestart!.Cause, StringComparison.Ordinal);
        Assert.Contains(cluster.Events(Name), e => e.StartsWith($"MajorVersionUpgrade: check whether PostgreSQL {Old} can be upgraded to {New}", StringComparison.Ordinal));
        Assert.Contains($"upgrade PostgreSQL {Old} to {New}", (string?)cluster.Api.Get(KubernetesKinds.ConfigMap, "default", Name + "-history")!["data"]!["entries"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upgrade_that_the_check_refuses_leaves_the_old_version_serving_and_says_why()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        cluster.Configure(p => p with { MajorVersionUpgrade = new() { Mode = "manual" } });
        await CreateAsync(Refused);
        // A type whose values are numbers of objects, which an upgrade does not keep.
        await cluster.AskAsync(Refused + "-0", "create table public.callbacks as select 'now'::regproc as function", Cancelled, cluster: Refused);
        cluster.Edit(spec => spec["postgresql"]!["version"] = New, Refused);
        await cluster.UntilAsync("the failure is shown", () => Degraded(Refused) is { Status: "True", Reason: "MajorUpgradeFailed" }, Cancelled);
        Assert.Contains("reg* data types in user tables", Degraded(Refused)!.Message, StringComparison.Ordinal);
        Assert.Contains(cluster.Events(Refused), e => e.Contains("reg* data types", StringComparison.Ordinal));
        Assert.Equal(Old, await MajorAsync(Refused + "-0", Refused));
        Assert.Equal("now", await cluster.AskAsync(Refused + "-0", "select function::text from public.callbacks", Cancelled, cluster: Refused));
        Assert.False(IsPaused(ConfigurationOf(Refused)));

        // The rest of the cluster is looked after.
        cluster.Edit(spec => spec["users"] = new JsonObject { ["late"] = new JsonArray() }, Refused);
        await using (var late = await cluster.ConnectAsync(Refused, "late", "postgres", Cancelled, Refused)) Assert.Equal(cluster.OldVersion, late.PostgreSqlVersion.Major);

        // Once the reason is gone, one word is enough to try again.
        await cluster.AskAsync(Refused + "-0", "drop table public.callbacks", Cancelled, cluster: Refused);
        cluster.Edit(Postgresql.Descriptor, Refused, manifest => ((JsonObject)manifest["metadata"]!["annotations"]!).Remove(ClusterAnnotations.LastMajorUpgradeFailure));
        await cluster.UntilAsync("the upgrade is done", () => cluster.Cluster(Refused)!.Metadata.Annotations?.ContainsKey(ClusterAnnotations.LastMajorUpgradeSuccess) == true, Cancelled);
        Assert.Equal(New, await MajorAsync(Refused + "-0", Refused));
        await cluster.UntilAsync("nothing is degraded", () => Degraded(Refused) is { Status: "False" }, Cancelled);
    }

    [Fact]
    public async Task An_upgrade_whose_container_dies_ends_with_the_old_version_serving_again()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        cluster.Configure(p => p with { MajorVersionUpgrade = new() { Mode = "manual" } });
        await CreateAsync(Killed);
        await cluster.AskAsync(Killed + "-0", "create table public.kept as select 'kept'::text as word", Cancelled, cluster: Killed);
        cluster.Edit(spec => spec["postgresql"]!["version"] = New, Killed);
        await cluster.UntilAsync("the script has paused Patroni", () => IsPaused(ConfigurationOf(Killed)), Cancelled);

        // All that runs in the pod dies with its container: the script, and PostgreSQL, which nobody starts while Patroni is paused.
        await cluster.Sandbox.Pods.KillAsync("default", Killed + "-0", Cancelled);
        await cluster.UntilAsync("the failure is shown", () => Degraded(Killed) is { Status: "True", Reason: "MajorUpgradeFailed" }, Cancelled);
        Assert.Contains("the script ended without a result", Degraded(Killed)!.Message, StringComparison.Ordinal);
        Assert.Equal("kept", await cluster.AskAsync(Killed + "-0", "select word from public.kept", Cancelled, cluster: Killed));
        Assert.Equal(Old, await MajorAsync(Killed + "-0", Killed));
        Assert.False(IsPaused(ConfigurationOf(Killed)));
        Assert.Equal(1, cluster.Sandbox.Pods.Find("default", Killed + "-0")!.Restarts);
    }

    private JsonObject? ConfigurationOf(string name) => cluster.Api.Get(KubernetesKinds.ConfigMap, "default", name + "-config");

    private static bool IsConfigurationOf(string name, ApiChange change) => change.Kind == KubernetesKinds.ConfigMap && (string?)change.Object["metadata"]!["name"] == name + "-config";

    private static bool IsPaused(JsonObject? patroniConfiguration) =>
        (string?)patroniConfiguration?["metadata"]?["annotations"]?["config"] is { } text && JsonNode.Parse(text)?["pause"] is JsonValue value && value.TryGetValue<bool>(out var paused) && paused;

    private async Task CreateAsync(string name)
    {
        cluster.Api.Create(Postgresql.Descriptor, new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject
            {
                ["teamId"] = "acid", ["numberOfInstances"] = 1, ["postgresql"] = new JsonObject { ["version"] = Old }, ["volume"] = new JsonObject { ["size"] = "1Gi" },
            },
        });
        await cluster.ReadyAsync(name, Cancelled);
    }

    private Condition? Degraded(string name) => cluster.Cluster(name)?.Status?.Conditions?.SingleOrDefault(c => c.Type == "Degraded");

    private async Task<string> MajorAsync(string pod, string name = Name) =>
        (string)(await cluster.AskAsync(pod, "select (current_setting('server_version_num')::int / 10000)::text", Cancelled, cluster: name))!;

    private string? Annotation(string annotation) => cluster.Cluster(Name)!.Metadata.Annotations?.GetValueOrDefault(annotation);
}
