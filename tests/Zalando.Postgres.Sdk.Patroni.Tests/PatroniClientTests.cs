using System.Net;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.Patroni;

namespace Zalando.Postgres.Sdk.Patroni.Tests;

public sealed class PatroniClientTests : IAsyncDisposable
{
    private readonly FakePatroni _fake = new();
    private readonly PatroniClient _client = new(new() { RetryDelay = TimeSpan.Zero }, TimeProvider.System);
    private readonly FakePatroniMember _leader;
    private readonly FakePatroniMember _replica;

    public PatroniClientTests()
    {
        _leader = _fake.AddMember("acid-0");
        _replica = _fake.AddMember("acid-1");
        _fake.AddMember("acid-2").Lag = null;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _fake.DisposeAsync();
    }

    [Fact]
    public async Task The_cluster_has_its_members_with_role_state_and_lag()
    {
        var cluster = await _client.GetClusterAsync(_replica.Url);
        Assert.Equal(("acid-0", "running", false), (cluster.Leader!.Name, cluster.Leader.State.Text, cluster.Leader.Lag.HasValue));
        Assert.Equal((0L, true, true), (cluster.Find("acid-1")!.Lag!.Value.Bytes, cluster.Find("acid-1")!.State.IsStreaming, cluster.Find("acid-1")!.Role.IsReplica));
        Assert.False(cluster.Find("acid-2")!.Lag!.Value.IsKnown);
        Assert.False(cluster.Find("acid-2")!.Lag!.Value.IsAtMost(long.MaxValue));
        Assert.Equal(_replica.Url, PatroniAddress.Of(cluster.Find("acid-1")!));
    }

