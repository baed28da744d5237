using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Reads infrastructure roles from Secrets and ConfigMaps, in the old numbered format and the new one.</summary>
public static class InfrastructureRoleReader
{
    /// <summary>The Secrets that the configuration names, each with its format, in the order in which they count.</summary>
    /// <param name="settings">The operator's settings.</param>
    public static IReadOnlyList<InfrastructureRoleSecret> Definitions(OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var definitions = settings.Kubernetes.InfrastructureRolesSecrets.Where(d => !string.IsNullOrEmpty(d.SecretName)).ToList();
        if (settings.Kubernetes.InfrastructureRolesSecretName is { } old)
        {
            definitions.Add(new() { SecretName = old.ToString(), UserKey = "user", PasswordKey = "password", RoleKey = "inrole", Template = true });
        }

        return definitions;
    }

    /// <summary>Reads the roles. Of several with one name the last counts.</summary>
    /// <param name="definitions">The definitions, see <see cref="Definitions"/>.</param>
    /// <param name="find">Gives Secret and ConfigMap of a definition, or null when neither can be read.</param>
    /// <param name="findings">What is incomplete or missing; never a password.</param>
    public static IReadOnlyList<InfrastructureRole> Read(
        IEnumerable<InfrastructureRoleSecret> definitions, Func<InfrastructureRoleSecret, InfrastructureRoleSource?> find, out IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        ArgumentNullException.ThrowIfNull(find);
        var roles = new SortedDictionary<string, InfrastructureRole>(StringComparer.Ordinal);
        var problems = new List<Finding>();
        foreach (var definition in definitions)
        {
            if (find(definition) is not { Secret: { } secret } source)
            {
                problems.Add(Warning(definition, "the Secret does not exist or cannot be read; its roles are left as they are. Create it or take it out of the configuration."));
                continue;
            }

            var single = definition.Template == true ? Numbered(definition, secret, problems) : One(definition, secret, problems);
            foreach (var role in single.Concat(FromConfigMap(definition, secret, source.ConfigMap, problems))) roles[role.Name] = role;
        }

        findings = problems;
        return roles.Values.ToArray();
    }

    private static List<InfrastructureRole> Numbered(InfrastructureRoleSecret definition, IReadOnlyDictionary<string, string> secret, List<Finding> problems)
    {
        var roles = new List<InfrastructureRole>();
        for (var i = 1; Value(secret, definition.UserKey + i) is { } name; i++)
        {
            if (Value(secret, definition.PasswordKey + i) is { } password)
            {
                roles.Add(new() { Name = name, Password = new(password), MemberOf = Groups(Value(secret, definition.RoleKey + i)) });
            }
            else problems.Add(Warning(definition, $"role \"{name}\" has no password under the key {definition.PasswordKey}{i} and is left out."));
        }

        return roles;
    }

    private static List<InfrastructureRole> One(InfrastructureRoleSecret definition, IReadOnlyDictionary<string, string> secret, List<Finding> problems)
    {
        // The details say it all in another form, which is not read.
        if (!string.IsNullOrEmpty(definition.Details) && secret.ContainsKey(definition.Details)) return [];
        var name = Value(secret, definition.UserKey) ?? definition.DefaultUserValue;
        var password = Value(secret, definition.PasswordKey);
        if (!string.IsNullOrEmpty(name) && password is not null)
            return [new() { Name = name, Password = new(password), MemberOf = Groups(Value(secret, definition.RoleKey) ?? definition.DefaultRoleValue) }];
        problems.Add(Warning(definition, string.IsNullOrEmpty(name)
            ? $"it has no user name under the key \"{definition.UserKey}\" and the definition has no defaultuservalue; the role is left out."
            : $"role \"{name}\" has no password under the key \"{definition.PasswordKey}\" and is left out."));
        return [];
    }

    private static IEnumerable<InfrastructureRole> FromConfigMap(
        InfrastructureRoleSecret definition, IReadOnlyDictionary<string, string> secret, IReadOnlyDictionary<string, JsonObject?>? entries, List<Finding> problems)
    {
        foreach (var (name, entry) in (entries ?? new Dictionary<string, JsonObject?>()).OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            if (entry is null) problems.Add(Warning(definition, $"entry \"{name}\" of the ConfigMap of the same name is no YAML mapping; the role is left out."));
            else if (Value(secret, name) is not { } password) problems.Add(Warning(definition, $"role \"{name}\" of the ConfigMap has no password under the key \"{name}\" of the Secret and is left out."));
            else
            {
                yield return new()
                {
                    Name = name,
                    Password = new(password),
                    Flags = Texts(entry["user_flags"]),
                    MemberOf = Texts(entry["inrole"]).Where(g => g.Length > 0).ToArray(),
                    Settings = entry["db_parameters"] is JsonObject settings
                        ? settings.Where(s => s.Value is not null).ToDictionary(s => s.Key, s => Text(s.Value!), StringComparer.Ordinal)
                        : new Dictionary<string, string>(StringComparer.Ordinal),
                    AdminRole = entry["admin_role"] is JsonValue admin && Text(admin) is { Length: > 0 } text ? text : null,
                };
            }
        }
    }

    private static string[] Groups(string? group) => string.IsNullOrEmpty(group) ? [] : [group];

    private static string? Value(IReadOnlyDictionary<string, string> secret, string? key) =>
        !string.IsNullOrEmpty(key) && secret.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    private static string[] Texts(JsonNode? node) => node switch
    {
        JsonArray list => list.Where(i => i is JsonValue).Select(i => Text(i!)).ToArray(),
        JsonValue value => [Text(value)],
        _ => [],
    };

    private static string Text(JsonNode value) => value is JsonValue v && v.TryGetValue(out string? text) ? text : value.ToJsonString();

    private static Finding Warning(InfrastructureRoleSecret definition, string message) => new()
    {
        Severity = FindingSeverity.Warning,
        Code = "InfrastructureRoles",
        FieldPath = "configuration.kubernetes.infrastructure_roles_secrets",
        Value = definition.SecretName,
        Rule = $"Secret {definition.SecretName}: {message}",
    };
}
