using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Policy;

/// <summary>Copies the rules of the cluster roles that an aggregated role selects.</summary>
internal sealed class ClusterRoleAggregationController(ControllerContext context) : Controller(context)
{
    public override string Name => "clusterrole-aggregation";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind != "ClusterRole") return;
        enqueue(ObjectKey.Of(change.Object));
        foreach (var role in State.List(KubernetesKinds.ClusterRole, null))
            if (role["aggregationRule"] is JsonObject) enqueue(ObjectKey.Of(role));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.ClusterRole, key) is not { } role || role["aggregationRule"] is not JsonObject aggregation) return null;
        var rules = new JsonArray();
        foreach (var selector in aggregation.FindObjects("clusterRoleSelectors"))
        {
            foreach (var other in State.List(KubernetesKinds.ClusterRole, null))
            {
                if (other.NameOf() == key.Name || !LabelMatch.Matches(selector, other.LabelsOf())) continue;
                foreach (var rule in other.FindObjects("rules"))
                    if (!rules.Any(r => JsonNode.DeepEquals(r, rule))) rules.Add(rule.DeepClone());
            }
        }

        if (JsonNode.DeepEquals(role["rules"] ?? new JsonArray(), rules)) return null;
        var copy = role.Copy();
        copy["rules"] = rules;
        Api.Update(KubernetesKinds.ClusterRole, copy);
        return null;
    }
}
