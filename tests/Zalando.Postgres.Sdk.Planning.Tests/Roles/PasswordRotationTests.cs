using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class PasswordRotationTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly OperatorSettings Settings = OperatorSettings.Defaults with
    {
        Users = OperatorSettings.Defaults.Users with { EnablePasswordRotation = true, PasswordRotationInterval = 30, PasswordRotationUserRetention = 60 },
        TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = false },
    };

    private static readonly PostgresqlSpec Spec = new()
    {
        Users = new[] { "foo", "bar", "appowner" }.ToDictionary(n => n, _ => (IReadOnlyList<string>?)[]),
        Databases = new Dictionary<string, string> { ["app"] = "appowner" },
        UsersIgnoringSecretRotation = ["bar"],
    };

    [Fact]
    public void Day_by_day_the_secret_moves_to_dated_roles_and_old_ones_expire()
    {
        var (userName, next) = ("foo", (DateTimeOffset?)null);
        var roles = new List<string> { "foo", "foo_reporting200101", "foo2_200101", "foo20010" };
        var rotations = new List<string>();
        for (var day = 0; day <= 130; day++)
        {
            var now = Start.AddDays(day).AddMinutes(day > 0 ? 1 : 0);
            var decision = Decide("foo", userName, next, now);
            if (decision.Kind != RotationKind.None) (userName, next) = (decision.UserName, decision.NextRotation);
            if (decision.Kind == RotationKind.NewRole)
            {
                roles.Add(userName);
                rotations.Add($"{day}: {userName}");
            }

            foreach (var expired in PasswordRotation.Expired("foo", userName, roles, Desired(), Settings, now))
            {
                roles.Remove(expired);
                rotations.Add($"{day}: -{expired}");
            }
        }

        Assert.Equal(["30: foo260131", "61: foo260303", "90: -foo260131", "92: foo260403", "121: -foo260303", "123: foo260504"], rotations);
        Assert.Equal(["foo", "foo_reporting200101", "foo2_200101", "foo20010", "foo260403", "foo260504"], roles);
    }

    [Theory]
    [InlineData("bar")]
    [InlineData("appowner")]
    [InlineData("postgres")]
    [InlineData("standby")]
    public void Ignored_roles_owners_and_system_users_are_left_alone(string role) =>
        Assert.Equal(RotationKind.None, Decide(role, role, Start, Start.AddDays(1000)).Kind);

    [Fact]
    public void A_system_user_listed_for_rotation_is_never_given_another_name()
    {
        var spec = Spec with { UsersWithSecretRotation = ["postgres"] };
        Assert.Equal(RotationKind.None, Decide("postgres", "postgres", Start, Start.AddDays(1000), spec).Kind);
        spec = Spec with { UsersWithInPlaceSecretRotation = ["postgres"] };
        var decision = Decide("postgres", "postgres", Start, Start.AddDays(1000), spec);
        Assert.Equal((RotationKind.NewPassword, "postgres"), (decision.Kind, decision.UserName));
    }

    [Fact]
    public void Going_to_in_place_happens_at_once_and_back_only_when_due()
    {
        var inPlace = Spec with { UsersWithInPlaceSecretRotation = ["foo"] };
        var decision = Decide("foo", "foo260131", Start.AddDays(60), Start.AddDays(40), inPlace);
        Assert.Equal((RotationKind.NewPassword, "foo"), (decision.Kind, decision.UserName));
        Assert.Equal(RotationKind.None, Decide("foo", "foo", decision.NextRotation, Start.AddDays(41)).Kind);
    }

    [Fact]
    public void Switched_off_the_role_gets_its_own_name_back()
    {
        var off = Settings with { Users = Settings.Users with { EnablePasswordRotation = false } };
        var decision = Decide("foo", "foo260131", Start.AddDays(60), Start.AddDays(40), null, off);
        Assert.Equal((RotationKind.Reset, "foo", null), (decision.Kind, decision.UserName, decision.NextRotation));
        Assert.Equal(RotationKind.None, Decide("foo", "foo", Start, Start.AddDays(40), null, off).Kind);
    }

    [Fact]
    public void A_shorter_interval_counts_from_today()
    {
        var decision = Decide("foo", "foo", Start.AddDays(300), Start);
        Assert.Equal((RotationKind.Schedule, Start.AddDays(30)), (decision.Kind, decision.NextRotation));
    }

    [Fact]
    public void The_role_in_use_and_roles_of_the_manifest_never_expire()
    {
        var desired = DesiredRoles.Build(Manifest(Spec with { Users = new Dictionary<string, IReadOnlyList<string>?> { ["foo"] = [], ["foo200101"] = [] } }), Settings, RoleInputs.None);
        Assert.Empty(PasswordRotation.Expired("foo", "foo200202", ["foo", "foo200101", "foo200202", "foo991399"], desired, Settings, Start));
    }

    private static RotationDecision Decide(string role, string userName, DateTimeOffset? next, DateTimeOffset now, PostgresqlSpec? spec = null, OperatorSettings? settings = null) =>
        PasswordRotation.Decide(DesiredRoles.Build(Manifest(spec ?? Spec), settings ?? Settings, RoleInputs.None).Roles[role], spec ?? Spec, settings ?? Settings, userName, next?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), now);

    private static DesiredRoles Desired() => DesiredRoles.Build(Manifest(Spec), Settings, RoleInputs.None);

    private static Postgresql Manifest(PostgresqlSpec spec) => new() { Metadata = new() { Name = "acid-test", Namespace = "default" }, Spec = spec };
}
