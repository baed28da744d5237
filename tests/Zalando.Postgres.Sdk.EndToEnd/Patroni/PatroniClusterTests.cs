using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Patroni;

public sealed class PatroniClusterTests(ShopCluster shop)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stateful_set_of_two_becomes_a_primary_with_a_streaming_replica()
    {
        var (primary, replica) = await shop.HealthyAsync(Cancellation);
        Assert.Equal("master", (string?)shop.Pod(primary)["metadata"]!["labels"]!["spilo-role"]);
        Assert.Equal("replica", (string?)shop.Pod(replica)["metadata"]!["labels"]!["spilo-role"]);
        Assert.Null(shop.Pod(replica)["metadata"]!["labels"]!["critical-operation"]);
        Assert.NotEqual(shop.Sandbox.Pods.Find("default", primary)!.Address, shop.Sandbox.Pods.Find("default", replica)!.Address);

        await using var connection = await shop.ConnectAsync(Cancellation);
        Assert.Equal("streaming", await ShopCluster.ScalarAsync(connection, "select state from pg_stat_replication where application_name like 'shop-%'", Cancellation));
        Assert.Equal("on", await ShopCluster.ScalarAsync(connection, "show ssl", Cancellation));
        Assert.Equal("100MB", await ShopCluster.ScalarAsync(connection, "show shared_buffers", Cancellation));
        Assert.Equal("admin,cron_admin,robot_zmon,zalandos", await ShopCluster.ScalarAsync(connection, "select string_agg(rolname, ',' order by rolname) from pg_roles where rolname in ('admin', 'cron_admin', 'robot_zmon', 'zalandos') and not rolcanlogin", Cancellation));
    }

}
