using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>Which roles of a cluster have a Secret: those of <see cref="DesiredRoles"/>, which the database gets, too. Persons of teams never have one, so they
/// need not be known.</summary>
internal static class SecretRoles
{
    // What keeps a role from having a Secret is told with the Secrets; everything else with the databases.
    private static readonly string[] Told = ["InvalidRoleName", "SharedSecret"];

    /// <summary>The roles, ordered by name. Passwords are those of infrastructure roles.</summary>
    public static IReadOnlyList<DesiredRole> Of(ClusterContext context)
    {
        var infrastructure = InfrastructureRoleReader.Read(InfrastructureRoleReader.Definitions(context.Settings), d => SourceOf(context, d), out var findings);
        var roles = DesiredRoles.Build(context.Manifest, context.Settings, new RoleInputs { InfrastructureRoles = infrastructure });
        context.AddRange(findings.Concat(RepeatedFindings.Without(roles.Findings.Where(f => Told.Contains(f.Code, StringComparer.Ordinal)), context.Findings)));
        return [.. roles.Roles.Values.Where(r => r.HasSecret)];
    }

    private static InfrastructureRoleSource? SourceOf(ClusterContext context, InfrastructureRoleSecret definition)
    {
        if (!NamespacedName.TryParse(definition.SecretName, out var name)) return null;
        var space = name.Namespace ?? context.Input.OperatorNamespace;
        if (context.Observed.Find(KubernetesKinds.Secret, space, name.Name)?["data"] is not JsonObject data) return null;
        var secret = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, _) in data)
            if (RoleSecret.Text(data, key) is { } value) secret[key] = value;
        // The name of an entry names a role; what else it says of it is the database's business.
        var map = context.Observed.Find(KubernetesKinds.ConfigMap, space, name.Name).Object("data");
        return new InfrastructureRoleSource { Secret = secret, ConfigMap = map?.ToDictionary(static e => e.Key, static _ => (JsonObject?)[], StringComparer.Ordinal) };
    }
}
