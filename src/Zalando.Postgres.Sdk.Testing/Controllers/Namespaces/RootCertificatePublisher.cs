using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Namespaces;

/// <summary>Keeps the config map <c>kube-root-ca.crt</c> in every namespace.</summary>
internal sealed class RootCertificatePublisher(ControllerContext context) : Controller(context)
{
    private const string MapName = "kube-root-ca.crt";

    public override string Name => "root-ca-certificate-publisher";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Namespace") enqueue(new("", change.Object.NameOf()));
        else if (change.Kind.Kind == "ConfigMap" && change.Object.NameOf() == MapName) enqueue(new("", change.Object.NamespaceOf()));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Namespace, key) is not { } space || space.IsTerminating()) return null;
        var data = new JsonObject { ["ca.crt"] = Context.Options.RootCertificate };
        if (State.Get(KubernetesKinds.ConfigMap, key.Name, MapName) is not { } map)
        {
            Api.Create(KubernetesKinds.ConfigMap, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject
                {
                    ["name"] = MapName, ["namespace"] = key.Name,
                    ["annotations"] = new JsonObject
                    {
                        ["kubernetes.io/description"] = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
                    },
                },
                ["data"] = data,
            });
            return null;
        }

        if (JsonNode.DeepEquals(map["data"], data)) return null;
        var copy = map.Copy();
        copy["data"] = data;
        Api.Update(KubernetesKinds.ConfigMap, copy);
        return null;
    }
}
