using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>Kinds and verbs of subresources.</summary>
internal static class SubresourceKinds
{
    public static (string Kind, string[] Verbs) Of(ServedKind kind, string sub) => sub switch
    {
        "status" => (kind.Kind.Kind, ["get", "patch", "update"]),
        "scale" => ("Scale", ["get", "patch", "update"]),
        "attach" => ("PodAttachOptions", ["create", "get"]),
        "exec" => ("PodExecOptions", ["create", "get"]),
        "portforward" => ("PodPortForwardOptions", ["create", "get"]),
        "proxy" => (kind.Kind.Kind switch { "Node" => "NodeProxyOptions", "Service" => "ServiceProxyOptions", _ => "PodProxyOptions" }, ["create", "delete", "get", "patch", "update"]),
        "binding" => ("Binding", ["create"]),
        "eviction" => ("Eviction", ["create"]),
        "log" => ("Pod", ["get"]),
        "token" => ("TokenRequest", ["create"]),
        "finalize" => (kind.Kind.Kind, ["update"]),
        "approval" => (kind.Kind.Kind, ["get", "patch", "update"]),
        _ => (kind.Kind.Kind, ["get", "patch", "update"]),
    };

    public static (string Group, string Version)? GroupOf(string sub) => sub switch
    {
        "scale" => ("autoscaling", "v1"),
        "eviction" => ("policy", "v1"),
        "token" => ("authentication.k8s.io", "v1"),
        _ => null,
    };
}
