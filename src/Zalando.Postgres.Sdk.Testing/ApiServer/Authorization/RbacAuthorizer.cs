using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;

/// <summary>Decides by roles and bindings, read from the store.</summary>
internal sealed class RbacAuthorizer(ObjectStore store, bool enabled)
{
    private static readonly string Roles = KubernetesKinds.Role.QualifiedName;
    private static readonly string ClusterRoles = KubernetesKinds.ClusterRole.QualifiedName;
    private static readonly string RoleBindings = KubernetesKinds.RoleBinding.QualifiedName;
    private static readonly string ClusterRoleBindings = KubernetesKinds.ClusterRoleBinding.QualifiedName;

    /// <summary>Rules that cover everything.</summary>
    public static IReadOnlyList<JsonObject> FullAuthority { get; } =
    [
        new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") },
        new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") },
    ];

    /// <summary>Whether rights are checked at all.</summary>
    public bool IsEnabled => enabled;

    /// <summary>Why the user may; null when not.</summary>
    public string? Allows(RequestUser user, AccessRequest request)
    {
        if (!enabled) return "";
        if (user.IsMaster) return "";
        lock (store.Gate)
        {
            foreach (var (rules, why) in RulesOf(user, request.Namespace))
            {
                if (rules.Any(r => Covers(r, request))) return why;
            }
        }

        return null;
    }

    /// <summary>All rules that apply to a user, with the binding they come from.</summary>
    public IEnumerable<(IReadOnlyList<JsonObject> Rules, string Why)> RulesOf(RequestUser user, string? namespaceName)
    {
        foreach (var binding in store.List(ClusterRoleBindings, null))
        {
            if (Subject(binding.Value, user, null) is not { } subject) continue;
            var role = binding.Value.Object("roleRef").Text("name") ?? "";
            yield return (RulesOfRole(null, binding.Value.Object("roleRef")), $"RBAC: allowed by ClusterRoleBinding \"{binding.Key.Name}\" of ClusterRole \"{role}\" to {subject}");
        }

        if (namespaceName is not { Length: > 0 }) yield break;
        foreach (var binding in store.List(RoleBindings, namespaceName))
        {
            if (Subject(binding.Value, user, namespaceName) is not { } subject) continue;
            var reference = binding.Value.Object("roleRef");
            yield return (RulesOfRole(namespaceName, reference), $"RBAC: allowed by RoleBinding \"{binding.Key.Name}/{namespaceName}\" of {reference.Text("kind")} \"{reference.Text("name")}\" to {subject}");
        }
    }

    public IReadOnlyList<JsonObject> RulesOfRole(string? namespaceName, JsonObject? reference)
    {
        var role = reference.Text("kind") == "Role"
            ? store.Get(Roles, new(namespaceName ?? "", reference.Text("name") ?? ""))
            : store.Get(ClusterRoles, new("", reference.Text("name") ?? ""));
        return [.. (role?.Value.Array("rules") ?? []).OfType<JsonObject>()];
    }

    /// <summary>Refuses to hand out rights that the user has not got, unless the user may <c>escalate</c> the role written or <c>bind</c> the role that a binding refers to.</summary>
    public void CheckEscalation(RequestUser user, KubernetesKind kind, string? namespaceName, string name, IEnumerable<JsonObject> rules, JsonObject? boundRole)
    {
        if (!enabled || user.IsMaster) return;
        var right = boundRole is null
            ? new AccessRequest { Verb = "escalate", Group = kind.Group, Resource = kind.Plural, Namespace = namespaceName, Name = name }
            : new AccessRequest
            {
                Verb = "bind", Group = kind.Group, Resource = boundRole.Text("kind") == "Role" ? "roles" : "clusterroles", Namespace = namespaceName, Name = boundRole.Text("name"),
            };
        if (Allows(user, right) is not null) return;
        var missing = new List<string>();
        lock (store.Gate)
        {
            var own = RulesOf(user, namespaceName).SelectMany(static r => r.Rules).ToArray();
            foreach (var rule in rules)
            {
                if (!IsCovered(rule, own)) missing.Add(Describe(rule));
            }
        }

        if (missing.Count == 0) return;
        throw StatusErrors.Forbidden(kind, name,
            $"user \"{user.Name}\" (groups=[{string.Join(' ', user.Groups.Select(StatusErrors.Quote))}]) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', missing)}");
    }