    [Fact]
    public async Task Bodies_are_sent_with_their_length()
    {
        var configuration = await _client.PatchConfigurationAsync(_leader.Url, new() { ["ttl"] = 40, ["loop_wait"] = null, ["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { ["max_connections"] = "200" } } });
        Assert.Equal((40, false, "200"), (configuration["ttl"]!.GetValue<int>(), configuration.ContainsKey("loop_wait"), configuration["postgresql"]!["parameters"]!["max_connections"]!.GetValue<string>()));
        Assert.NotNull(_fake.Requests.Single().Body);
        Assert.Equal(40, (await _client.GetConfigurationAsync(_replica.Url))!["ttl"]!.GetValue<int>());
        Assert.Single(await _client.ReplaceConfigurationAsync(_leader.Url, new() { ["ttl"] = 30 }));
        _fake.Configuration = null;
        Assert.Null(await _client.GetConfigurationAsync(_replica.Url));
    }

    [Fact]
    public async Task A_patch_is_tried_again_after_a_conflict_and_reading_after_a_broken_connection()
    {
        var failures = new Queue<FakePatroniAnswer?>([new(409, "<html><p>Message: Conflict.</p></html>"), null, FakePatroniAnswer.Broken, new(503, "busy"), null]);
        _fake.Intercept = _ => failures.Dequeue();
        await _client.PatchConfigurationAsync(_leader.Url, new() { ["ttl"] = 40 });
        await _client.GetStatusAsync(_leader.Url);
        Assert.Equal(["PATCH", "PATCH", "GET", "GET", "GET"], _fake.Requests.Select(r => r.Method));
    }

    [Fact]
    public async Task A_switchover_is_done_and_names_the_new_leader()
    {
        var result = await _client.SwitchoverAsync(_leader.Url, new() { Leader = "acid-0", Candidate = "acid-1" });
        Assert.Equal((SwitchoverOutcome.Done, "acid-1"), (result.Outcome, result.NewLeader));
        Assert.Equal("acid-1", (await _client.GetClusterAsync(_leader.Url)).Leader!.Name);
    }

    [Theory]
    [InlineData(200, "Switched over to \"acid-2\" instead of \"acid-1\"", SwitchoverOutcome.OtherLeader, "acid-2")]
    [InlineData(202, "Switchover scheduled", SwitchoverOutcome.Scheduled, null)]
    [InlineData(412, "leader name does not match", SwitchoverOutcome.Refused, null)]
    [InlineData(400, "Switchover could be performed only from a specific leader", SwitchoverOutcome.Refused, null)]
    [InlineData(422, "Unable to parse scheduled timestamp", SwitchoverOutcome.Refused, null)]
    [InlineData(503, "Switchover failed", SwitchoverOutcome.Failed, null)]
    [InlineData(503, "Switchover status unknown", SwitchoverOutcome.Unknown, null)]
    public async Task Every_answer_to_a_switchover_is_a_value(int status, string text, SwitchoverOutcome outcome, string? leader)
    {
        _fake.Intercept = _ => new(status, text);
        var result = await _client.SwitchoverAsync(_leader.Url, new() { Leader = "acid-0", Candidate = "acid-1" });
        Assert.Equal((outcome, leader, text), (result.Outcome, result.NewLeader, result.Text));
        Assert.Single(_fake.Requests);
    }

    [Theory]
    [InlineData(200, "restarted successfully", RestartOutcome.Done)]
    [InlineData(202, "Restart scheduled", RestartOutcome.Scheduled)]
    [InlineData(503, "restart conditions are not satisfied", RestartOutcome.NotNeeded)]
    [InlineData(503, "reinitialize already in progress", RestartOutcome.Busy)]
    [InlineData(503, "postgres is still starting", RestartOutcome.StillStarting)]
    [InlineData(503, "restart failed", RestartOutcome.Failed)]
    [InlineData(409, "Another restart is already scheduled", RestartOutcome.Busy)]
    [InlineData(400, "PostgreSQL version should be in the first.major.minor format", RestartOutcome.Refused)]
    [InlineData(422, "Can't schedule restart in the past", RestartOutcome.Refused)]
    public async Task Every_answer_to_a_restart_is_a_value(int status, string text, RestartOutcome outcome)
    {
        _fake.Intercept = _ => new(status, text);
        var result = await _client.RestartAsync(_leader.Url, new());
        Assert.Equal((outcome, text), (result.Outcome, result.Text));
    }

    [Fact]
    public async Task A_restart_is_conditional_unless_asked_otherwise()
    {
        Assert.Equal(RestartOutcome.NotNeeded, (await _client.RestartAsync(_replica.Url, new())).Outcome);
        _replica.PendingRestart = true;
        Assert.True((await _client.GetStatusAsync(_replica.Url)).PendingRestart);
        Assert.Equal(RestartOutcome.Done, (await _client.RestartAsync(_replica.Url, new())).Outcome);
        await _client.RestartAsync(_replica.Url, new() { OnlyIfPending = false, Timeout = TimeSpan.FromSeconds(2.5), Role = "replica", BelowVersion = "17.5" });
        Assert.Equal("""{"role":"replica","postgres_version":"17.5","timeout":3}""", _fake.Requests[^1].Body!.ToJsonString());
        Assert.Equal(2, _replica.Restarts);
    }

    [Fact]
    public async Task Scheduled_actions_can_be_taken_back()
    {
        var at = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        Assert.Equal(SwitchoverOutcome.Scheduled, (await _client.SwitchoverAsync(_leader.Url, new() { Leader = "acid-0", Candidate = "acid-1", ScheduledAt = at })).Outcome);
        var scheduled = (await _client.GetClusterAsync(_leader.Url)).ScheduledSwitchover!;
        Assert.Equal((at, "acid-0", "acid-1"), (scheduled.At, scheduled.From, scheduled.To));
        Assert.True(await _client.CancelSwitchoverAsync(_leader.Url));
        Assert.False(await _client.CancelSwitchoverAsync(_leader.Url));
        Assert.False(await _client.CancelRestartAsync(_leader.Url));
    }

    [Fact]
    public async Task Health_paths_answer_yes_or_no_also_without_any_header()
    {
        Assert.True((await _client.CheckHealthAsync(_leader.Url, HealthCheck.Primary)).IsTrue);
        var no = await _client.CheckHealthAsync(_replica.Url, HealthCheck.Primary);
        Assert.Equal((false, "replica"), (no.IsTrue, no.Status!.Role.Text));
        var readiness = await _client.CheckHealthAsync(_replica.Url, HealthCheck.Readiness);
        Assert.Equal((true, null), (readiness.IsTrue, readiness.Status));
        Assert.Equal("/replica?lag=1024&tag_zone=a%20b", HealthCheck.Replica.WithMaximumLag(1024).WithTag("zone", "a b").Path);
    }

    [Fact]
    public async Task The_other_calls_arrive()
    {
        await _client.ReloadAsync(_leader.Url);
        Assert.True((await _client.ReinitializeAsync(_replica.Url, new() { Force = true, FromLeader = true })).Started);
        Assert.False((await _client.ReinitializeAsync(_leader.Url, new())).Started);
        Assert.Empty(await _client.GetHistoryAsync(_leader.Url));
        Assert.Null(await _client.GetFailsafeMembersAsync(_leader.Url));
        Assert.Contains("patroni_postgres_running", await _client.GetMetricsAsync(_leader.Url), StringComparison.Ordinal);
        Assert.Equal(SwitchoverOutcome.Done, (await _client.FailoverAsync(_leader.Url, "acid-1")).Outcome);
    }

    [Theory]
    [InlineData(401, "no auth header received", PatroniFailure.Unauthorized)]
    [InlineData(403, "Access is denied", PatroniFailure.Unauthorized)]
    [InlineData(501, "<!DOCTYPE HTML><html><body><p>Error code: 501</p><p>Message: Unsupported method ('PUT').</p></body></html>", PatroniFailure.Unavailable)]
    [InlineData(200, "<html>proxy</html>", PatroniFailure.Unreadable)]
    public async Task A_useless_answer_is_an_exception_with_the_servers_words(int status, string body, PatroniFailure failure)
    {
        _fake.Intercept = _ => new(status, body);
        var exception = await Assert.ThrowsAsync<PatroniException>(() => _client.ReplaceConfigurationAsync(_leader.Url, []));
        Assert.Equal((failure, (HttpStatusCode)status), (exception.Failure, exception.Status));
        Assert.StartsWith($"PUT /config at {_leader.Url}: {status} ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("DOCTYPE", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_member_is_given_up_after_the_deadline_of_the_call()
    {
        _fake.Intercept = _ => FakePatroniAnswer.Silent;
        using var client = new PatroniClient(new() { ReadTimeout = TimeSpan.FromMilliseconds(50), SwitchoverTimeout = TimeSpan.FromMilliseconds(50) }, TimeProvider.System);
        Assert.Equal(PatroniFailure.Timeout, (await Assert.ThrowsAsync<PatroniException>(() => client.GetStatusAsync(_leader.Url))).Failure);
        Assert.Equal(SwitchoverOutcome.Unknown, (await client.SwitchoverAsync(_leader.Url, new() { Leader = "acid-0" })).Outcome);
    }

    [Fact]
    public async Task A_member_that_is_gone_is_unreachable() =>
        Assert.Equal(PatroniFailure.Unreachable, (await Assert.ThrowsAsync<PatroniException>(() => _client.GetStatusAsync(new("http://127.0.0.1:1")))).Failure);

    [Fact]
    public async Task Basic_authentication_is_sent_and_never_shown()
    {
        using var client = new PatroniClient(new() { UserName = "admin", Password = () => "canary" }, TimeProvider.System);
        await client.GetStatusAsync(_leader.Url);
        Assert.Equal("Basic YWRtaW46Y2FuYXJ5", _fake.Requests[^1].Authorization);
        _fake.Intercept = _ => new(401, "not authenticated");
        Assert.DoesNotContain("canary", (await Assert.ThrowsAsync<PatroniException>(() => client.ReloadAsync(_leader.Url))).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_and_password_come_from_files_and_a_changed_password_counts_at_the_next_call()
    {
        using var directory = new TemporaryFiles();
        var password = directory.Write("password", "first\n");
        using var client = new PatroniClient(PatroniClientOptions.FromFiles(null, userName: "admin", passwordFile: password), TimeProvider.System);
        await client.GetStatusAsync(_leader.Url);
        Assert.Equal("Basic " + Convert.ToBase64String("admin:first"u8), _fake.Requests[^1].Authorization);
        directory.Write("password", "second");
        await client.GetStatusAsync(_leader.Url);
        Assert.Equal("Basic " + Convert.ToBase64String("admin:second"u8), _fake.Requests[^1].Authorization);
        var nothing = directory.Write("ca.crt", "no certificate");
        Assert.Contains(nothing, Assert.ThrowsAny<IOException>(() => PatroniClientOptions.FromFiles(nothing)).Message, StringComparison.Ordinal);
        Assert.Contains(nothing, Assert.ThrowsAny<IOException>(() => PatroniClientOptions.FromFiles(null, nothing)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<IOException>(() => PatroniClientOptions.FromFiles(nothing + ".missing"));
    }

    private sealed class TemporaryFiles : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("patroni-client");

        public string Write(string name, string text)
        {
            var file = Path.Combine(_directory.FullName, name);
            File.WriteAllText(file, text);
            return file;
        }

        public void Dispose() => _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("10.2.0.7", false, "http://10.2.0.7:8008/")]
    [InlineData("fd00::7", true, "https://[fd00::7]:8008/")]
    public void Addresses_are_made_of_what_pods_have(string host, bool tls, string expected) => Assert.Equal(expected, PatroniAddress.Of(host, tls: tls).AbsoluteUri);

    [Fact]
    public async Task Documents_of_other_versions_and_odd_types_are_read_as_far_as_they_go()
    {
        _fake.Intercept = _ => new(200, """
            {"state":"running","postmaster_start_time":"2024-08-28 19:39:26.352526+00:00","role":"master","server_version":150008,"timeline":null,"pause":"yes",
             "database_system_identifier":"7400000000000000001","replication":[{"usename":null,"sync_priority":0}],"dcs_last_seen":1724873966,"future":{"x":1},
             "xlog":{"location":67108960},"pending_restart":true,"pending_restart_reason":{"max_connections":{"old_value":"100","new_value":200}}}
            """, "application/json");
        var status = await _client.GetStatusAsync(_leader.Url);
        Assert.True(status.Role.IsPrimary);
        Assert.Equal((new DateTimeOffset(2024, 8, 28, 19, 39, 26, TimeSpan.Zero).AddTicks(3525260), null, false), (status.PostmasterStartTime, status.Timeline, status.Paused));
        Assert.Equal(new PendingSetting("100", "200"), status.PendingRestartReason["max_connections"]);
        Assert.Equal(1, status.Json["future"]!["x"]!.GetValue<int>());
        _fake.Intercept = _ => new(200, """[[1,67108960,"no recovery target specified","2024-08-28T19:39:26+00:00","acid-1"],[2,67109984,"no recovery target specified"],["x"]]""", "application/json");
        var history = await _client.GetHistoryAsync(_leader.Url);
        Assert.Equal((2, "acid-1", null), (history.Count, history[0].NewLeader, history[1].At));
    }
}
