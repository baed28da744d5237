using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>The history of a stateful set's template: which revision pods run, and which they should run.</summary>
internal sealed class StatefulSetRevisions(ControllerContext context)
{
    private const string HashLabel = "controller.kubernetes.io/hash";

    /// <summary>The revision of the running pods, the one of the template, and all.</summary>
    public (JsonObject Current, JsonObject Update, List<JsonObject> All) Of(JsonObject set)
    {
        var selector = set.FindMap("spec", "selector");
        var all = ControllerOwnership.Claim(context, KubernetesKinds.StatefulSet, set, KubernetesKinds.ControllerRevision, r => LabelMatch.Matches(selector, r.LabelsOf()));
        all.Sort(static (a, b) => Number(a).CompareTo(Number(b)));
        var data = Data(set);
        var next = all.Count == 0 ? 1 : Number(all[^1]) + 1;
        var equal = all.LastOrDefault(r => JsonNode.DeepEquals(r["data"], data));
        JsonObject update;
        if (set.IsTerminating() && equal is null)
        {
            update = all.Count > 0 ? all[^1] : NewRevision(set, data, next);
        }
        else if (equal is null)
        {
            update = context.Api.Create(KubernetesKinds.ControllerRevision, NewRevision(set, data, next));
            all.Add(update);
        }
        else if (!ReferenceEquals(equal, all[^1]) && !set.IsTerminating())
        {
            // Back to a template of before: its revision becomes the newest.
            var copy = equal.Copy();
            copy.SetNumber("revision", next);
            update = context.Api.Update(KubernetesKinds.ControllerRevision, copy);
            all.Remove(equal);
            all.Add(update);
        }
        else
        {
            update = equal;
        }

        var currentName = set.FindText("status", "currentRevision");
        return (all.FirstOrDefault(r => r.NameOf() == currentName) ?? update, update, all);
    }

    /// <summary>Removes the oldest revisions that nothing runs, beyond the limit of the set.</summary>
    public void Truncate(JsonObject set, List<JsonObject> all, List<JsonObject> pods, JsonObject current, JsonObject update)
    {
        var live = pods.Select(static p => p.FindText("metadata", "labels", "controller-revision-hash") ?? "").Append(current.NameOf()).Append(update.NameOf())
            .ToHashSet(StringComparer.Ordinal);
        var idle = all.Where(r => !live.Contains(r.NameOf())).ToArray();
        var limit = set.FindNumber("spec", "revisionHistoryLimit") ?? 10;
        for (var i = 0; i < idle.Length - limit; i++) context.Api.Delete(KubernetesKinds.ControllerRevision, set.NamespaceOf(), idle[i].NameOf());
    }

    private static int Number(JsonObject revision) => revision.FindNumber("revision") ?? 0;

    private static JsonObject Data(JsonObject set)
    {
        var template = set.FindMap("spec", "template")?.Copy() ?? [];
        template["$patch"] = "replace";
        return new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
    }

    private static JsonObject NewRevision(JsonObject set, JsonObject data, int number)
    {
        var hash = StableHash.Of(Sorted(data).ToJsonString());
        var labels = set.FindMap("spec", "template", "metadata", "labels")?.Copy() ?? [];
        labels[HashLabel] = hash;
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ControllerRevision",
            ["metadata"] = new JsonObject
            {
                ["name"] = set.NameOf() + "-" + hash,
                ["namespace"] = set.NamespaceOf(),
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(set.OwnerReference(KubernetesKinds.StatefulSet)),
            },
            ["data"] = data,
            ["revision"] = ObjectReading.Number(number),
        };
    }

    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => KeyValuePair.Create(p.Key, p.Value is null ? null : (JsonNode?)Sorted(p.Value)))),
        JsonArray array => new JsonArray(array.Select(static e => e is null ? null : Sorted(e)).ToArray()),
        _ => node.DeepClone(),
    };
}
