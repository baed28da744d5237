using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>Adopts objects that fit a selector and have no controller, and releases those that no longer fit.</summary>
internal static class ControllerOwnership
{
    /// <summary>The objects that belong to the owner afterwards.</summary>
    /// <param name="context">The server.</param>
    /// <param name="ownerKind">Kind of the owner.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="kind">Kind of the objects.</param>
    /// <param name="fits">Which objects may belong to the owner.</param>
    public static List<JsonObject> Claim(ControllerContext context, KubernetesKind ownerKind, JsonObject owner, KubernetesKind kind, Func<JsonObject, bool> fits)
    {
        var result = new List<JsonObject>();
        foreach (var value in context.State.List(kind, owner.NamespaceOf()))
        {
            if (value.ControllerOf() is { } controller)
            {
                if (controller.FindText("uid") != owner.UidOf()) continue;
                if (fits(value)) result.Add(value);
                else if (!owner.IsTerminating()) Change(context, kind, value, copy => copy.RemoveOwner(owner.UidOf()));
            }
            else if (!owner.IsTerminating() && !value.IsTerminating() && fits(value))
            {
                if (Change(context, kind, value, copy => copy.AddOwner(owner.OwnerReference(ownerKind))) is { } adopted) result.Add(adopted);
            }
        }

        return result;
    }

    private static JsonObject? Change(ControllerContext context, KubernetesKind kind, JsonObject value, Action<JsonObject> change)
    {
        var copy = value.Copy();
        change(copy);
        try
        {
            return context.Api.Update(kind, copy);
        }
        catch (ApiStatusException error) when (error.Code is 404 or 422)
        {
            return null;
        }
    }
}
