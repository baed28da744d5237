using Zalando.Postgres.Sdk.Testing.Patroni;

namespace Zalando.Postgres.Sdk.Patroni.Tests;

/// <summary>Documents in the shape of Patroni 4: more positions, quorum, words instead of flags.</summary>
public sealed class VersionFourTests : IAsyncDisposable
{
    private readonly FakePatroni _fake = new();
    private readonly PatroniClient _client = new(new() { RetryDelay = TimeSpan.Zero, Retries = 0 }, TimeProvider.System);
    private readonly Uri _member;

    public VersionFourTests() => _member = _fake.AddMember("acid-0").Url;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _fake.DisposeAsync();
    }

    [Fact]
    public async Task Members_of_a_quorum_have_lags_of_receiving_and_of_replay()
    {
        _fake.Intercept = _ => new(200, """
            {"members":[
              {"name":"acid-0","role":"leader","state":"running","api_url":"https://10.2.0.7:8008/patroni","host":"10.2.0.7","port":5432,"timeline":3,
               "pending_restart":true,"pending_restart_reason":{"max_connections":{"old_value":"100","new_value":"200"}},"tags":{"failover_priority":2}},
              {"name":"acid-1","role":"quorum_standby","state":"streaming","api_url":"https://10.2.0.8:8008/patroni","host":"10.2.0.8","port":5432,"timeline":3,
               "lag":0,"lsn":"0/4000060","receive_lag":0,"receive_lsn":"0/4000060","replay_lag":4096,"replay_lsn":"0/3FFF060"},
              {"name":"acid-2","role":"replica","state":"starting","host":"10.2.0.9","port":5432,"lag":"unknown","lsn":"unknown","receive_lag":"unknown","replay_lag":"unknown","tags":{"nofailover":true}},
              {"name":"acid-3","role":"replica","state":"in archive recovery","lag":12,"tags":{"failover_priority":0}}],
             "scope":"acid","pause":true,"scheduled_switchover":{"at":"2030-01-31T12:00:00+00:00","from":"acid-0"}}
            """, "application/json");
        var cluster = await _client.GetClusterAsync(_member, TestContext.Current.CancellationToken);
        var (leader, quorum, starting, archive) = (cluster.Find("acid-0")!, cluster.Find("acid-1")!, cluster.Find("acid-2")!, cluster.Find("acid-3")!);
        Assert.Equal(("acid", true, "acid-0"), (cluster.Scope, cluster.Paused, cluster.Leader!.Name));
        Assert.Equal(new PendingSetting("100", "200"), leader.PendingRestartReason["max_connections"]);
        Assert.False(leader.IsExcludedFromFailover);
        Assert.Equal((0L, 0L, 4096L), (quorum.Lag!.Value.Bytes, quorum.ReceiveLag!.Value.Bytes, quorum.ReplayLag!.Value.Bytes));
        Assert.Equal(new Uri("https://10.2.0.8:8008"), PatroniAddress.Of(quorum));
        Assert.False(starting.Lag!.Value.IsKnown);
        Assert.False(starting.ReplayLag!.Value.IsAtMost(long.MaxValue));
        Assert.True(starting.IsExcludedFromFailover);
        Assert.True(archive.IsExcludedFromFailover);
        Assert.Null(cluster.ScheduledSwitchover!.To);
    }

    [Theory]
    [InlineData("""{"ttl":30,"synchronous_mode":"quorum","slots":{"a":{"type":"logical","database":"foo","plugin":"pgoutput"}},"postgresql":null}""")]
    [InlineData("""{"ttl":30,"postgresql":{"use_slots":true}}""")]
    [InlineData("""{"ttl":30,"postgresql":{"parameters":{"max_connections":100,"wal_buffers":2097152}}}""")]
    public async Task A_configuration_of_any_shape_is_read(string configuration)
    {
        _fake.Intercept = _ => new(200, configuration, "application/json");
        Assert.Equal(30, (await _client.GetConfigurationAsync(_member, TestContext.Current.CancellationToken))!["ttl"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_missing_configuration_is_none_and_not_an_error()
    {
        _fake.Intercept = _ => new(502, "<!DOCTYPE HTML><html><body><p>Message: Bad Gateway.</p></body></html>");
        Assert.Null(await _client.GetConfigurationAsync(_member, TestContext.Current.CancellationToken));
        Assert.Null(await _client.GetFailsafeMembersAsync(_member, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_member_of_version_four_one_says_primary_and_waits_with_seconds()
    {
        _fake.Intercept = _ => new(200, """{"state":"running","role":"primary","server_version":180001,"quorum_standby":true,"replication_state":"streaming","patroni":{"version":"4.1.4","scope":"acid","name":"acid-0"},"database_system_identifier":"7600000000000000001"}""", "application/json");
        var status = await _client.GetStatusAsync(_member, TestContext.Current.CancellationToken);
        Assert.Equal((true, 180001, "4.1.4", true), (status.Role.IsPrimary, status.ServerVersion, status.PatroniVersion, status.IsQuorumStandby));
        _fake.Intercept = _ => new(503, "Switchover status unknown after 20 seconds");
        Assert.Equal(SwitchoverOutcome.Unknown, (await _client.SwitchoverAsync(_member, new() { Leader = "acid-0" }, TestContext.Current.CancellationToken)).Outcome);
    }
}
