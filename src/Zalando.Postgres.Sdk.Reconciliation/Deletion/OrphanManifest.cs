using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>Makes, from what is left of a cluster, the manifest that its deletion is planned with.</summary>
internal static class OrphanManifest
{
    private const int RotationDateDigits = 6;

    public static Postgresql Of(Orphan orphan, OperatorSettings settings, DateTimeOffset now)
    {
        // Secrets of the system's users are known without a manifest, and a manifest may not name them.
        var system = settings.TeamsApi.ProtectedRoleNames.Append(settings.Users.SuperUserName).Append(settings.Users.ReplicationUserName).ToHashSet(StringComparer.Ordinal);
        var users = new SortedDictionary<string, IReadOnlyList<string>?>(StringComparer.Ordinal);
        foreach (var secret in orphan.Secrets)
        {
            if (UserOf(secret) is not { } user) continue;
            users[user] = [];
            // A rotated user has a date behind its name; its secret is called after the role.
            if (user.Length > RotationDateDigits && user[^RotationDateDigits..].All(char.IsAsciiDigit)) users[user[..^RotationDateDigits]] = [];
        }

        foreach (var name in system) users.Remove(name);
        return new Postgresql
        {
            Metadata = new ObjectMeta { Name = orphan.Cluster.Name, Namespace = orphan.Cluster.Namespace, DeletionTimestamp = new Time(now) },
            Spec = new PostgresqlSpec { TeamId = orphan.Anchor.Label("team"), Users = users },
        };
    }

    private static string? UserOf(JsonObject secret)
    {
        try
        {
            return secret.Child("data").Text("username") is { Length: > 0 } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
