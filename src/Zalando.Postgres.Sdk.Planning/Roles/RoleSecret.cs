using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>The keys of a role's Secret.</summary>
public static class RoleSecret
{
    /// <summary>Key of the user name.</summary>
    public const string UserName = "username";

    /// <summary>Key of the password.</summary>
    public const string Password = "password";

    /// <summary>Key of the date of the next rotation; there once rotation was on, empty when it is off again.</summary>
    public const string NextRotation = "nextRotation";

    /// <summary>Key of the user name that a rotation under way will publish.</summary>
    public const string NextUserName = "nextUsername";

    /// <summary>Key of the password that a rotation under way will publish. It is in the Secret before it is in the database, so that whatever
    /// happens in between nobody is locked out.</summary>
    public const string NextPassword = "nextPassword";

    /// <summary>Annotation with the time of the last rotation of a role whose password pods are started with: older pods are made again.</summary>
    public const string ChangedAnnotation = "acid.zalan.do/password-changed-at";

    /// <summary>Annotation of a Secret that its owner keeps (<c>true</c>): the operator reads the password and never writes, rotates or deletes it.
    /// The Secret needs the name and the cluster label that the operator's own would have.</summary>
    public const string ForeignAnnotation = "acid.zalan.do/bring-your-own";

    /// <summary>Whether somebody else keeps a Secret.</summary>
    /// <param name="secret">The Secret.</param>
    public static bool IsForeign(JsonObject? secret) => secret.Text("metadata", "annotations", ForeignAnnotation) == "true";

    /// <summary>Name of the Secret of a role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    public static string NameOf(string role, string cluster, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(settings);
        return DesiredRolesBuilder.SecretNameOf(role, cluster, settings.Kubernetes.SecretNameTemplate);
    }

    /// <summary>What the Secret of a role holds; null when it does not exist or has no password.</summary>
    /// <param name="observed">What exists.</param>
    /// <param name="role">The role.</param>
    public static SecretCredentials? Find(ObservedCluster observed, DesiredRole role)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(role);
        if (Data(observed, role) is not { } data || Text(data, Password) is not { Length: > 0 } password) return null;
        return new(Text(data, UserName) ?? role.Name, new(password))
        {
            Next = Text(data, NextPassword) is { Length: > 0 } next ? new(Text(data, NextUserName) is { Length: > 0 } user ? user : role.Name, new(next)) : null,
        };
    }

    /// <summary>When the password of a Secret was last rotated, as far as pods have to know; null for never.</summary>
    /// <param name="secret">The Secret.</param>
    internal static DateTimeOffset? ChangedAt(JsonObject? secret) =>
        DateTimeOffset.TryParse(secret.Text("metadata", "annotations", ChangedAnnotation), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    internal static JsonObject? Find(ObservedCluster observed, string? space, string? name) =>
        space is null || name is null ? null : observed.Find(KubernetesKinds.Secret, space, name);

    internal static JsonObject? Data(ObservedCluster observed, DesiredRole role) => Find(observed, role.SecretNamespace, role.SecretName)?["data"] as JsonObject;

    internal static string? Text(JsonObject data, string key)
    {
        if (data.Text(key) is not { } encoded) return null;
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    internal static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
