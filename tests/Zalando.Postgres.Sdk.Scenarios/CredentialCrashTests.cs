using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Passwords, certificates and members of teams that change while the operator dies: whoever reads a Secret can log in, always.</summary>
public sealed class CredentialCrashTests(ITestOutputHelper output)
{
    private const string Cluster = CrashSuite.Cluster;
    private const string Suffix = "." + Cluster + ".credentials.postgresql.acid.zalan.do";

    [Fact]
    public Task A_rotation_to_a_dated_user_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("rotation to a dated user", static world => IsDue(world, "foo-user"))
    {
        Parameters = Rotating,
        IsDone = static world => world.IsRunning() && UserOf(world, "foo-user") != "foo_user" && NextOf(world, "foo-user") is null,
        IsSound = CanLogIn,
        PasswordsOf = static secret => secret == "foo-user" + Suffix ? 2 : 1,
    });

    [Fact]
    public Task A_rotation_in_place_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("rotation in place", static world => IsDue(world, "zalando"))
    {
        Parameters = Rotating,
        Prepare = static world => world.Apply(InPlace("zalando")),
        IsDone = static world => world.IsRunning() && world.Passwords["zalando" + Suffix].Count == 2 && NextOf(world, "zalando") is null,
        IsSound = CanLogIn,
        PasswordsOf = static secret => secret == "zalando" + Suffix ? 2 : 1,
        // Between the change of the server and that of the Secret the operator cannot know whether it was there already.
        MayRepeat = static change => change.Contains("PASSWORD", StringComparison.Ordinal),
    });

    [Fact]
    public Task A_password_that_its_owner_changes_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("password changed in the Secret", static world =>
    {
        var secret = Secret(world, "zalando");
        secret["data"]!["password"] = Convert.ToBase64String("chosen by hand"u8.ToArray());
        world.Server.Access.Update(KubernetesKinds.Secret, secret);
    })
    {
        IsDone = static world => world.IsRunning(),
        HasEnded = static postgres => Matches(postgres, "zalando", "chosen by hand"),
        IsSound = null,
        PasswordsOf = static secret => secret == "zalando" + Suffix ? 2 : 1,
    });

    [Fact]
    public Task A_deleted_Secret_is_made_again_and_used_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("Secret deleted", static world => world.Server.Access.Delete(KubernetesKinds.Secret, "default", "zalando" + Suffix))
    {
        IsDone = static world => world.IsRunning() && world.Passwords["zalando" + Suffix].Count == 2 && world.Server.Access.Get(KubernetesKinds.Secret, "default", "zalando" + Suffix) is { } secret,
        HasEnded = static postgres => postgres.Log.Any(c => c is Planning.Databases.SetRolePassword { Role: "zalando" }),
        PasswordsOf = static secret => secret == "zalando" + Suffix ? 2 : 1,
    });

    [Fact]
    public Task A_certificate_of_its_own_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("TLS", static world =>
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["spiloFSGroup"] = 103;
        manifest["spec"]!["tls"] = new JsonObject { ["secretName"] = "pg-tls" };
        world.Apply(manifest);
    })
    {
        Prepared = static world => world.Server.Access.Create(KubernetesKinds.Secret, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["type"] = "kubernetes.io/tls", ["metadata"] = new JsonObject { ["name"] = "pg-tls", ["namespace"] = "default" },
            ["data"] = new JsonObject { ["tls.crt"] = "YQ==", ["tls.key"] = "Yg==" },
        }),
        IsDone = static world => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2) && world.Members().All(HasCertificate),
        LivesOf = static _ => 2,
        PatroniCalls = 1,
    });

    [Fact]
    public Task A_new_member_of_a_team_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("new team member", static world => Team(world, "elephant", "kind"))
    {
        Parameters = Teams,
        Prepare = static world =>
        {
            Team(world, "elephant");
            world.Apply(OperatorWorld.Manifest());
        },
        IsDone = static world => world.IsRunning(),
        HasEnded = static postgres => postgres.Roles.TryGetValue("kind", out var kind) && kind.Comment is not null && kind.Attributes.Login,
    });

    [Fact]
    public Task A_member_who_leaves_and_one_who_comes_back_converge_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("team member leaves, another returns", static world => Team(world, "kind"))
    {
        Parameters = Teams,
        Prepare = static world =>
        {
            Team(world, "elephant", "kind");
            world.Apply(OperatorWorld.Manifest());
        },
        IsPrepared = static world =>
        {
            // kind leaves first.
            if (world.IsRunning() && world.Operator!.Client.Log.Contains("sql CommentOnRole", StringComparer.Ordinal) && !world.Operator.Client.Log.Contains("sql RenameRole", StringComparer.Ordinal)) Team(world, "elephant");
            return world.IsRunning() && world.Operator!.Client.Log.Contains("sql RenameRole", StringComparer.Ordinal);
        },
        IsDone = static world => world.IsRunning(),
        HasEnded = static postgres => postgres.Roles.ContainsKey("elephant_deleted") && !postgres.Roles["elephant_deleted"].Attributes.Login && postgres.Roles.TryGetValue("kind", out var kind) && kind.Attributes.Login,
    });

    private static OperatorParameters Rotating { get; } = new() { Users = new() { EnablePasswordRotation = true, PasswordRotationInterval = 30, PasswordRotationUserRetention = 60 } };

    private static OperatorParameters Teams { get; } = new()
    {
        TeamsApi = new() { EnablePostgresTeamCrd = true, EnableTeamMemberDeprecation = true, EnableTeamsApi = false, RoleDeletionSuffix = "_deleted" },
    };

    private static JsonObject InPlace(string user)
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["usersWithInPlaceSecretRotation"] = new JsonArray(user);
        return manifest;
    }

    private static void Team(OperatorWorld world, params string[] members)
    {
        var value = new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "PostgresTeam", ["metadata"] = new JsonObject { ["name"] = "team", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["additionalMembers"] = new JsonObject { ["acid"] = new JsonArray([.. members.Select(m => (JsonNode)m)]) } },
        };
        if (world.Server.Access.Get(PostgresTeam.Descriptor, "default", "team") is not { } present)
        {
            world.Server.Access.Create(PostgresTeam.Descriptor, value);
            return;
        }

        present["spec"] = value["spec"]!.DeepClone();
        world.Server.Access.Update(PostgresTeam.Descriptor, present);
    }

    // Every Secret of a role opens the door, at any moment: with its user name and password or, while a rotation is on its way, with those that come next.
    private static void CanLogIn(OperatorWorld world, SimulatedPostgres postgres)
    {
        foreach (var secret in world.Server.Access.List(KubernetesKinds.Secret, "default").Where(s => (string?)s["metadata"]!["labels"]?["cluster-name"] == Cluster))
        {
            var user = Text(secret, "username");
            if (user is null || !postgres.Roles.ContainsKey(user) || postgres.Roles[user].StoredPassword is null) continue;
            Assert.True(
                Matches(postgres, user, Text(secret, "password")!) || (Text(secret, "nextPassword") is { } next && Matches(postgres, user, next)),
                $"Nobody can log in with the Secret {secret["metadata"]!["name"]}.");
        }
    }

    private static bool Matches(SimulatedPostgres postgres, string user, string password) => ScramVerifier.TryParse(postgres.Roles[user].StoredPassword?.Reveal())?.Matches(password) == true;

    private static void IsDue(OperatorWorld world, string user)
    {
        var secret = Secret(world, user);
        secret["data"]!["nextRotation"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(world.Time.GetUtcNow().AddDays(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")));
        world.Server.Access.Update(KubernetesKinds.Secret, secret);
    }

    private static JsonObject Secret(OperatorWorld world, string user) => world.Server.Access.Get(KubernetesKinds.Secret, "default", user + Suffix)!;

    private static string? UserOf(OperatorWorld world, string user) => Text(Secret(world, user), "username");

    private static string? NextOf(OperatorWorld world, string user) => Text(Secret(world, user), "nextPassword");

    private static string? Text(JsonObject secret, string key) => (string?)secret["data"]?[key] is { } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;

    private static bool HasCertificate(JsonObject pod) => pod["spec"]!["containers"]![0]!["env"]!.AsArray().Any(e => (string?)e!["name"] == "SSL_CERTIFICATE_FILE");
}
