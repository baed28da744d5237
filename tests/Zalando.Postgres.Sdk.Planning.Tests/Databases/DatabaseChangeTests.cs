using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Tests.Databases;

public sealed class DatabaseChangeTests
{
    private static readonly DatabaseChange[] Changes =
    [
        new CreateRole { Database = "postgres", Role = "a\"b", Attributes = RoleAttributes.LoginOnly, Password = new("canary") },
        new AlterRole { Database = "postgres", Role = "a", Attributes = RoleAttributes.NoLogin, Present = RoleAttributes.LoginOnly with { Superuser = true } },
        new SetRolePassword { Database = "postgres", Role = "a", Password = new("canary") },
        new SetRoleSetting { Database = "postgres", Role = "a", Name = "search_path", Values = ["$user", "da'ta"] },
        new SetRoleSetting { Database = "postgres", Role = "a", Name = "pg_stat_statements.track", Values = ["none"] },
        new GrantRole { Database = "postgres", Role = "a", Member = "b", WithAdmin = true },
        new CreateDatabase { Database = "postgres", Name = "d", Owner = "a" },
        new GrantDefaultPrivileges { Database = "d", Creator = "a", Schema = "s", Target = DefaultPrivilegeTarget.Tables, Privileges = [Privilege.Insert, Privilege.Update], Grantee = "b" },
        new CreatePublication { Database = "d", Publication = "p", Tables = ["data.orders", "plain"] },
    ];

    [Fact]
    public void The_statement_shows_what_is_done_with_quotes_doubled_and_secrets_hidden() => Assert.Equal(
        [
            "CREATE ROLE \"a\"\"b\" NOBYPASSRLS NOCREATEDB NOCREATEROLE INHERIT LOGIN NOREPLICATION NOSUPERUSER PASSWORD '***'",
            "ALTER ROLE \"a\" NOLOGIN NOSUPERUSER",
            "ALTER ROLE \"a\" PASSWORD '***'",
            "ALTER ROLE \"a\" SET \"search_path\" TO '$user', 'da''ta'",
            "ALTER ROLE \"a\" SET \"pg_stat_statements\".\"track\" TO 'none'",
            "GRANT \"a\" TO \"b\" WITH ADMIN OPTION",
            "CREATE DATABASE \"d\" OWNER \"a\"",
            "ALTER DEFAULT PRIVILEGES FOR ROLE \"a\" IN SCHEMA \"s\" GRANT INSERT, UPDATE ON TABLES TO \"b\"",
            "CREATE PUBLICATION \"p\" FOR TABLE \"data\".\"orders\", \"public\".\"plain\" WITH (publish = 'insert, update')",
        ],
        Changes.Select(c => c.Statement));

    [Fact]
    public void A_plan_with_database_changes_is_written_without_secrets_and_read_again()
    {
        var plan = new Plan
        {
            Cluster = new("default", "acid-test"),
            Changes = Changes.Select(c => new ChangeDatabase { Target = new() { Kind = ChangeTarget.DatabaseKind, Namespace = "default", Name = c.Database }, Change = c }).ToArray(),
        };
        var json = PlanJson.Write(plan);
        Assert.DoesNotContain("canary", json, StringComparison.Ordinal);
        var read = PlanJson.Read(json).Changes.Cast<ChangeDatabase>().Select(c => c.Change).ToArray();
        Assert.Equal(Changes.Skip(1).Select(c => c.Statement), read.Skip(1).Select(c => c.Statement));
        Assert.Equal(plan.Hash, (plan with { Findings = [] }).Hash);
    }
}
