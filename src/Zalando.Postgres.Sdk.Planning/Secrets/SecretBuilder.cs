using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>The Secret of one role.</summary>
internal static class SecretBuilder
{
    public static Secret Build(ClusterContext context, DesiredRole user)
    {
        var owned = !(context.Settings.Kubernetes.EnableCrossNamespaceSecret && user.SecretNamespace! != context.Namespace);
        return new Secret
        {
            Metadata = context.Meta(user.SecretName!, Labels(context, user), context.InheritedAnnotations, owned) with { Namespace = user.SecretNamespace! },
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
    public static string Password(ClusterContext context, DesiredRole user) =>
        user.Password?.Reveal() ?? Stored(context, user) ?? context.Input.PasswordSeed.Derive($"{user.SecretNamespace!}/{user.SecretName!}/{user.Name}");

    /// <summary>The user name that goes with the password: the dated one while a rotated role is in the Secret.</summary>
    public static string UserName(ClusterContext context, DesiredRole user)
    {
        if (user.Password is not null || context.Observed.Find(KubernetesKinds.Secret, user.SecretNamespace!, user.SecretName!)?["data"] is not JsonObject data) return user.Name;
        return RoleSecret.Text(data, RoleSecret.UserName) is { } stored && RotatedName.IsOf(user.Name, stored) ? stored : user.Name;
    }

    private static string? Stored(ClusterContext context, DesiredRole user)
    {
        if (context.Observed.Find(KubernetesKinds.Secret, user.SecretNamespace!, user.SecretName!).Text("data", "password") is not { Length: > 0 } encoded) return null;
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    // Only the role with this very name has the pooler's labels; running fleets have it so.
    private static SortedDictionary<string, string> Labels(ClusterContext context, DesiredRole user) => user.Name == "pooler"
        ? ClusterContext.Merge(context.BaseLabels, [new("application", Pooler.PoolerNames.Application), new(Pooler.PoolerNames.PoolerLabel, context.Name + "-pooler")])
        : context.FullLabels;
}
