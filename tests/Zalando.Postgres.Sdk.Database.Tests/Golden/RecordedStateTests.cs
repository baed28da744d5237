using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Database.Tests.Golden;

public sealed class RecordedStateTests(PostgresTemplate postgres)
{
    [Theory]
    [InlineData("minimal-db")]
    [InlineData("prepared-databases-db")]
    [InlineData("users-flags-db")]
    [InlineData("cross-namespace-db")]
    [InlineData("infrastructure-roles-db")]
    [InlineData("teams-db")]
    [InlineData("teams-api-db")]
    [InlineData("pooler-db")]
    [InlineData("pooler-custom-db")]
    [InlineData("rotation-db")]
    [InlineData("rotation-selected-db")]
    [InlineData("streams-db")]
    [InlineData("tls-with-ca")]
    [InlineData("update-db")]
    [InlineData("upgrade-db")]
    [InlineData("upgrade-window-closed-db")]
    public async Task The_server_ends_as_the_recorded_statements_leave_it_and_then_nothing_is_changed(string name)
    {
        var recorded = GoldenCase.Load(name);
        await using var theirs = await postgres.StartAsync();
        foreach (var (database, sql) in recorded.Statements) await theirs.ExecuteAsync(database, sql);
        await using var ours = await postgres.StartAsync();
        await using var server = new PostgresServer(ours.Settings);
        var plan = await ConvergenceAsync(server, recorded);
        Assert.NotEmpty(plan.Changes);
        Assert.DoesNotContain(plan.Findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal(await ServerCatalogue.ReadAsync(theirs), await ServerCatalogue.ReadAsync(ours));
        Assert.Empty((await PlanAsync(server, recorded)).Changes.Select(c => $"{c.Change} because {c.Reasons[0]}"));

        // A server that the reference made is taken over as it is; only the lookup function is ours, and members of teams are marked. (Infrastructure
        // roles bring their own passwords, which the replayed statements do not have.)
        var infrastructure = recorded.Inputs.InfrastructureRoles.Select(r => r.Name).ToHashSet();
        await using var taken = new PostgresServer(theirs.Settings);
        Assert.Empty((await PlanAsync(taken, recorded)).Changes.Where(c => c.Change is not (CommentOnRole or InstallPoolerLookup) && !(c.Change is SetRolePassword set && infrastructure.Contains(set.Role))).Select(c => $"{c.Change} because {c.Reasons[0]}"));
    }

    private static async Task<DatabasePlan> ConvergenceAsync(PostgresServer server, GoldenCase recorded)
    {
        var plan = await PlanAsync(server, recorded);
        foreach (var change in plan.Changes)
        {
            // A table of a stream that does not exist yet is the owner's business; the others go on.
            try
            {
                await server.ApplyAsync(change.Change);
            }
            catch (DatabaseException e) when (change.Change is CreatePublication && e.SqlState == "3F000")
            {
            }
        }

        return plan;
    }

    private static async Task<DatabasePlan> PlanAsync(PostgresServer server, GoldenCase recorded)
    {
        var roles = DesiredRoles.Build(recorded.Manifest, recorded.Settings, recorded.Inputs)
            .WithPasswords(r => new(r.Name, new(PostgresTemplate.Password)));
        var databases = DesiredDatabases.Build(recorded.Manifest, recorded.Settings, roles);
        var plan = DatabasePlanner.Plan(recorded.Manifest, recorded.Settings, roles, databases, await server.ObserveAsync(databases.NeedsContentsOf), new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return plan with { Changes = plan.Changes.Where(c => c.Change is not CreatePublication || plan.Changes.Count > 1).ToArray() };
    }
}
