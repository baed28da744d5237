using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class InfrastructureRoleReaderTests
{
    private static readonly InfrastructureRoleSecret Old = new() { SecretName = "default/old", UserKey = "user", PasswordKey = "password", RoleKey = "inrole", Template = true };
    private static readonly InfrastructureRoleSecret New = new() { SecretName = "default/new", UserKey = "u", PasswordKey = "p", RoleKey = "r" };

    [Fact]
    public void Numbered_keys_are_read_until_the_first_gap()
    {
        var secret = Enumerable.Range(1, 6).Where(i => i != 5).SelectMany(i => new[] { ($"user{i}", $"role{i}"), ($"password{i}", $"pw{i}"), ($"inrole{i}", "robot") })
            .ToDictionary(p => p.Item1, p => p.Item2);
        var roles = InfrastructureRoleReader.Read([Old], _ => new() { Secret = secret }, out var findings);
        Assert.Equal(["role1", "role2", "role3", "role4"], roles.Select(r => r.Name));
        Assert.All(roles, r => Assert.Equal(["robot"], r.MemberOf));
        Assert.Empty(findings);
    }

    [Fact]
    public void The_config_map_adds_roles_whose_passwords_are_in_the_secret()
    {
        var source = new InfrastructureRoleSource
        {
            Secret = new Dictionary<string, string> { ["user1"] = "testrole", ["password1"] = "canary1", ["inrole1"] = "g", ["batman"] = "canary2" },
            ConfigMap = new Dictionary<string, JsonObject?>
            {
                ["batman"] = JsonNode.Parse("""{"inrole":["admin"],"user_flags":["createdb"],"db_parameters":{"log_statement":"all","work_mem":4096},"is_db_owner":true,"deleted":true}""")!.AsObject(),
                ["robin"] = [],
                ["joker"] = null,
            },
        };
        var roles = InfrastructureRoleReader.Read([Old], _ => source, out var findings);
        Assert.Equal(["batman", "testrole"], roles.Select(r => r.Name));
        Assert.Equal(("admin", "createdb", "4096"), (roles[0].MemberOf.Single(), roles[0].Flags.Single(), roles[0].Settings["work_mem"]));
        Assert.Equal("canary2", roles[0].Password.Reveal());
        Assert.Equal(2, findings.Count);
        Assert.DoesNotContain("canary", string.Join('|', findings) + string.Join('|', roles) + source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("me", null, "me", "")]
    [InlineData(null, "fallback", "fallback", "")]
    [InlineData("me", "fallback", "me", "group")]
    public void One_role_per_definition_has_defaults_for_missing_keys(string? user, string? fallback, string name, string group)
    {
        var secret = new Dictionary<string, string> { ["p"] = "pw" };
        if (user is not null) secret["u"] = user;
        var roles = InfrastructureRoleReader.Read([New with { DefaultUserValue = fallback, DefaultRoleValue = group }], _ => new() { Secret = secret }, out _);
        Assert.Equal(name, Assert.Single(roles).Name);
        Assert.Equal(group.Length == 0 ? [] : [group], roles[0].MemberOf);
    }

    [Fact]
    public void A_missing_secret_is_reported_and_the_others_still_count()
    {
        var roles = InfrastructureRoleReader.Read([Old, New], d => d == Old ? null : new() { Secret = new Dictionary<string, string> { ["u"] = "a", ["p"] = "b" } }, out var findings);
        Assert.Equal("a", Assert.Single(roles).Name);
        Assert.Contains("default/old", Assert.Single(findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_lists_new_definitions_before_the_old_secret()
    {
        var settings = OperatorSettings.Defaults with { Kubernetes = OperatorSettings.Defaults.Kubernetes with { InfrastructureRolesSecrets = [New], InfrastructureRolesSecretName = new("acid", "legacy") } };
        Assert.Equal(["default/new", "acid/legacy"], InfrastructureRoleReader.Definitions(settings).Select(d => d.SecretName));
    }
}
