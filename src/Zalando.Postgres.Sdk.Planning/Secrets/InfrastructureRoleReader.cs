using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>Names and passwords of infrastructure roles out of the operator's secrets and the ConfigMaps beside them.</summary>
internal static class InfrastructureRoleReader
{
    public static IReadOnlyList<(string Name, string Password)> Read(ClusterContext context)
    {
        var roles = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (definition, name) in Definitions(context.Settings.Kubernetes))
        {
            var space = name.Namespace ?? context.Input.OperatorNamespace;
            if (context.Observed.Find(KubernetesKinds.Secret, space, name.Name)?["data"] is not JsonObject data)
            {
                context.Warn("InfrastructureRolesMissing", "infrastructure_roles_secrets", $"The secret {space}/{name.Name} does not exist or is empty, so its roles are not created.", name.Name);
                continue;
            }

            if (definition is null) ReadNumbered(roles, data);
            else ReadSingle(context, roles, data, definition, name.Name);
            if (context.Observed.Find(KubernetesKinds.ConfigMap, space, name.Name)?["data"] is not JsonObject details) continue;
            foreach (var (role, _) in details)
                if (Text(data, role) is { Length: > 0 } password) roles[role] = password;
        }

        return [.. roles.Select(r => (r.Key, r.Value))];
    }

    /// <summary>The secrets that are read, in the order in which later ones win; a null definition is the numbered form.</summary>
    public static IEnumerable<(InfrastructureRoleSecret? Definition, NamespacedName Secret)> Definitions(KubernetesSettings settings)
    {
        foreach (var definition in settings.InfrastructureRolesSecrets)
            if (NamespacedName.TryParse(definition.SecretName, out var name)) yield return (definition.Template == true ? null : definition, name);
        if (settings.InfrastructureRolesSecretName is { Name.Length: > 0 } numbered) yield return (null, numbered);
    }

    private static void ReadNumbered(SortedDictionary<string, string> roles, JsonObject data)
    {
        for (var i = 1; Text(data, $"user{i}") is { Length: > 0 } user; i++)
            if (Text(data, $"password{i}") is { Length: > 0 } password) roles[user] = password;
    }

    private static void ReadSingle(ClusterContext context, SortedDictionary<string, string> roles, JsonObject data, InfrastructureRoleSecret definition, string secret)
    {
        if (definition.Details is { Length: > 0 } details && data.ContainsKey(details)) return;
        var user = Text(data, definition.UserKey) ?? definition.DefaultUserValue;
        if (user is not { Length: > 0 } || Text(data, definition.PasswordKey) is not { Length: > 0 } password) return;
        if (definition.RoleKey is { Length: > 0 } key && Text(data, key) is not { Length: > 0 } && definition.DefaultRoleValue is not { Length: > 0 })
        {
            context.Refuse("InfrastructureRoleIncomplete", "infrastructure_roles_secrets",
                $"The secret {secret} has no key \"{key}\" with the role that {user} is a member of. Add the key to the secret, give a defaultrolevalue, or remove rolekey from the definition.", secret);
            return;
        }

        roles[user] = password;
    }

    private static string? Text(JsonObject data, string? key)
    {
        if (key is not { Length: > 0 } || data[key] is not JsonValue value || !value.TryGetValue(out string? encoded)) return null;
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
