using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests;

/// <summary>Observes, plans and applies for one manifest, as the engine does.</summary>
internal sealed class Convergence(PostgresInstance instance, PostgresqlSpec spec)
{
    public OperatorSettings Settings { get; init; } = OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = false } };

    public DateTimeOffset Now { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RoleInputs Inputs { get; init; } = RoleInputs.None;

    public Func<DesiredRole, string> Password { get; init; } = _ => PostgresTemplate.Password;

    /// <summary>User name that the Secret of a role holds.</summary>
    public Func<DesiredRole, string> UserName { get; init; } = r => r.Name;

    public async Task<DatabasePlan> PlanAsync()
    {
        await using var server = new PostgresServer(instance.Settings);
        return await PlanAsync(server);
    }

    /// <summary>Makes all changes of one plan, then says what is left.</summary>
    public async Task<DatabasePlan> ConvergeAsync()
    {
        await using var server = new PostgresServer(instance.Settings);
        foreach (var change in (await PlanAsync(server)).Changes) await server.ApplyAsync(change.Change);
        return await PlanAsync(server);
    }

    private async Task<DatabasePlan> PlanAsync(PostgresServer server)
    {
        var manifest = new Postgresql { Metadata = new() { Name = "acid-test", Namespace = "default" }, Spec = spec };
        var roles = DesiredRoles.Build(manifest, Settings, Inputs)
            .WithPasswords(r => new(UserName(r), new(r.SystemKey == "superuser" ? PostgresTemplate.Password : Password(r))));
        var databases = DesiredDatabases.Build(manifest, Settings, roles);
        return DatabasePlanner.Plan(manifest, Settings, roles, databases, await server.ObserveAsync(databases.NeedsContentsOf), Now);
    }
}
