using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Pooler;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>Which roles of a cluster have a Secret.</summary>
internal static partial class SecretUsers
{
    public const string StreamUser = "fes_user";

    public static IReadOnlyList<SecretUser> Of(ClusterContext context)
    {
        var users = context.Settings.Users;
        var system = new List<SecretUser>
        {
            new(users.SuperUserName, context.Namespace, SecretUserOrigin.System),
            new(users.ReplicationUserName, context.Namespace, SecretUserOrigin.System),
        };
        if (PoolerNames.IsNeeded(context)) system.Add(new(PoolerNames.User(context), context.Namespace, SecretUserOrigin.Pooler));
        if (context.Spec.Streams is { Count: > 0 }) system.Add(new(StreamUser, context.Namespace, SecretUserOrigin.Stream));
        var reserved = system.Select(s => s.Name).Concat(context.Settings.TeamsApi.ProtectedRoleNames).ToHashSet(StringComparer.Ordinal);

        var byName = new SortedDictionary<string, SecretUser>(StringComparer.Ordinal);
        foreach (var (name, password) in InfrastructureRoleReader.Read(context))
        {
            if (!Name().IsMatch(name)) context.Refuse("InvalidUserName", "infrastructure_roles_secrets", NameRule(name), name);
            else if (!reserved.Contains(name)) byName[name] = new(name, context.Namespace, SecretUserOrigin.Infrastructure) { Password = password };
        }

        foreach (var user in Prepared(context)) byName[user.Name] = user;
        foreach (var user in Manifest(context, reserved))
            if (!byName.TryGetValue(user.Name, out var existing) || existing.Origin <= user.Origin) byName[user.Name] = user;
        foreach (var user in system) byName[user.Name] = user;
        return WithoutCollisions(context, byName.Values);
    }

    private static IEnumerable<SecretUser> Manifest(ClusterContext context, HashSet<string> reserved)
    {
        var owners = (context.Spec.Databases ?? new Dictionary<string, string>()).Values.ToHashSet(StringComparer.Ordinal);
        foreach (var name in context.Spec.Users?.Keys ?? [])
        {
            // Both have been reported by the validator.
            if (!Name().IsMatch(name) || reserved.Contains(name)) continue;

            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var space = context.Settings.Kubernetes.EnableCrossNamespaceSecret && dot > 0 ? name[..dot] : context.Namespace;
            yield return new(name, space, SecretUserOrigin.Manifest) { IsDatabaseOwner = owners.Contains(name) };
        }
    }

    private static IEnumerable<SecretUser> Prepared(ClusterContext context)
    {
        if (context.Spec.PreparedDatabases is not { } databases) yield break;
        if (databases.Count == 0)
            databases = new Dictionary<string, PreparedDatabase?>(StringComparer.Ordinal) { [context.Name.Replace('-', '_')] = null };
        foreach (var (name, database) in databases)
        {
            var space = context.Namespace;
            if (database?.SecretNamespace is { Length: > 0 } wanted && context.Settings.Kubernetes.EnableCrossNamespaceSecret) space = wanted;
            if (database?.DefaultUsers == true)
                foreach (var user in Roles(name)) yield return user;
            foreach (var (schema, options) in database?.Schemas ?? new Dictionary<string, PreparedSchema?>())
            {
                if (options?.DefaultUsers != true || options.DefaultRoles == false) continue;
                foreach (var user in Roles($"{name}_{schema}")) yield return user;
            }

            IEnumerable<SecretUser> Roles(string prefix) => new[] { "owner", "reader", "writer" }
                .Select(r => new SecretUser($"{prefix}_{r}_user", space, SecretUserOrigin.Prepared) { IsDatabaseOwner = r == "owner" });
        }
    }

    private static IReadOnlyList<SecretUser> WithoutCollisions(ClusterContext context, IEnumerable<SecretUser> users)
    {
        var bySecret = new Dictionary<(string, string), string>();
        var result = new List<SecretUser>();
        foreach (var user in users)
        {
            var secret = (user.Namespace, context.SecretName(user.Name));
            if (bySecret.TryAdd(secret, user.Name)) result.Add(user);
            else
            {
                context.Warn("SecretNameCollision", $"spec.users.{user.Name}", $"The users {bySecret[secret]} and {user.Name} differ only in _ and - and would share the secret {secret.Item2}; {user.Name} gets none. Rename one of them.", user.Name);
            }
        }

        return result;
    }

    private static string NameRule(string name) =>
        $"\"{name}\" is no valid user name: use lower-case letters, digits, _ and -, beginning and ending with a letter or digit; parts may be separated by dots.";

    [GeneratedRegex(@"^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
