using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

/// <summary>Kinds that the server itself knows beside those of the Resources package. They are kept as written.</summary>
internal static class ExtraKinds
{
    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static KubernetesKind MutatingWebhookConfiguration { get; } = new()
    {
        Group = "admissionregistration.k8s.io", Version = "v1", Kind = "MutatingWebhookConfiguration", Plural = "mutatingwebhookconfigurations",
        Singular = "mutatingwebhookconfiguration", Namespaced = false, Categories = ["api-extensions"], Verbs = AllVerbs,
    };

    public static KubernetesKind ValidatingWebhookConfiguration { get; } = new()
    {
        Group = "admissionregistration.k8s.io", Version = "v1", Kind = "ValidatingWebhookConfiguration", Plural = "validatingwebhookconfigurations",
        Singular = "validatingwebhookconfiguration", Namespaced = false, Categories = ["api-extensions"], Verbs = AllVerbs,
    };

    public static IReadOnlyList<KubernetesKind> All { get; } = [MutatingWebhookConfiguration, ValidatingWebhookConfiguration];
}
