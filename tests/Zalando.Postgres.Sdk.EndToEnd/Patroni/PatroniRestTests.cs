using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.EndToEnd.Operator;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Sandbox;

namespace Zalando.Postgres.Sdk.EndToEnd.Patroni;

/// <summary>The whole REST API of a real Patroni (3.0), behind TLS, a password and certificates of clients.</summary>
public sealed class PatroniRestTests : IAsyncLifetime
{
    private const string UserName = "admin";
    private readonly OwnAuthority _authority = new("patroni");
    private SandboxCluster? _sandbox;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxCluster Sandbox => _sandbox!;

    public async ValueTask InitializeAsync()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing)
        {
            Assert.Skip("this machine lacks " + string.Join("; ", missing));
            return;
        }

        _sandbox = await SandboxCluster.StartAsync(ShopCluster.FastOptions, Cancellation);
        var (certificate, key) = _authority.Files("server");
        foreach (var value in Manifests.EmbeddedManifest.Read("two-members.yaml"))
        {
            if ((string?)value["kind"] == "StatefulSet")
            {
                var variable = value["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().First(e => (string?)e!["name"] == "SPILO_CONFIGURATION")!;
                var configuration = JsonNode.Parse((string)variable["value"]!)!;
                configuration["restapi"] = new JsonObject
                {
                    ["certfile"] = certificate, ["keyfile"] = key, ["cafile"] = _authority.File, ["verify_client"] = "optional",
                    ["authentication"] = new JsonObject { ["username"] = UserName, ["password"] = "rest canary" },
                };
                configuration["ctl"] = new JsonObject { ["insecure"] = true };
                variable["value"] = configuration.ToJsonString();
            }

            Manifests.EmbeddedManifest.Create(_sandbox.ApiServer.Access, value);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null) await _sandbox.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Everything_that_Patroni_answers_is_read_and_everything_it_can_do_is_done()
    {
        using var own = Certificate("client");
        // As the ready operator is told: everything in files.
        var (certificate, key) = _authority.Files("operator");
        var password = _authority.TextFile("password", "rest canary\n");
        using var client = new PatroniClient(PatroniClientOptions.FromFiles(_authority.File, certificate, key, UserName, password) with { Retries = 0 }, TimeProvider.System);
        var (primary, replica) = await HealthyAsync(client);
        await ReadsAsync(client, primary, replica);
        await AccessIsGuardedAsync(primary, own);
        await ConfiguresAsync(client, primary);
        await RestartsAsync(client, primary, replica);
        await SchedulesAsync(client, primary, replica);
        (primary, replica) = await SwitchesOverAsync(client, primary, replica);
        await ReinitializesAsync(client, primary, replica);
    }

    private async Task ReadsAsync(PatroniClient client, string primary, string replica)
    {
        var status = await client.GetStatusAsync(Address(primary), Cancellation);
        Assert.True(status.Role.IsPrimary);
        Assert.Equal((true, "shop", true), (status.State.IsUp, status.Scope, status.PatroniVersion!.StartsWith("3.", StringComparison.Ordinal)));
        Assert.InRange(status.ServerVersion!.Value, 150000, 159999);
        Assert.NotNull(status.PostmasterStartTime);
        Assert.NotNull(status.WalLocation);
        Assert.Equal(("sync", "streaming"), (status.Replication[0].SyncState, status.Replication[0].State));
        Assert.NotNull(status.DatabaseSystemIdentifier);
        var other = await client.GetStatusAsync(Address(replica), Cancellation);
        Assert.False(other.Role.IsPrimary);
        Assert.True(other.IsSynchronousStandby);
        Assert.NotNull(other.ReceivedLocation);

        var cluster = await client.GetClusterAsync(Address(replica), Cancellation);
        Assert.Equal((primary, true), (cluster.Leader!.Name, cluster.Find(replica)!.Role.IsSynchronous));
        Assert.Equal(Address(primary), PatroniAddress.Of(cluster.Leader));
        Assert.Equal(0, cluster.Find(replica)!.Lag!.Value.Bytes);
        Assert.Equal(1, (int)(await client.GetConfigurationAsync(Address(replica), Cancellation))!["loop_wait"]!);
        Assert.NotNull(await client.GetHistoryAsync(Address(primary), Cancellation));
        Assert.Null(await client.GetFailsafeMembersAsync(Address(primary), Cancellation));
        Assert.Contains("patroni_postgres_running{scope=\"shop\"} 1", await client.GetMetricsAsync(Address(primary), Cancellation), StringComparison.Ordinal);

        foreach (var (check, ofPrimary, ofReplica) in new[]
        {
            (HealthCheck.Primary, true, false), (HealthCheck.Leader, true, false), (HealthCheck.StandbyLeader, false, false), (HealthCheck.Replica, false, true),
            (HealthCheck.ReadOnly, true, true), (HealthCheck.ReadOnlySynchronous, true, true), (HealthCheck.Synchronous, false, true), (HealthCheck.Asynchronous, false, false),
            (HealthCheck.Running, true, true), (HealthCheck.Liveness, true, true), (HealthCheck.Readiness, true, true),
            (HealthCheck.Replica.WithMaximumLag(1024 * 1024), false, true), (HealthCheck.Replica.WithTag("zone", "nowhere"), false, false),
        })
        {
            var answers = (await client.CheckHealthAsync(Address(primary), check, Cancellation), await client.CheckHealthAsync(Address(replica), check, Cancellation));
            Assert.True((ofPrimary, ofReplica) == (answers.Item1.IsTrue, answers.Item2.IsTrue), $"{check.Path}: {answers}");
        }
    }

    private async Task AccessIsGuardedAsync(string primary, X509Certificate2 own)
    {
        using var nobody = Client(own, password: null);
        using var wrong = Client(own, password: "wrong");
        using var without = Client(null);
        using var stranger = new OwnAuthority("stranger");
        using var distrustful = new PatroniClient(new() { CertificateAuthorities = [X509CertificateLoader.LoadCertificateFromFile(stranger.File)], Retries = 0 }, TimeProvider.System);
        foreach (var refused in new[] { nobody, wrong, without })
        {
            var failure = await Assert.ThrowsAsync<PatroniException>(() => refused.PatchConfigurationAsync(Address(primary), new() { ["ttl"] = 77 }, Cancellation));
            Assert.Equal(PatroniFailure.Unauthorized, failure.Failure);
            Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
            // Reading is open.
            Assert.Equal(6, (int)(await refused.GetConfigurationAsync(Address(primary), Cancellation))!["ttl"]!);
        }

        Assert.Equal(PatroniFailure.Unreachable, (await Assert.ThrowsAsync<PatroniException>(() => distrustful.GetStatusAsync(Address(primary), Cancellation))).Failure);
    }

    private async Task ConfiguresAsync(PatroniClient client, string primary)
    {
        var patched = await client.PatchConfigurationAsync(Address(primary), new() { ["maximum_lag_on_failover"] = 1000, ["slots"] = new JsonObject { ["kept"] = new JsonObject { ["type"] = "physical" } } }, Cancellation);
        Assert.Equal(1000, (int)patched["maximum_lag_on_failover"]!);
        var without = await client.PatchConfigurationAsync(Address(primary), new() { ["slots"] = new JsonObject { ["kept"] = null } }, Cancellation);
        Assert.Null(without["slots"]!["kept"]);
        var whole = (JsonObject)without.DeepClone();
        whole["maximum_lag_on_failover"] = 33554432;
        whole.Remove("slots");
        Assert.Null((await client.ReplaceConfigurationAsync(Address(primary), whole, Cancellation))["slots"]);

        Assert.True((await client.PatchConfigurationAsync(Address(primary), new() { ["pause"] = true }, Cancellation))["pause"]!.GetValue<bool>());
        await UntilAsync(async () => (await client.GetClusterAsync(Address(primary), Cancellation)).Paused);
        Assert.Equal(SwitchoverOutcome.Refused, (await client.SwitchoverAsync(Address(primary), new() { Leader = primary, ScheduledAt = Tomorrow }, Cancellation)).Outcome);
        await client.PatchConfigurationAsync(Address(primary), new() { ["pause"] = null }, Cancellation);
        await UntilAsync(async () => !(await client.GetClusterAsync(Address(primary), Cancellation)).Paused);
    }

    private async Task RestartsAsync(PatroniClient client, string primary, string replica)
    {
        Assert.Equal(RestartOutcome.NotNeeded, (await client.RestartAsync(Address(replica), new(), Cancellation)).Outcome);
        await client.PatchConfigurationAsync(Address(primary), new() { ["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { ["max_connections"] = 101 } } }, Cancellation);
        foreach (var member in new[] { replica, primary })
        {
            await UntilAsync(async () => (await client.GetStatusAsync(Address(member), Cancellation)).PendingRestart);
            var started = (await client.GetStatusAsync(Address(member), Cancellation)).PostmasterStartTime;
            Assert.Equal(RestartOutcome.NotNeeded, (await client.RestartAsync(Address(member), new() { BelowVersion = "9.6.0" }, Cancellation)).Outcome);
            Assert.Equal(RestartOutcome.Done, (await client.RestartAsync(Address(member), new() { Timeout = TimeSpan.FromSeconds(30) }, Cancellation)).Outcome);
            Assert.True((await client.GetStatusAsync(Address(member), Cancellation)).PostmasterStartTime > started);
        }

        Assert.Equal(RestartOutcome.NotNeeded, (await client.RestartAsync(Address(replica), new() { OnlyIfPending = false, Role = "master" }, Cancellation)).Outcome);
        // A bare major version is none for Patroni.
        Assert.Equal(RestartOutcome.Refused, (await client.RestartAsync(Address(replica), new() { BelowVersion = "17" }, Cancellation)).Outcome);
        Assert.Equal(RestartOutcome.Refused, (await client.RestartAsync(Address(replica), new() { ScheduledAt = DateTimeOffset.UnixEpoch }, Cancellation)).Outcome);
        await HealthyAsync(client);
    }

    private async Task SchedulesAsync(PatroniClient client, string primary, string replica)
    {
        Assert.Equal(RestartOutcome.Scheduled, (await client.RestartAsync(Address(replica), new() { OnlyIfPending = false, ScheduledAt = Tomorrow }, Cancellation)).Outcome);
        Assert.Equal(Tomorrow, (await client.GetStatusAsync(Address(replica), Cancellation)).ScheduledRestart);
        Assert.Equal(RestartOutcome.Busy, (await client.RestartAsync(Address(replica), new() { ScheduledAt = Tomorrow.AddHours(1) }, Cancellation)).Outcome);
        Assert.True(await client.CancelRestartAsync(Address(replica), Cancellation));
        Assert.False(await client.CancelRestartAsync(Address(replica), Cancellation));

        Assert.Equal(SwitchoverOutcome.Scheduled, (await client.SwitchoverAsync(Address(replica), new() { Leader = primary, Candidate = replica, ScheduledAt = Tomorrow }, Cancellation)).Outcome);
        var scheduled = (await client.GetClusterAsync(Address(primary), Cancellation)).ScheduledSwitchover!;
        Assert.Equal((Tomorrow, primary, replica), (scheduled.At, scheduled.From, scheduled.To));
        Assert.True(await client.CancelSwitchoverAsync(Address(primary), Cancellation));
        Assert.False(await client.CancelSwitchoverAsync(Address(primary), Cancellation));
        await client.ReloadAsync(Address(primary), Cancellation);
    }

    private async Task<(string Primary, string Replica)> SwitchesOverAsync(PatroniClient client, string primary, string replica)
    {
        foreach (var request in new SwitchoverRequest[] { new() { Leader = replica }, new() { Leader = primary, Candidate = primary }, new() { Leader = primary, Candidate = "nobody" }, new() { Leader = primary, ScheduledAt = DateTimeOffset.UnixEpoch } })
        {
            var refused = await client.SwitchoverAsync(Address(primary), request, Cancellation);
            Assert.True(refused.Outcome == SwitchoverOutcome.Refused && refused.Text.Length > 0, $"{request}: {refused}");
        }

        var result = await client.SwitchoverAsync(Address(primary), new() { Leader = primary, Candidate = replica }, Cancellation);
        Assert.Equal((SwitchoverOutcome.Done, replica), (result.Outcome, result.NewLeader));
        Assert.Equal((replica, primary), await HealthyAsync(client));
        Assert.True((await client.GetHistoryAsync(Address(primary), Cancellation)).Count > 0);
        var failover = await client.FailoverAsync(Address(primary), primary, Cancellation);
        Assert.Equal((SwitchoverOutcome.Done, primary), (failover.Outcome, failover.NewLeader));
        return await HealthyAsync(client);
    }

    private async Task ReinitializesAsync(PatroniClient client, string primary, string replica)
    {
        Assert.False((await client.ReinitializeAsync(Address(primary), new(), Cancellation)).Started);
        Assert.True((await client.ReinitializeAsync(Address(replica), new() { Force = true }, Cancellation)).Started);
        Assert.Equal((primary, replica), await HealthyAsync(client));
    }

    private static DateTimeOffset Tomorrow { get; } = new(TimeProvider.System.GetUtcNow().Date.AddDays(2).AddHours(3), TimeSpan.Zero);

    private PatroniClient Client(X509Certificate2? own, string? password = "rest canary") => new(
        new()
        {
            CertificateAuthorities = [X509CertificateLoader.LoadCertificateFromFile(_authority.File)], ClientCertificate = own, UserName = password is null ? null : UserName, Password = () => password!, Retries = 0,
        },
        TimeProvider.System);

    private X509Certificate2 Certificate(string name)
    {
        var (certificate, key) = _authority.Files(name);
        return X509Certificate2.CreateFromPemFile(certificate, key);
    }

    private Uri Address(string member) => PatroniAddress.Of(Sandbox.Pods.Find("default", member)!.Address!.ToString(), tls: true);

    private async Task<(string Primary, string Replica)> HealthyAsync(PatroniClient client)
    {
        (string, string)? found = null;
        await UntilAsync(async () =>
        {
            foreach (var member in new[] { "shop-0", "shop-1" })
            {
                if (Sandbox.Pods.Find("default", member)?.Address is null) return false;
                var cluster = await client.GetClusterAsync(Address(member), Cancellation);
                if (cluster is { Leader: { State.IsUp: true } leader, Members.Count: 2 } && cluster.Members.FirstOrDefault(m => m.Name != leader.Name) is { State.IsUp: true, Role.IsSynchronous: true } other
                    && (await client.CheckHealthAsync(Address(leader.Name), HealthCheck.Primary, Cancellation)).IsTrue && (await client.CheckHealthAsync(Address(other.Name), HealthCheck.Synchronous, Cancellation)).IsTrue
                    && (await client.GetStatusAsync(Address(leader.Name), Cancellation)).Replication is [{ SyncState: "sync" }] && other.Lag is { Bytes: 0 })
                    found = (leader.Name, other.Name);
                else return false;
            }

            return found is not null;
        });
        return found!.Value;
    }

    // Patroni publishes once a loop, and tells nobody.
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        while (true)
        {
            try
            {
                if (await holds()) return;
            }
            catch (PatroniException e) when (e.Failure is PatroniFailure.Unreachable or PatroniFailure.Timeout or PatroniFailure.Unavailable)
            {
                // On its way up.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, limit.Token);
        }
    }
}
