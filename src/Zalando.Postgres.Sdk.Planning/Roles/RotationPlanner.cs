using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Plans the next step of every rotation that is due or under way. Pure: the day and the randomness arrive as data.</summary>
public static class RotationPlanner
{
    /// <summary>The next steps, ordered by role.</summary>
    /// <param name="roles">The roles of the cluster.</param>
    /// <param name="spec">The manifest's spec.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="observed">What exists: the Secrets count.</param>
    /// <param name="now">The present time.</param>
    /// <param name="seed">Randomness for new passwords.</param>
    public static IReadOnlyList<RotationStep> Plan(DesiredRoles roles, PostgresqlSpec spec, OperatorSettings settings, ObservedCluster observed, DateTimeOffset now, PasswordSeed seed)
    {
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(seed);
        var steps = new List<RotationStep>();
        foreach (var role in roles.Roles.Values.Where(r => r is { HasSecret: true, RotationOf: null }))
        {
            if (RoleSecret.Find(observed, role) is not { } credentials || RoleSecret.Find(observed, role.SecretNamespace, role.SecretName) is not { } secret || RoleSecret.IsForeign(secret)) continue;
            if (credentials.Next is { } next) steps.Add(Publish(role, secret, next, settings, spec, now));
            else if (Begin(role, secret, credentials, settings, spec, now, seed) is { } step) steps.Add(step);
        }

        return steps;
    }

    /// <summary>When the next rotation is due that has a date and is not under way; null for none.</summary>
    /// <param name="roles">The roles of the cluster.</param>
    /// <param name="spec">The manifest's spec.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="observed">What exists: the Secrets count.</param>
    public static DateTimeOffset? NextAt(DesiredRoles roles, PostgresqlSpec spec, OperatorSettings settings, ObservedCluster observed)
    {
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(observed);
        DateTimeOffset? next = null;
        foreach (var role in roles.Roles.Values.Where(r => r is { HasSecret: true, RotationOf: null }))
        {
            if (RoleSecret.Find(observed, role) is not { Next: null } credentials || RoleSecret.IsForeign(RoleSecret.Find(observed, role.SecretNamespace, role.SecretName))) continue;
            if (PasswordRotation.DueAt(role, spec, settings, credentials.UserName, RoleSecret.Text(RoleSecret.Data(observed, role)!, RoleSecret.NextRotation)) is { } due && !(due >= next)) next = due;
        }

        return next;
    }

    private static RotationStep? Begin(
        DesiredRole role, JsonObject secret, SecretCredentials credentials, OperatorSettings settings, PostgresqlSpec spec, DateTimeOffset now, PasswordSeed seed)
    {
        var data = (JsonObject)secret["data"]!;
        var decision = PasswordRotation.Decide(role, spec, settings, credentials.UserName, RoleSecret.Text(data, RoleSecret.NextRotation), now);
        return decision.Kind switch
        {
            RotationKind.None => null,
            RotationKind.Schedule => new()
            {
                Role = role,
                Change = Patch(role, secret, new() { [RoleSecret.NextRotation] = Date(decision.NextRotation) }, decision.Reason),
            },
            _ => new()
            {
                Role = role,
                Change = Patch(
                    role,
                    secret,
                    new() { [RoleSecret.NextUserName] = decision.UserName, [RoleSecret.NextPassword] = seed.Derive($"{role.SecretNamespace}/{role.SecretName}/{decision.UserName}/{now:O}") },
                    decision.Reason),
            },
        };
    }

    private static RotationStep Publish(DesiredRole role, JsonObject secret, SecretCredentials next, OperatorSettings settings, PostgresqlSpec spec, DateTimeOffset now)
    {
        var date = PasswordRotation.Rotates(role, spec, settings) ? Date(now + PasswordRotation.IntervalOf(settings)) : "";
        var publish = Patch(
            role,
            secret,
            new()
            {
                [RoleSecret.UserName] = next.UserName, [RoleSecret.Password] = next.Password.Reveal(), [RoleSecret.NextRotation] = date,
                [RoleSecret.NextUserName] = null, [RoleSecret.NextPassword] = null,
            },
            "the database has the new password");
        // Pods get these passwords when they start.
        if (role.SystemKey is "superuser" or "replication" or "pooler")
            publish.Patch["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [RoleSecret.ChangedAnnotation] = Date(now) } };
        return new()
        {
            Role = role,
            Change = publish,
            Needs = next,
            GiveUp = Patch(role, secret, new() { [RoleSecret.NextUserName] = null, [RoleSecret.NextPassword] = null }, "the database does not take the new password"),
        };
    }

    // The version is a condition: a Secret that somebody else changed in between is looked at again.
    private static PatchObject Patch(DesiredRole role, JsonObject secret, Dictionary<string, string?> values, string reason)
    {
        var data = new JsonObject();
        foreach (var (key, value) in values) data[key] = value is null ? null : RoleSecret.Encode(value);
        return new()
        {
            Target = ChangeTarget.Of(KubernetesKinds.Secret, role.SecretNamespace!, role.SecretName!),
            Kind = KubernetesKinds.Secret,
            Patch = new JsonObject { ["data"] = data },
            Uid = secret.Text("metadata", "uid"),
            ResourceVersion = secret.Text("metadata", "resourceVersion"),
            Stage = ChangeStage.Databases,
            Reasons = [new ChangeReason { FieldPath = role.FieldPath, RequestedBy = Requester.Schedule, Consequence = Consequence.InPlace, Explanation = $"rotation of \"{role.Name}\": {reason}" }],
        };
    }

    private static string Date(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
