using System.Globalization;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Nodes;

/// <summary>Chooses a node for a pod as a scheduler would: by cordons, taints, node selector and affinity, required anti-affinity of pods, and topology spread.</summary>
/// <remarks>Resources, ports and the places of volumes are not looked at. Among nodes that fit, one with fewer pods of the same owner wins, then one with fewer pods.</remarks>
public static class PodPlacement
{
    /// <summary>Chooses.</summary>
    /// <param name="pod">The pod, as stored.</param>
    /// <param name="nodes">The nodes that may be taken, as stored.</param>
    /// <param name="pods">All pods there are, as stored; those without a node or finished do not count.</param>
    /// <param name="refusal">What speaks against the nodes, in the words of the scheduler; null when one was found.</param>
    /// <returns>Name of the node; null when none fits.</returns>
    public static string? Choose(JsonObject pod, IReadOnlyList<JsonObject> nodes, IReadOnlyList<JsonObject> pods, out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(pods);
        var placed = pods.Where(p => p.FindText("spec", "nodeName") is { Length: > 0 } && p.FindText("status", "phase") is not ("Succeeded" or "Failed") && p.UidOf() != pod.UidOf()).ToArray();
        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var fitting = new List<JsonObject>();
        foreach (var node in nodes)
        {
            if (Objection(pod, node) is { } objection) reasons[objection] = reasons.GetValueOrDefault(objection) + 1;
            else fitting.Add(node);
        }

        // Spread is measured over the nodes that the pod may use by itself.
        var open = new List<JsonObject>();
        foreach (var node in fitting)
        {
            var objection = IsAverse(pod, node, nodes, placed) ? "node(s) didn't match pod anti-affinity rules"
                : Spreads(pod, node, fitting, placed) ? null : "node(s) didn't match pod topology spread constraints";
            if (objection is null) open.Add(node);
            else reasons[objection] = reasons.GetValueOrDefault(objection) + 1;
        }

        if (open.Count == 0)
        {
            refusal = string.Create(CultureInfo.InvariantCulture, $"0/{nodes.Count} nodes are available: {string.Join(", ", reasons.Select(r => $"{r.Value} {r.Key}"))}.");
            return null;
        }

        refusal = null;
        var owner = pod.ControllerOf().FindText("uid");
        return open.OrderBy(n => owner is null ? 0 : placed.Count(p => p.FindText("spec", "nodeName") == n.NameOf() && p.ControllerOf().FindText("uid") == owner))
            .ThenBy(n => placed.Count(p => p.FindText("spec", "nodeName") == n.NameOf())).ThenBy(n => n.NameOf(), StringComparer.Ordinal).First().NameOf();
    }

    /// <summary>Whether a pod tolerates a taint.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="taint">The taint, as it stands in a node.</param>
    /// <param name="seconds">For how long; null for ever. The shortest time counts.</param>
    public static bool Tolerates(JsonObject pod, JsonObject taint, out int? seconds)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(taint);
        seconds = null;
        var found = false;
        foreach (var toleration in pod.FindObjects("spec", "tolerations"))
        {
            if (toleration.FindText("effect") is { Length: > 0 } effect && effect != taint.FindText("effect")) continue;
            var key = toleration.FindText("key") ?? "";
            var exists = toleration.FindText("operator") == "Exists";
            if (key.Length == 0 ? !exists : key != taint.FindText("key")) continue;
            if (!exists && (toleration.FindText("value") ?? "") != (taint.FindText("value") ?? "")) continue;
            found = true;
            if (toleration.FindNumber("tolerationSeconds") is { } limit) seconds = Math.Min(seconds ?? int.MaxValue, Math.Max(0, limit));
        }

