using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Planning.Streams;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Replication slots that the manifest gives to Patroni.</summary>
internal static class PatroniSlots
{
    /// <summary>Adds slots that are missing or other, and takes away those that left the manifest.</summary>
    public static void Patch(ClusterContext context, JsonObject current, JsonObject patch, List<ChangeReason> reasons)
    {
        var present = current.Object("slots");
        var changed = new JsonObject();
        var wanted = context.Spec.Patroni?.Slots ?? new Dictionary<string, IReadOnlyDictionary<string, string>?>();
        foreach (var (name, slot) in wanted.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var body = new JsonObject((slot ?? new Dictionary<string, string>()).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value))));
            if (JsonNode.DeepEquals(present?[name], body)) continue;
            reasons.Add(new ChangeReason { FieldPath = $"spec.patroni.slots[{name}]", Old = Diff.ValueText.Of(present?[name]), New = Diff.ValueText.Of(body), Consequence = Consequence.Reload });
            changed[name] = body;
        }

        // Slots that the pods were started with came from the manifest; others were made by somebody else and stay.
        foreach (var name in FormerSlots(context).Concat(Names(context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.ManagedSlots))).Distinct(StringComparer.Ordinal))
        {
            if (wanted.ContainsKey(name) || present?[name] is null) continue;
            // A stream took it over: without it the place of the reader would be lost.
            if (context.Spec.Streams?.Any(s => EventStreamBuilder.SlotName(s.Database ?? "", s.ApplicationId ?? "") == name) == true) continue;
            reasons.Add(new ChangeReason { FieldPath = $"spec.patroni.slots[{name}]", Old = Diff.ValueText.Of(present[name]), Consequence = Consequence.Reload });
            changed[name] = null;
        }

        if (changed.Count > 0) patch["slots"] = changed;
    }

    // What the operator gave to Patroni is written down before it is given, so that it is taken back when it leaves the manifest, whoever runs then.
    public static void Note(ClusterContext context, JsonObject current, JsonObject patch, List<PlannedChange> changes)
    {
        var present = context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.ManagedSlots);
        if (present is null && !patch.ContainsKey("slots")) return;
        var wanted = (context.Spec.Patroni?.Slots ?? new Dictionary<string, IReadOnlyDictionary<string, string>?>()).Keys.ToHashSet(StringComparer.Ordinal);
        // A slot that has to go stays on the list until Patroni's configuration no longer has it.
        var kept = Names(present).Where(n => !wanted.Contains(n) && current.Object("slots")?.ContainsKey(n) == true);
        var list = string.Join(',', wanted.Concat(kept).Order(StringComparer.Ordinal));
        if (list == (present ?? "")) return;
        changes.Add(PatroniPlanner.Annotate(context, ClusterAnnotations.ManagedSlots, present, list.Length == 0 ? null : list));
    }

    private static IEnumerable<string> FormerSlots(ClusterContext context)
    {
        if (FormerEnvironment.Of(context)?.GetValueOrDefault(SpiloConfiguration.Variable) is not { Length: > 0 } text) return [];
        try
        {
            return JsonNode.Parse(text).Object("bootstrap", "dcs", "slots")?.Select(s => s.Key).ToArray() ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
