using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Namespaces;

/// <summary>Gives every namespace its service account <c>default</c>.</summary>
internal sealed class ServiceAccountController(ControllerContext context) : Controller(context)
{
    public override string Name => "serviceaccount";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Namespace") enqueue(new("", change.Object.NameOf()));
        else if (change.Kind.Kind == "ServiceAccount" && change.Type == "DELETED") enqueue(new("", change.Object.NamespaceOf()));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Namespace, key) is not { } space || space.IsTerminating()) return null;
        if (State.Get(KubernetesKinds.ServiceAccount, key.Name, "default") is not null) return null;
        Api.Create(KubernetesKinds.ServiceAccount, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ServiceAccount", ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = key.Name },
        });
        return null;
    }
}
