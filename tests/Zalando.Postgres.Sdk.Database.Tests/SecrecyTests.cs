using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Database.Tests;

public sealed class SecrecyTests(PostgresTemplate postgres)
{
    [Fact]
    public async Task Passwords_and_their_verifiers_reach_no_log_no_statistics_no_plan_and_no_exception()
    {
        await using var instance = await postgres.StartAsync();
        var password = "canary-first";
        var convergence = new Convergence(instance, new() { Users = new Dictionary<string, IReadOnlyList<string>?> { ["app"] = [] } }) { Password = _ => password };
        var plan = await convergence.PlanAsync();
        var shown = new List<string> { PlanJson.Write(new Plan { Cluster = new("default", "acid-test"), Changes = plan.Changes }), string.Join('\n', plan.Changes) };
        await convergence.ConvergeAsync();
        password = "canary-second";
        plan = await convergence.PlanAsync();
        Assert.Equal(["app", "standby"], plan.Changes.Select(c => c.Change).OfType<SetRolePassword>().Select(c => c.Role));
        shown.Add(PlanJson.Write(new Plan { Cluster = new("default", "acid-test"), Changes = plan.Changes }) + string.Join('\n', plan.Changes));
        Assert.Empty((await convergence.ConvergeAsync()).Changes);

        await using var server = new PostgresServer(instance.Settings);
        var failure = await Assert.ThrowsAsync<DatabaseException>(() => server.ApplyAsync(new SetRolePassword { Database = "postgres", Role = "gone", Password = new("canary-third") }));
        Assert.Equal((DatabaseFailure.Outdated, "42704"), (failure.Failure, failure.SqlState));
        Assert.Contains("role \"gone\" does not exist", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<DatabaseException>(() => server.ApplyAsync(new CreateRole { Database = "postgres", Role = "app", Attributes = RoleAttributes.LoginOnly, Password = new("canary-fourth") }));
        shown.Add(failure.ToString());

        var verifier = await instance.ScalarAsync("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'");
        Assert.True(ScramVerifier.TryParse(verifier)!.Matches("canary-second"));
        shown.AddRange(await instance.RowsAsync("postgres", "SELECT query FROM pg_stat_statements"));
        shown.Add(instance.Log);
        Assert.Contains("set_config('postgres_operator.a0'", instance.Log, StringComparison.Ordinal);
        Assert.All(shown, text => Assert.DoesNotContain("canary", text, StringComparison.Ordinal));
        Assert.All(shown, text => Assert.DoesNotContain("SCRAM-SHA-256$4096", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_a_cluster_asks_for_md5_the_hash_is_kept_and_recognised()
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, new()
        {
            Users = new Dictionary<string, IReadOnlyList<string>?> { ["app"] = [] },
            Postgresql = new() { Parameters = new Dictionary<string, string> { ["password_encryption"] = "md5" } },
        });
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        Assert.StartsWith("md5", await instance.ScalarAsync("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'"), StringComparison.Ordinal);
    }
}
