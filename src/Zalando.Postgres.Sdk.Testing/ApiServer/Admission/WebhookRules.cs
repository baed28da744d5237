using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using LabelSelector = Zalando.Postgres.Sdk.Testing.ApiServer.Selectors.LabelSelector;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>Which webhooks a write concerns. Callers hold the store's gate.</summary>
internal sealed class WebhookRules(ObjectStore store, KindRegistry kinds)
{
    private static readonly string Mutating = ExtraKinds.MutatingWebhookConfiguration.QualifiedName;
    private static readonly string Validating = ExtraKinds.ValidatingWebhookConfiguration.QualifiedName;

    /// <summary>Whether there is any configuration.</summary>
    public bool AreUsed(bool mutating) => store.Count(mutating ? Mutating : Validating) > 0;

    public IReadOnlyList<WebhookCall> Concerned(ServedKind kind, AdmissionRequest request, bool mutating)
    {
        // No webhook may keep itself from being repaired.
        if (kind.Kind.Group == "admissionregistration.k8s.io") return [];
        var calls = new List<WebhookCall>();
        foreach (var configuration in store.List(mutating ? Mutating : Validating, null))
        {
            foreach (var webhook in (configuration.Value.Array("webhooks") ?? []).OfType<JsonObject>())
            {
                if (Match(webhook, kind, request) is { } matched && Selects(webhook, request)) calls.Add(new WebhookCall(webhook, kind, matched));
            }
        }

        return calls;
    }

    private ServedKind? Match(JsonObject webhook, ServedKind kind, AdmissionRequest request)
    {
        var rules = (webhook.Array("rules") ?? []).OfType<JsonObject>().ToArray();
        if (rules.Any(r => Covers(r, kind.Kind, request))) return kind;
        if (webhook.Text("matchPolicy") == "Exact") return null;
        // The same objects in another group or version.
        return kinds.All.FirstOrDefault(other => other != kind && other.Resource == kind.Resource && rules.Any(r => Covers(r, other.Kind, request)));
    }

    private static bool Covers(JsonObject rule, KubernetesKind kind, AdmissionRequest request)
    {
        static bool Has(JsonArray? list, string wanted) => list.Texts().Any(t => t == "*" || t == wanted);
        if (!Has(rule.Array("operations"), request.Operation) || !Has(rule.Array("apiGroups"), kind.Group) || !Has(rule.Array("apiVersions"), kind.Version)) return false;
        if (rule.Text("scope") is "Namespaced" && !kind.Namespaced || rule.Text("scope") is "Cluster" && kind.Namespaced) return false;
        return rule.Array("resources").Texts().Any(resource =>
        {
            var slash = resource.IndexOf('/', StringComparison.Ordinal);
            var name = slash < 0 ? resource : resource[..slash];
            var below = slash < 0 ? null : resource[(slash + 1)..];
            return (name == "*" || name == kind.Plural) && (below == "*" && resource != "*" || below == request.Subresource);
        });
    }

    private bool Selects(JsonObject webhook, AdmissionRequest request)
    {
        if (webhook.Object("objectSelector") is { Count: > 0 } objects && LabelSelector.From(objects) is { } selector
            && !(request.Object is { } now && selector.Matches(now)) && !(request.OldObject is { } old && selector.Matches(old))) return false;
        if (webhook.Object("namespaceSelector") is not { Count: > 0 } namespaces || LabelSelector.From(namespaces) is not { } space) return true;
        if (request.Kind.QualifiedName == "namespaces") return space.Matches(request.Object ?? request.OldObject ?? []);
        if (request.Namespace is not { Length: > 0 } name) return true;
        return store.Get("namespaces", new("", name)) is { } found && space.Matches(found.Value);
    }
}
