using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>The operator's process is killed in the middle of its work, and another one goes on. Replication is synchronous: nothing confirmed may be lost.</summary>
public sealed class KilledOperatorTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Name = OperatorCluster.Name;
    private const string ConfigurationMap = "postgres-operator";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rolling_update_ends_although_its_operator_is_killed_after_each_of_its_steps()
    {
        await PrepareAsync();
        var before = cluster.Pods(Name).ToDictionary(p => p.Metadata.Name!, p => p.Metadata.Uid!);
        var deaths = 0;
        await cluster.WriteThroughAsync(
            "rolling update whose operator is killed at every deleted pod and at the switchover",
            async _ =>
            {
                cluster.Edit(spec => spec["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "green" }));
                // One process per step: the pod of the replica, the switchover, the pod of the former primary; the last one finds everything done.
                deaths += await DieAsync(c => IsDeletion(c));
                deaths += await DieAsync(c => IsNewLeader(c) || IsDeletion(c));
                await using var last = Start();
                await cluster.UntilAsync("all members are made again", () => cluster.Pods(Name) is { Count: 2 } now && now.All(p => before[p.Metadata.Name!] != p.Metadata.Uid), Cancelled);
                await ReadyAsync();
            },
            Cancelled);
        Assert.Equal(2, deaths);
        Assert.All(cluster.Pods(Name), p => Assert.Contains(p.Spec!.Containers![0].Env!, e => e is { Name: "COLOUR", Value: "green" }));
        Console.WriteLine($"measured: operator killed {deaths} times in one rolling update");
    }

    [Fact]
    public async Task A_rotation_ends_although_its_operator_is_killed_at_every_write_of_the_secret()
    {
        await PrepareAsync();
        cluster.Edit(spec =>
        {
            spec["usersWithSecretRotation"] = new JsonArray("foo_user");
            spec["usersWithInPlaceSecretRotation"] = new JsonArray("zalando");
        });
        await using (var scheduling = Start())
            await cluster.UntilAsync("both rotations are scheduled", () => cluster.SecretValue("foo_user", "nextRotation") is { Length: > 0 } && cluster.SecretValue("zalando", "nextRotation") is { Length: > 0 }, Cancelled);
        var password = cluster.SecretValue("zalando", "password");
        cluster.EditSecret("foo_user", ("nextRotation", "2001-01-01T00:00:00Z"));
        cluster.EditSecret("zalando", ("nextRotation", "2001-01-01T00:00:00Z"));
        var deaths = 0;
        while (!IsRotated())
        {
            deaths += await DieAsync(c => c.Kind == KubernetesKinds.Secret && c.Type == "MODIFIED");
            // What the Secrets say works at every moment between two processes, but for the one being changed in the database and not published yet.
            await LogsInAsync("foo_user");
        }

        await using var last = Start();
        await LogsInAsync("foo_user");
        await LogsInAsync("zalando");
        await ReadyAsync();
        Assert.True(deaths >= 2, $"The operator was killed {deaths} times.");
        Console.WriteLine($"measured: operator killed {deaths} times in a rotation of two users");
        Assert.Equal("zalando", cluster.SecretValue("zalando", "username"));
        cluster.Edit(spec =>
        {
            spec.Remove("usersWithSecretRotation");
            spec.Remove("usersWithInPlaceSecretRotation");
        });

        bool IsRotated() => cluster.SecretValue("foo_user", "username") != "foo_user" && cluster.SecretValue("zalando", "password") != password
            && string.CompareOrdinal(cluster.SecretValue("zalando", "nextRotation"), "2002") > 0;
    }

    private static bool IsDeletion(ApiChange change) =>
        change.Kind == KubernetesKinds.Pod && change.Object["metadata"]!["deletionTimestamp"] is not null && change.Previous?["metadata"]!["deletionTimestamp"] is null
        && (string?)change.Object["metadata"]!["labels"]?["cluster-name"] == Name;

    private static bool IsNewLeader(ApiChange change) =>
        change.Kind == KubernetesKinds.ConfigMap && (string?)change.Object["metadata"]!["name"] == Name + "-leader"
        && (string?)change.Object["metadata"]!["annotations"]?["leader"] is { Length: > 0 } leader && leader != (string?)change.Previous?["metadata"]!["annotations"]?["leader"];

    private OperatorProgram Start() => OperatorProgram.Start(cluster.Sandbox.Kubeconfig, ConfigurationMap);

    /// <summary>Lets an operator work until something happens, and kills it at that moment, before the API server has answered.</summary>
    private async Task<int> DieAsync(Func<ApiChange, bool> moment)
    {
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var program = Start();
        using (cluster.Api.Subscribe(change =>
        {
            if (killed.Task.IsCompleted || !moment(change)) return;
            program.Kill();
            killed.TrySetResult();
        }))
        {
            await killed.Task.WaitAsync(TimeSpan.FromMinutes(3), Cancelled);
        }

        return 1;
    }

    private async Task LogsInAsync(string role)
    {
        await using var connection = await cluster.ConnectAsync(Name, role, "foo", Cancelled);
        Assert.Equal(cluster.SecretValue(role, "username"), await connection.ScalarAsync("select session_user::text", Cancelled));
    }

    private Task ReadyAsync() => cluster.ReadyAsync(Name, Cancelled);

    private async Task PrepareAsync()
    {
        if (cluster.Api.Get(KubernetesKinds.ConfigMap, "default", ConfigurationMap) is null)
        {
            cluster.Edit(spec => spec["patroni"] = new JsonObject { ["synchronous_mode"] = true });
            await ReadyAsync();
            cluster.Api.Create(KubernetesKinds.ConfigMap, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = ConfigurationMap, ["namespace"] = "default" },
                ["data"] = new JsonObject { ["enable_teams_api"] = "false", ["major_version_upgrade_mode"] = "off", ["resync_period"] = "1s" },
            });
            await cluster.StopOperatorAsync();
        }

        await using var program = Start();
        await ReadyAsync();
        await cluster.SynchronousAsync(Cancelled);
    }
}
