using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pooler;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>The Secret of one role.</summary>
internal static class SecretBuilder
{
    public static Secret Build(ClusterContext context, SecretUser user)
    {
        var name = context.SecretName(user.Name);
        var owned = !(context.Settings.Kubernetes.EnableCrossNamespaceSecret && user.Namespace != context.Namespace);
        return new Secret
        {
            Metadata = context.Meta(name, Labels(context, user), context.InheritedAnnotations, owned) with { Namespace = user.Namespace },
            Type = "Opaque",
            Data = ConnectionDetails.With(
                new Dictionary<string, byte[]>(StringComparer.Ordinal)
                {
                    ["username"] = Encoding.UTF8.GetBytes(user.Name),
                    ["password"] = Encoding.UTF8.GetBytes(Password(context, user)),
                },
                context,
                user),
        };
    }

    /// <summary>The password that counts: of an infrastructure role the one of its source, else the one in the Secret, else a new one.</summary>
    public static string Password(ClusterContext context, SecretUser user) =>
        user.Password ?? Stored(context, user) ?? context.Input.PasswordSeed.Derive($"{user.Namespace}/{context.SecretName(user.Name)}/{user.Name}");

    /// <summary>The user name that goes with the password: the dated one while a rotated role is in the Secret.</summary>
    public static string UserName(ClusterContext context, SecretUser user)
    {
        if (user.Password is not null || context.Observed.Find(KubernetesKinds.Secret, user.Namespace, context.SecretName(user.Name))?["data"] is not JsonObject data) return user.Name;
        return Roles.RoleSecret.Text(data, Roles.RoleSecret.UserName) is { } stored && Roles.RotatedName.IsOf(user.Name, stored) ? stored : user.Name;
    }

    private static string? Stored(ClusterContext context, SecretUser user)
    {
        if (context.Observed.Find(KubernetesKinds.Secret, user.Namespace, context.SecretName(user.Name)).Text("data", "password") is not { Length: > 0 } encoded) return null;
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    // Only the role with this very name has the pooler's labels; running fleets have it so.
    private static SortedDictionary<string, string> Labels(ClusterContext context, SecretUser user) => user.Name == "pooler"
        ? ClusterContext.Merge(context.BaseLabels, [new("application", PoolerNames.Application), new(PoolerNames.PoolerLabel, context.Name + "-pooler")])
        : context.FullLabels;
}