    private static bool IsCovered(JsonObject rule, JsonObject[] own)
    {
        foreach (var verb in rule.Array("verbs").Texts())
        {
            foreach (var url in rule.Array("nonResourceURLs").Texts())
            {
                if (!own.Any(o => Contains(o.Array("verbs"), verb) && MatchesPath(o, url))) return false;
            }

            foreach (var group in rule.Array("apiGroups").Texts())
            {
                foreach (var resource in rule.Array("resources").Texts())
                {
                    var names = rule.Array("resourceNames").Texts().ToArray();
                    foreach (var name in names.Length == 0 ? [null] : names.Select(static n => (string?)n))
                    {
                        if (!own.Any(o => Contains(o.Array("verbs"), verb) && Contains(o.Array("apiGroups"), group) && HasResource(o.Array("resources"), resource)
                            && (o.Array("resourceNames") is null or { Count: 0 } || (name is not null && o.Array("resourceNames").Texts().Contains(name))))) return false;
                    }
                }
            }
        }

        return true;
    }

    private static string Describe(JsonObject rule)
    {
        var parts = new List<string>();
        foreach (var (field, label) in new[] { ("apiGroups", "APIGroups"), ("resources", "Resources"), ("resourceNames", "ResourceNames"), ("nonResourceURLs", "NonResourceURLs"), ("verbs", "Verbs") })
        {
            if (rule.Array(field) is { Count: > 0 } list) parts.Add($"{label}:[{string.Join(' ', list.Texts().Select(StatusErrors.Quote))}]");
        }

        return "{" + string.Join(", ", parts) + "}";
    }

    private static bool Covers(JsonObject rule, AccessRequest request)
    {
        if (!Contains(rule.Array("verbs"), request.Verb)) return false;
        if (request.Path is not null) return MatchesPath(rule, request.Path);
        if (!Contains(rule.Array("apiGroups"), request.Group) || !HasResource(rule.Array("resources"), request.QualifiedResource)) return false;
        return rule.Array("resourceNames") is null or { Count: 0 } || (request.Name is { Length: > 0 } && rule.Array("resourceNames").Texts().Contains(request.Name));
    }

    private static bool MatchesPath(JsonObject rule, string path) =>
        rule.Array("nonResourceURLs").Texts().Any(u => u == "*" || u == path || (u.EndsWith('*') && path.StartsWith(u[..^1], StringComparison.Ordinal)));

    private static bool HasResource(JsonArray? resources, string wanted)
    {
        foreach (var resource in resources.Texts())
        {
            if (resource == "*" || resource == wanted) return true;
            if (resource.StartsWith("*/", StringComparison.Ordinal) && wanted.EndsWith(resource[1..], StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private static bool Contains(JsonArray? list, string wanted) => list.Texts().Any(t => t == "*" || t == wanted);

    private static string? Subject(JsonObject binding, RequestUser user, string? namespaceName)
    {
        foreach (var subject in (binding.Array("subjects") ?? []).OfType<JsonObject>())
        {
            var name = subject.Text("name") ?? "";
            switch (subject.Text("kind"))
            {
                case "User" when name == user.Name: return $"User \"{name}\"";
                case "Group" when user.Groups.Contains(name): return $"Group \"{name}\"";
                case "ServiceAccount" when user.Name == $"system:serviceaccount:{subject.Text("namespace") ?? namespaceName}:{name}":
                    return $"ServiceAccount \"{name}/{subject.Text("namespace") ?? namespaceName}\"";
            }
        }

        return null;
    }
}
