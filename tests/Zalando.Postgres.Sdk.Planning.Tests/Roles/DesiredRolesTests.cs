using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class DesiredRolesTests
{
    private static readonly OperatorSettings Settings = OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = false } };

    [Fact]
    public void The_minimal_manifest_gets_its_users_the_system_users_and_the_roles_of_its_prepared_database()
    {
        var roles = Build(new()
        {
            TeamId = "acid",
            Users = new Dictionary<string, IReadOnlyList<string>?> { ["zalando"] = ["superuser", "createdb"], ["foo_user"] = [] },
            Databases = new Dictionary<string, string> { ["foo"] = "zalando" },
            PreparedDatabases = new Dictionary<string, PreparedDatabase?> { ["bar"] = new() },
        });
        Assert.Empty(roles.Findings);
        Assert.Equal(["bar_data_owner", "bar_data_reader", "bar_data_writer", "bar_owner", "bar_reader", "bar_writer", "foo_user", "postgres", "standby", "zalando"], roles.Roles.Keys);
        var zalando = roles.Roles["zalando"];
        Assert.Equal(["CREATEDB", "LOGIN", "SUPERUSER"], zalando.Attributes.WordsMissingFrom(RoleAttributes.NoLogin));
        Assert.Equal(("admin", true, "default"), (zalando.AdminRole, zalando.IsDatabaseOwner, zalando.SecretNamespace));
        Assert.Equal("foo-user.acid-test.credentials.postgresql.acid.zalan.do", roles.Roles["foo_user"].SecretName);
        Assert.False(roles.Roles["bar_data_owner"].HasSecret);
        Assert.Equal("\"$user\", \"data\"", roles.Roles["bar_reader"].Settings["search_path"]);
        Assert.Equal([new RoleGrant("bar_data_reader", "bar_data_writer", false), new RoleGrant("bar_data_writer", "bar_data_owner", true)], roles.Roles["bar_data_writer"].Grants);
        Assert.Equal("postgres", roles.Superuser.Name);
    }

    [Fact]
    public void An_empty_section_of_prepared_databases_means_one_named_like_the_cluster()
    {
        var roles = Build(new() { PreparedDatabases = new Dictionary<string, PreparedDatabase?>() });
        Assert.Equal(
            ["acid_test_data_owner", "acid_test_data_reader", "acid_test_data_writer", "acid_test_owner", "acid_test_reader", "acid_test_writer"],
            roles.Roles.Values.Where(r => r.Origin == RoleOrigin.PreparedDatabase).Select(r => r.Name));
    }

    [Fact]
    public void Default_users_of_database_and_schema_make_twelve_roles()
    {
        var roles = Build(new()
        {
            PreparedDatabases = new Dictionary<string, PreparedDatabase?>
            {
                ["foo"] = new() { DefaultUsers = true, Schemas = new Dictionary<string, PreparedSchema?> { ["bar"] = new() { DefaultUsers = true } } },
            },
        });
        Assert.Equal(12, roles.Roles.Values.Count(r => r.Origin == RoleOrigin.PreparedDatabase));
        Assert.Equal(("admin", "foo_owner", "foo_owner", "foo_owner", "foo_bar_owner"), (roles.Roles["foo_owner"].AdminRole, roles.Roles["foo_writer"].AdminRole,
            roles.Roles["foo_reader_user"].AdminRole, roles.Roles["foo_bar_owner"].AdminRole, roles.Roles["foo_bar_writer_user"].AdminRole));
        Assert.Equal(["foo_bar_writer"], roles.Roles["foo_bar_writer_user"].MemberOf);
        Assert.Equal(["foo_reader"], roles.Roles["foo_writer"].MemberOf);
    }

    [Fact]
    public void The_search_path_lists_schemas_in_a_fixed_order()
    {
        var roles = Build(new()
        {
            PreparedDatabases = new Dictionary<string, PreparedDatabase?>
            {
                ["foo"] = new() { Schemas = new Dictionary<string, PreparedSchema?> { ["z"] = null, ["a"] = new() { DefaultRoles = false } } },
            },
        });
        Assert.Equal("\"$user\", \"a\", \"z\"", roles.Roles["foo_owner"].Settings["search_path"]);
        Assert.DoesNotContain("foo_a_owner", roles.Roles.Keys);
        Assert.Contains("foo_z_owner", roles.Roles.Keys);
    }

    [Theory]
    [InlineData("user", true)]
    [InlineData("appspace.user", true)]
    [InlineData("appspace.dot.user", true)]
    [InlineData("user_name", true)]
    [InlineData("app_space.user_name", true)]
    [InlineData("_", false)]
    [InlineData(".user", false)]
    [InlineData("appspace.", false)]
    [InlineData("user_", false)]
    [InlineData("_user", false)]
    [InlineData("-user", false)]
    [InlineData("user-", false)]
    [InlineData("namespace,user", false)]
    [InlineData("!fooBar", false)]
    [InlineData("user\n", false)]
    [InlineData("x\" superuser; --", false)]
    [InlineData("pg_monitor", false)]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123", false)]
    public void A_user_name_follows_the_rule_or_is_refused(string name, bool valid)
    {
        var roles = Build(new() { Users = new Dictionary<string, IReadOnlyList<string>?> { [name] = [] } });
        Assert.Equal(valid, roles.Roles.ContainsKey(name));
        if (!valid)
        {
            var finding = Assert.Single(roles.Findings);
            Assert.Equal((FindingSeverity.Error, "InvalidRoleName", $"spec.users[{name}]"), (finding.Severity, finding.Code, finding.FieldPath));
            Assert.StartsWith($"invalid username: \"{name}\"", finding.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("!superuser", "user flag \"!superuser\" is not alphanumeric")]
    [InlineData("superuser1", "user flag \"SUPERUSER1\" is not valid")]
    [InlineData("inherit,noinherit", "conflicting user flags: \"NOINHERIT\" and \"INHERIT\"")]
    [InlineData("createdb;drop", "user flag \"createdb;drop\" is not alphanumeric")]
    public void A_wrong_flag_is_refused_with_its_name(string flags, string message)
    {
        var roles = Build(new() { Users = new Dictionary<string, IReadOnlyList<string>?> { ["foobar"] = flags.Split(',') } });
        Assert.Contains($"invalid flags for user \"foobar\": {message}", Assert.Single(roles.Findings).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("foobar", roles.Roles.Keys);
    }

    [Theory]
    [InlineData("", "LOGIN")]
    [InlineData("nologin", "NOLOGIN")]
    [InlineData("CREATEDB,createrole,login", "CREATEDB CREATEROLE LOGIN")]
    [InlineData("noinherit,replication,bypassrls", "BYPASSRLS NOINHERIT LOGIN REPLICATION")]
    public void Flags_are_read_in_any_order_and_case(string flags, string expected)
    {
        Assert.True(Zalando.Postgres.Sdk.Planning.Roles.RoleFlags.TryParse(flags.Split(',', StringSplitOptions.RemoveEmptyEntries), out var attributes, out _));
        Assert.Equal(expected, attributes.ToString());
    }

    [Fact]
    public void System_users_and_protected_roles_cannot_be_redefined_by_anybody()
    {
        var roles = Build(
            new()
            {
                TeamId = "acid",
                EnableConnectionPooler = true,
                Streams = [new() { ApplicationId = "a", Database = "foo" }],
                Users = new[] { "postgres", "standby", "admin", "cron_admin", "pooler", "fes_user" }.ToDictionary(n => n, _ => (IReadOnlyList<string>?)["superuser"]),
            },
            new()
            {
                InfrastructureRoles = [new() { Name = "postgres", Password = new("x"), Flags = ["nologin"] }],
                PostgresTeams = TeamGraph.From([new() { Spec = new() { AdditionalMembers = new Dictionary<string, IReadOnlyList<string>?> { ["acid"] = ["admin", "standby"] } } }]),
            },
            Settings with { TeamsApi = Settings.TeamsApi with { EnablePostgresTeamCrd = true } });
        Assert.Equal(["fes_user", "pooler", "postgres", "standby"], roles.Roles.Keys);
        Assert.All(roles.Roles.Values, r => Assert.False(r.Attributes.Superuser));
        Assert.True(roles.Roles["fes_user"].Attributes.Replication);
        Assert.Equal(9, roles.Findings.Count(f => f.Code == "ProtectedRoleName"));
    }

    [Fact]
    public void A_prepared_database_cannot_take_over_a_system_user()
    {
        var settings = Settings with { Users = Settings.Users with { SuperUserName = "bar_owner" } };
        var roles = Build(new() { PreparedDatabases = new Dictionary<string, PreparedDatabase?> { ["bar"] = new() } }, RoleInputs.None, settings);
        Assert.Equal("superuser", roles.Roles["bar_owner"].SystemKey);
        Assert.Contains(roles.Findings, f => f is { Code: "ProtectedRoleName", Severity: FindingSeverity.Error });
    }

    [Fact]
    public void Of_two_definitions_the_higher_origin_wins_as_a_whole()
    {
        var roles = Build(
            new() { Users = new Dictionary<string, IReadOnlyList<string>?> { ["foo"] = ["superuser", "createdb"], ["bar_owner"] = ["superuser"] }, PreparedDatabases = new Dictionary<string, PreparedDatabase?> { ["bar"] = new() } },
            new() { InfrastructureRoles = [new() { Name = "foo", Password = new("bar"), MemberOf = ["robot", ""] }] });
        Assert.Equal((RoleOrigin.Infrastructure, "LOGIN"), (roles.Roles["foo"].Origin, roles.Roles["foo"].Attributes.ToString()));
        Assert.Equal(["robot"], roles.Roles["foo"].MemberOf);
        Assert.Equal((RoleOrigin.PreparedDatabase, "NOLOGIN"), (roles.Roles["bar_owner"].Origin, roles.Roles["bar_owner"].Attributes.ToString()));
        Assert.Equal(2, roles.Findings.Count(f => f.Code == "RoleDefinedTwice"));
    }

    [Fact]
    public void Owners_become_members_of_the_additional_owner_roles()
    {
        var settings = Settings with { Users = Settings.Users with { AdditionalOwnerRoles = ["cron_admin", "part_man"] } };
        var roles = Build(
            new()
            {
                Users = new[] { "foo_owner", "bar_owner", "app_user" }.ToDictionary(n => n, _ => (IReadOnlyList<string>?)[]),
                Databases = new Dictionary<string, string> { ["foo_db"] = "foo_owner", ["bar_db"] = "bar_owner" },
            },
            RoleInputs.None,
            settings);
        Assert.Equal(["cron_admin", "part_man"], roles.Roles["foo_owner"].MemberOf);
        Assert.Equal(["cron_admin", "part_man"], roles.Roles["bar_owner"].MemberOf);
        Assert.Empty(roles.Roles["app_user"].MemberOf);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("standby")]
    [InlineData("admin")]
    [InlineData("x; drop table")]
    public void A_pooler_user_that_is_taken_falls_back_to_the_configured_one_everywhere(string name)
    {
        var roles = Build(new() { ConnectionPooler = new() { User = name } });
        Assert.Equal("pooler", roles.Pooler!.Name);
        Assert.Equal("PoolerUser", Assert.Single(roles.Findings).Code);
    }

    [Fact]
    public void Secrets_go_to_other_namespaces_only_when_that_is_switched_on()
    {
        var spec = new PostgresqlSpec
        {
            Users = new Dictionary<string, IReadOnlyList<string>?> { ["appspace.db_user"] = [], ["db_user"] = [] },
            PreparedDatabases = new Dictionary<string, PreparedDatabase?> { ["pdb"] = new() { DefaultUsers = true, SecretNamespace = "otherspace" } },
        };
        var off = Build(spec);
        Assert.All(off.Roles.Values.Where(r => r.HasSecret), r => Assert.Equal("default", r.SecretNamespace));
        Assert.Equal("SecretNamespace", Assert.Single(off.Findings).Code);
        var on = Build(spec, RoleInputs.None, Settings with { Kubernetes = Settings.Kubernetes with { EnableCrossNamespaceSecret = true } });
        Assert.Equal(("appspace", "default", "otherspace", "default"), (on.Roles["appspace.db_user"].SecretNamespace, on.Roles["db_user"].SecretNamespace,
            on.Roles["pdb_owner_user"].SecretNamespace, on.Roles["postgres"].SecretNamespace));
        Assert.Equal("appspace.db-user.acid-test.credentials.postgresql.acid.zalan.do", on.Roles["appspace.db_user"].SecretName);
    }

    [Fact]
    public void Two_roles_with_one_secret_are_reported()
    {
        var roles = Build(new() { Users = new Dictionary<string, IReadOnlyList<string>?> { ["a-b"] = [], ["a_b"] = [] } });
        Assert.Contains("\"a-b\" and \"a_b\"", Assert.Single(roles.Findings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo", "foo", "foo")]
    [InlineData("foo", "foo261121", "foo261121")]
    [InlineData("foo", "foo_x261121", null)]
    [InlineData("foo", "foo269999", null)]
    [InlineData("foo", "postgres", null)]
    [InlineData("foo", "x\" superuser", null)]
    public void A_secret_reaches_only_its_own_role_or_its_dated_stand_in(string role, string userName, string? reached)
    {
        var roles = Build(new() { Users = new Dictionary<string, IReadOnlyList<string>?> { [role] = ["createdb"] } })
            .WithPasswords(r => r.Name == role ? new(userName, new("canary")) : null);
        Assert.Equal(reached, roles.Roles.Values.SingleOrDefault(r => r.Password is not null)?.Name);
        if (reached is null) Assert.Equal(userName, Assert.Single(roles.Findings, f => f.Code == "SecretUserName").Value);
        else if (reached != role)
        {
            Assert.Equal((role, "CREATEDB LOGIN"), (roles.Roles[reached].RotationOf, roles.Roles[reached].Attributes.ToString()));
            Assert.Equal([role], roles.Roles[reached].MemberOf);
        }

        Assert.DoesNotContain("canary", string.Join('|', roles.Roles.Values) + string.Join('|', roles.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_declared_absent_is_not_wanted_any_more()
    {
        var roles = Build(new()
        {
            Users = new Dictionary<string, IReadOnlyList<string>?> { ["old"] = [], ["kept"] = [] },
            UserOptions = new Dictionary<string, UserOptions> { ["old"] = new() { State = "absent" }, ["kept"] = new() { MemberOf = ["pg_monitor", "postgres"] }, ["postgres"] = new() { State = "absent" } },
        });
        Assert.Equal(["old"], roles.Absent);
        Assert.DoesNotContain("old", roles.Roles.Keys);
        Assert.Equal(["pg_monitor"], roles.Roles["kept"].MemberOf);
        Assert.Equal(["InvalidMembership", "ProtectedRoleName"], roles.Findings.Select(f => f.Code).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_role_that_left_the_users_is_taken_away_only_where_it_is_the_manifests_to_take()
    {
        var absent = new[] { "gone", "postgres", "standby", "admin", "zalandos", "pg_monitor", "bar_owner", "robot" }.ToDictionary(n => n, _ => new UserOptions { State = "absent" });
        absent["staying"] = new() { State = "present" };
        var roles = Build(
            new() { Users = new Dictionary<string, IReadOnlyList<string>?>(), UserOptions = absent, PreparedDatabases = new Dictionary<string, PreparedDatabase?> { ["bar"] = null } },
            new() { InfrastructureRoles = [new() { Name = "robot", Password = new("canary") }] });
        Assert.Equal(["gone"], roles.Absent);
        Assert.Equal(["admin", "pg_monitor", "postgres", "standby", "zalandos"], roles.Findings.Where(f => f.FieldPath.StartsWith("spec.userOptions", StringComparison.Ordinal)).Select(f => f.Value).Order(StringComparer.Ordinal));
    }

    private static DesiredRoles Build(PostgresqlSpec spec, RoleInputs? inputs = null, OperatorSettings? settings = null) =>
        DesiredRoles.Build(new() { Metadata = new() { Name = "acid-test", Namespace = "default" }, Spec = spec }, settings ?? Settings, inputs ?? RoleInputs.None);
}
