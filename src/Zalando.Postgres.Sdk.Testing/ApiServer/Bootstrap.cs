using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>What a server has from the start: four namespaces, and the roles that let clients find their way.</summary>
internal static class Bootstrap
{
    public static void Fill(ObjectPipeline pipeline)
    {
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            Ensure(pipeline, KubernetesKinds.Namespace, null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
        }

        Role(pipeline, "cluster-admin", [Rule(["*"], ["*"], ["*"]), Paths(["*"], ["*"])], "system:masters");
        Role(pipeline, "system:discovery", [Paths(["/.well-known", "/.well-known/*"], ["get"]), Paths(["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"], ["get"])], "system:authenticated");
        Role(pipeline, "system:public-info-viewer", [Paths(["/healthz", "/livez", "/readyz", "/version", "/version/"], ["get"])], "system:authenticated", "system:unauthenticated");
        Role(pipeline, "system:basic-user",
        [
            Rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
            Rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
        ], "system:authenticated");
        Role(pipeline, "system:service-account-issuer-discovery", [Paths(["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"], ["get"])], "system:serviceaccounts");
        string[] all = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
        string[] read = ["get", "list", "watch"];
        string[] core = ["configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "pods/exec", "pods/log", "pods/status", "secrets", "serviceaccounts", "services"];
        string[] work = ["apps", "batch", "autoscaling", "policy", "networking.k8s.io", "coordination.k8s.io", "discovery.k8s.io"];
        Role(pipeline, "admin", [Rule([""], core, all), Rule(work, ["*"], all), Rule(["rbac.authorization.k8s.io"], ["roles", "rolebindings"], all)]);
        Role(pipeline, "edit", [Rule([""], core, all), Rule(work, ["*"], all)]);
        Role(pipeline, "view", [Rule([""], [.. core.Where(static r => r is not ("secrets" or "pods/exec"))], read), Rule(work, ["*"], read)]);
    }

    private static void Role(ObjectPipeline pipeline, string name, JsonNode[] rules, params string[] groups)
    {
        Ensure(pipeline, KubernetesKinds.ClusterRole, null, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" } },
            ["rules"] = new JsonArray(rules),
        });
        if (groups.Length == 0) return;
        Ensure(pipeline, KubernetesKinds.ClusterRoleBinding, null, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" } },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = name },
            ["subjects"] = new JsonArray([.. groups.Select(static g => (JsonNode)new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Group", ["name"] = g })]),
        });
    }

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) => new() { ["verbs"] = Texts(verbs), ["apiGroups"] = Texts(groups), ["resources"] = Texts(resources) };

    private static JsonObject Paths(string[] paths, string[] verbs) => new() { ["verbs"] = Texts(verbs), ["nonResourceURLs"] = Texts(paths) };

    private static JsonArray Texts(string[] texts) => new([.. texts.Select(static t => (JsonNode)JsonValue.Create(t))]);

    private static void Ensure(ObjectPipeline pipeline, KubernetesKind kind, string? namespaceName, JsonObject value)
    {
        var served = pipeline.Kinds.Require(kind);
        if (pipeline.Find(served, namespaceName, (string)value["metadata"]!["name"]!) is null) pipeline.Create(served, namespaceName, value, WriteContext.Internal);
    }
}
