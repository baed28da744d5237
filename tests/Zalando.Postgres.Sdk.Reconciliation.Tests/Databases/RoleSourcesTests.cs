using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Tests.Databases;

public sealed class RoleSourcesTests
{
    [Theory]
    [InlineData("infrastructure", "monitoring")]
    [InlineData("operators/infrastructure", "monitoring")]
    [InlineData("tenants/infrastructure", "intruder")]
    [InlineData("missing/infrastructure", null)]
    public void Infrastructure_roles_come_from_the_operators_namespace_unless_another_is_named(string configured, string? expected)
    {
        var settings = OperatorSettings.From(new OperatorConfiguration
        {
            Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters { Kubernetes = new() { InfrastructureRolesSecretName = configured } },
        });
        // The tenant's comes first: the one that is found must not depend on the order.
        var observed = ObservedCluster.FromObjects([Secret("tenants", "intruder"), Secret("operators", "monitoring")]);

        var roles = RoleSources.Read(settings, observed, "operators", new TeamAnswers(), out _).InfrastructureRoles;

        Assert.Equal(expected is null ? [] : [expected], roles.Select(r => r.Name));
    }

    private static JsonObject Secret(string space, string user) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "infrastructure", ["namespace"] = space },
        ["data"] = new JsonObject { ["user1"] = Encoded(user), ["password1"] = Encoded("secret"), ["inrole1"] = Encoded("robot") },
    };

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
