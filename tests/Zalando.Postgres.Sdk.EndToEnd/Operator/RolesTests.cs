using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>Roles and passwords of every origin, in a real database: what counts is who can log in.</summary>
public sealed class RolesTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Name = OperatorCluster.Name;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Owners_become_members_of_additional_roles_also_where_the_membership_was_the_wrong_way_round()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        await ExecuteAsync("grant bar_owner to cron_admin");
        Users(u => u with { AdditionalOwnerRoles = ["cron_admin"] });
        await AnswersAsync(
            "bar_data_owner, bar_owner, zalando",
            "select string_agg(m.rolname, ', ' order by m.rolname) from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid where r.rolname = 'cron_admin'");
        await AnswersAsync("false", "select pg_has_role('cron_admin', 'bar_owner', 'member')::text");
        Users(u => u with { AdditionalOwnerRoles = null });
    }

    [Fact]
    public async Task Members_of_a_postgres_team_come_go_and_come_back()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        Teams(t => t with { EnablePostgresTeamCrd = true, EnableTeamMemberDeprecation = true, RoleDeletionSuffix = "_delete_me" });
        cluster.Api.Create(PostgresTeam.Descriptor, new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1",
            ["kind"] = "PostgresTeam",
            ["metadata"] = new JsonObject { ["name"] = "custom-team-membership", ["namespace"] = "default" },
            ["spec"] = new JsonObject
            {
                ["additionalTeams"] = new JsonObject { ["acid"] = new JsonArray("e2e") },
                ["additionalMembers"] = new JsonObject { ["acid"] = new JsonArray("elephant"), ["e2e"] = new JsonArray("kind") },
            },
        });
        await LoginsAsync("elephant +, kind +");
        Members("tester");
        await LoginsAsync("elephant +, kind_delete_me -, tester +");
        // The name for the deprecated role is taken: the login goes all the same.
        await ExecuteAsync("create role tester_delete_me nologin");
        Members("kind");
        await LoginsAsync("elephant +, kind +, tester -, tester_delete_me -");
        Members("kind", "tester");
        await LoginsAsync("elephant +, kind +, tester +, tester_delete_me -");
        cluster.Api.Delete(PostgresTeam.Descriptor, "default", "custom-team-membership");

        void Members(params string[] names) => cluster.Edit(
            PostgresTeam.Descriptor, "custom-team-membership", team => team["spec"]!["additionalMembers"]!["e2e"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]));

        Task LoginsAsync(string wanted) => AnswersAsync(
            wanted, "select string_agg(rolname || case when rolcanlogin then ' +' else ' -' end, ', ' order by rolname) from pg_roles where rolname ~ '^(elephant|kind|tester)'");
    }

    [Fact]
    public async Task Infrastructure_roles_of_both_forms_log_in_with_the_passwords_of_their_secrets()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        CreateSecret("postgresql-infrastructure-roles", ("user1", "robot_zmon_acid_monitoring"), ("password1", "first secret"), ("inrole1", "robot_zmon"));
        CreateSecret("postgresql-infrastructure-roles-new", ("user", "robot_zmon_acid_monitoring_new"), ("password", "second secret"));
        cluster.Configure(p => p with
        {
            Kubernetes = (p.Kubernetes ?? new()) with
            {
                InfrastructureRolesSecretName = "default/postgresql-infrastructure-roles",
                InfrastructureRolesSecrets = [new() { SecretName = "default/postgresql-infrastructure-roles-new", UserKey = "user", RoleKey = "memberof", PasswordKey = "password", DefaultRoleValue = "robot_zmon" }],
            },
        });
        await LogsInAsync("robot_zmon_acid_monitoring", "first secret", "postgres");
        await LogsInAsync("robot_zmon_acid_monitoring_new", "second secret", "postgres");
        await AnswersAsync(
            "robot_zmon_acid_monitoring, robot_zmon_acid_monitoring_new",
            "select string_agg(rolname, ', ' order by rolname) from pg_roles where rolname like 'robot_zmon_acid%' and pg_has_role(oid, 'robot_zmon', 'member')");
        cluster.Edit(KubernetesKinds.Secret, "postgresql-infrastructure-roles-new", s => s["data"]!["password"] = Convert.ToBase64String("third secret"u8));
        await LogsInAsync("robot_zmon_acid_monitoring_new", "third secret", "postgres");

        void CreateSecret(string name, params (string Key, string Value)[] data) => cluster.Api.Create(KubernetesKinds.Secret, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["type"] = "Opaque",
            ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)JsonValue.Create(Convert.ToBase64String(Encoding.UTF8.GetBytes(d.Value)))))),
        });
    }

    [Fact]
    public async Task A_user_of_another_namespace_logs_in_with_its_only_secret_there()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        cluster.Api.Create(KubernetesKinds.Namespace, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "test" } });
        cluster.Configure(p => p with { Kubernetes = (p.Kubernetes ?? new()) with { EnableCrossNamespaceSecret = true } });
        cluster.Edit(spec => spec["users"]!["test.db_user"] = new JsonArray());
        await cluster.UntilAsync("the Secret is in the namespace test", () => Secrets() is { Length: 1 }, Cancelled);
        var data = Secrets()[0].Data!;
        Assert.Equal("test.db_user", Encoding.UTF8.GetString(data["username"]));
        await LogsInAsync("test.db_user", Encoding.UTF8.GetString(data["password"]), "foo");
        await cluster.PassesAsync(Name, 2, Cancelled);
        Assert.Single(Secrets());
        cluster.Edit(spec => ((JsonObject)spec["users"]!).Remove("test.db_user"));

        Secret[] Secrets() => [.. cluster.Api.List(KubernetesKinds.Secret, "test").Where(s => (string?)s["metadata"]!["labels"]?["cluster-name"] == Name).Select(s => s.Deserialize(Secret.JsonTypeInfo)!)];
    }

    [Fact]
    public async Task A_password_written_into_the_secret_reaches_the_database_and_a_deleted_secret_comes_back_with_a_password_that_works()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        await LogsInAsync("foo_user", cluster.SecretValue("foo_user", "password")!, "foo");
        cluster.EditSecret("foo_user", ("password", "chosen by a person"));
        await LogsInAsync("foo_user", "chosen by a person", "foo");
        Assert.Equal("chosen by a person", cluster.SecretValue("foo_user", "password"));

        var uid = cluster.SecretOf("foo_user")!.Metadata.Uid;
        cluster.Api.Delete(KubernetesKinds.Secret, "default", OperatorCluster.SecretName("foo_user"));
        await cluster.UntilAsync("the Secret is there again", () => cluster.SecretOf("foo_user") is { } secret && secret.Metadata.Uid != uid, Cancelled);
        await LogsInAsync("foo_user", cluster.SecretValue("foo_user", "password")!, "foo");
        await RefusedAsync("foo_user", "chosen by a person", "foo");
    }

    [Fact]
    public async Task A_protected_name_is_refused_with_the_reason_and_its_role_stays_as_it_is()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        var before = await AskAsync("select rolcanlogin::text || rolsuper::text from pg_roles where rolname = 'admin'");
        cluster.Edit(spec => spec["users"]!["admin"] = new JsonArray("superuser"));
        await cluster.UntilAsync("the refusal is told", () => cluster.Events(Name).Any(e => e.Contains("admin", StringComparison.Ordinal) && e.Contains("protected", StringComparison.Ordinal)), Cancelled);
        await cluster.PassesAsync(Name, 2, Cancelled);
        Assert.Equal(before, await AskAsync("select rolcanlogin::text || rolsuper::text from pg_roles where rolname = 'admin'"));
        Assert.Null(cluster.SecretOf("admin"));
        cluster.Edit(spec => ((JsonObject)spec["users"]!).Remove("admin"));
    }

    [Fact]
    public async Task A_rotation_makes_a_new_login_removes_those_that_are_old_enough_and_its_end_brings_the_user_back()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        var today = TimeProvider.System.GetUtcNow();
        var present = $"foo_user{Day(today)}";
        var recent = $"foo_user{Day(today.AddDays(-40))}";
        const string ours = "is 'postgres-operator: rotated role of foo_user'";
        await ExecuteAsync(
            $"create role foo_user201031 login in role foo_user; comment on role foo_user201031 {ours}; create role {recent} login in role foo_user; comment on role {recent} {ours}; "
            + "create role foo_user211031 login in role foo_user; alter role foo_user set search_path to data");
        cluster.EditSecret("foo_user", ("nextRotation", today.ToString("yyyy-MM-dd'T00:00:00Z'", CultureInfo.InvariantCulture)));
        Users(u => u with { EnablePasswordRotation = true, PasswordRotationInterval = 30, PasswordRotationUserRetention = 30 });
        await cluster.UntilAsync("the Secret has the user of today", () => cluster.SecretValue("foo_user", "username") == present, Cancelled);
        Assert.StartsWith(today.AddDays(30).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), cluster.SecretValue("foo_user", "nextRotation"), StringComparison.Ordinal);
        await LogsInAsync(present, cluster.SecretValue("foo_user", "password")!, "foo");
        // A retention below two intervals is raised to them: what an application may still use stays. So does what only looks like one of ours.
        await AnswersAsync($"foo_user, foo_user211031, {recent}, {present}", "select string_agg(rolname, ', ' order by rolname) from pg_roles where rolname like 'foo_user%'");
        await AnswersAsync($"foo_user, {present}", "select string_agg(rolname, ', ' order by rolname) from pg_roles where rolname like 'foo_user%' and rolcanlogin and rolconfig @> '{search_path=data}'");

        Users(u => u with { EnablePasswordRotation = false, PasswordRotationInterval = 15 });
        await cluster.UntilAsync("the Secret has the user itself", () => cluster.SecretValue("foo_user", "username") == "foo_user" && cluster.SecretValue("foo_user", "nextRotation") is null or "", Cancelled);
        await LogsInAsync("foo_user", cluster.SecretValue("foo_user", "password")!, "foo");
        await AnswersAsync($"foo_user, foo_user211031, {present}", "select string_agg(rolname, ', ' order by rolname) from pg_roles where rolname like 'foo_user%'");
        await ExecuteAsync($"drop role foo_user211031; drop role {present}; alter role foo_user reset search_path");

        static string Day(DateTimeOffset day) => day.ToString("yyMMdd", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task What_was_changed_by_hand_is_found_and_repaired_with_the_reason()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        var told = cluster.Events(Name).Count;
        await ExecuteAsync("alter role foo_user password 'by hand'");
        await LogsInAsync("foo_user", cluster.SecretValue("foo_user", "password")!, "foo");
        await RefusedAsync("foo_user", "by hand", "foo");
        await ToldAsync("password of role foo_user", "foo_user");

        await ExecuteAsync("drop role foo_user");
        await LogsInAsync("foo_user", cluster.SecretValue("foo_user", "password")!, "foo");
        await ToldAsync("create role foo_user", "does not exist");

        await ExecuteAsync("alter database foo owner to postgres");
        await AnswersAsync("zalando", "select pg_get_userbyid(datdba)::text from pg_database where datname = 'foo'");
        await ToldAsync("database foo", "zalando");
        Assert.True(cluster.Events(Name).Count > told);

        Task ToldAsync(params string[] words) => cluster.UntilAsync(
            $"an Event tells of {string.Join(" and ", words)}",
            () => cluster.Events(Name).Any(e => words.All(w => e.Contains(w, StringComparison.Ordinal))), Cancelled);
    }

    private void Users(Func<UserParameters, UserParameters> change) => cluster.Configure(p => p with { Users = change(p.Users ?? new()) });

    private void Teams(Func<TeamsApiParameters, TeamsApiParameters> change) => cluster.Configure(p => p with { TeamsApi = change(p.TeamsApi ?? new()) });

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await cluster.ConnectAsync(Name, "zalando", "postgres", Cancelled);
        await connection.ScalarAsync(sql, Cancelled);
    }

    private async Task<string?> AskAsync(string question)
    {
        await using var connection = await cluster.ConnectAsync(Name, "zalando", "postgres", Cancelled);
        return await connection.ScalarAsync(question, Cancelled) as string;
    }

    private Task AnswersAsync(string wanted, string question) => cluster.Watch.UntilEqualAsync(
        $"the database answers {question}",
        wanted,
        async token =>
        {
            await using var connection = await cluster.OpenAsync(Name, "zalando", "postgres", token);
            return await connection.ScalarAsync(question, token) as string;
        },
        Cancelled);

    private async Task LogsInAsync(string role, string password, string database)
    {
        await using var connection = await cluster.Watch.SucceedAsync($"{role} can log in", token => Sql.ConnectAsync(cluster.Sandbox.Services.Find("default", Name)!, role, password, database, token), Cancelled);
        Assert.Equal(role, await connection.ScalarAsync("select session_user::text", Cancelled));
    }

    private async Task RefusedAsync(string role, string password, string database)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.ConnectAsync(cluster.Sandbox.Services.Find("default", Name)!, role, password, database, Cancelled));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }
}