        return found;
    }

    private static string? Objection(JsonObject pod, JsonObject node)
    {
        if (node.FindFlag("spec", "unschedulable")
            && !Tolerates(pod, new JsonObject { ["key"] = "node.kubernetes.io/unschedulable", ["effect"] = "NoSchedule" }, out _)) return "node(s) were unschedulable";
        foreach (var taint in node.FindObjects("spec", "taints"))
        {
            if (taint.FindText("effect") is "NoSchedule" or "NoExecute" && !Tolerates(pod, taint, out _))
                return $"node(s) had untolerated taint {{{taint.FindText("key")}: {taint.FindText("value")}}}";
        }

        var fits = (pod.FindMap("spec", "nodeSelector") is not { } selector || LabelMatch.MatchesMap(selector, node.LabelsOf()))
            && (pod.FindMap("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution") is not { } required
                || required.FindObjects("nodeSelectorTerms").Any(t => Fits(t, node)));
        return fits ? null : "node(s) didn't match Pod's node affinity/selector";
    }

    // An empty term fits nothing.
    private static bool Fits(JsonObject term, JsonObject node)
    {
        var expressions = term.FindObjects("matchExpressions").Select(e => (Expression: e, Value: node.LabelsOf().FindText(e.FindText("key") ?? "")))
            .Concat(term.FindObjects("matchFields").Select(e => (Expression: e, Value: e.FindText("key") == "metadata.name" ? node.NameOf() : null))).ToArray();
        return expressions.Length > 0 && expressions.All(static e => Fits(e.Expression, e.Value));
    }

    private static bool Fits(JsonObject expression, string? value)
    {
        string[] values = expression["values"] is JsonArray list ? [.. list.Select(static v => v?.ToString() ?? "")] : [];
        return expression.FindText("operator") switch
        {
            "In" => value is not null && values.Contains(value, StringComparer.Ordinal),
            "NotIn" => value is null || !values.Contains(value, StringComparer.Ordinal),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Compare(value, values) > 0,
            "Lt" => Compare(value, values) < 0,
            _ => false,
        };
    }

    private static int? Compare(string? value, string[] values) =>
        values.Length == 1 && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right) : null;

    private static bool IsAverse(JsonObject pod, JsonObject node, IReadOnlyList<JsonObject> nodes, JsonObject[] placed)
    {
        foreach (var term in pod.FindObjects("spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"))
        {
            var key = term.FindText("topologyKey") ?? "";
            if (node.LabelsOf().FindText(key) is not { } domain) continue;
            var spaces = term["namespaces"] is JsonArray { Count: > 0 } named ? named.Select(static n => n?.ToString()).ToArray() : [pod.NamespaceOf()];
            if (placed.Any(p => spaces.Contains(p.NamespaceOf()) && LabelMatch.Matches(term.FindMap("labelSelector"), p.LabelsOf()) && Domain(p, key, nodes) == domain)) return true;
        }

        return false;
    }

    private static bool Spreads(JsonObject pod, JsonObject node, List<JsonObject> fitting, JsonObject[] placed)
    {
        foreach (var constraint in pod.FindObjects("spec", "topologySpreadConstraints"))
        {
            if (constraint.FindText("whenUnsatisfiable") == "ScheduleAnyway") continue;
            var key = constraint.FindText("topologyKey") ?? "";
            if (node.LabelsOf().FindText(key) is not { } domain) return false;
            var counts = fitting.Select(n => n.LabelsOf().FindText(key)).OfType<string>().Distinct(StringComparer.Ordinal).ToDictionary(static d => d, static _ => 0, StringComparer.Ordinal);
            foreach (var other in placed)
            {
                if (other.NamespaceOf() != pod.NamespaceOf() || other.IsTerminating() || !LabelMatch.Matches(constraint.FindMap("labelSelector"), other.LabelsOf())) continue;
                if (Domain(other, key, fitting) is { } at && counts.TryGetValue(at, out var count)) counts[at] = count + 1;
            }

            if (counts[domain] + 1 - counts.Values.Min() > (constraint.FindNumber("maxSkew") ?? 1)) return false;
        }

        return true;
    }

    private static string? Domain(JsonObject pod, string key, IReadOnlyList<JsonObject> nodes)
    {
        var name = pod.FindText("spec", "nodeName");
        return nodes.FirstOrDefault(n => n.NameOf() == name)?.LabelsOf().FindText(key);
    }
}
