using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;

/// <summary>A field selector as it stands in a query: <c>metadata.name=a,status.phase!=Running</c>. Each kind knows few fields.</summary>
internal sealed class FieldSelector
{
    private static readonly Dictionary<string, string[]> Fields = new(StringComparer.Ordinal)
    {
        ["pods"] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"],
        ["secrets"] = ["type"],
        ["events"] = EventFields,
        ["events.events.k8s.io"] = EventFields,
        ["services"] = ["spec.clusterIP", "spec.type"],
        ["namespaces"] = ["status.phase", "name"],
        ["nodes"] = ["spec.unschedulable"],
        ["jobs.batch"] = ["status.successful"],
        ["replicationcontrollers"] = ["status.replicas"],
    };

    private readonly List<(string Field, string Value, bool Equal)> _terms;

    private FieldSelector(List<(string, string, bool)> terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEverything => _terms.Count == 0;

    private static string[] EventFields =>
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "reportingController",
    ];

    /// <summary>The name the selector asks for, when it asks for exactly one (then a watch on it counts as a watch of one object).</summary>
    public string? SingleName => _terms.FirstOrDefault(t => t.Field == "metadata.name" && t.Equal).Value;

    /// <summary>Reads the text of a query.</summary>
    /// <exception cref="ApiStatusException">400: not a selector, or a field the kind does not know.</exception>
    public static FieldSelector Parse(string? text, KubernetesKind kind, IReadOnlyList<string> customFields, bool custom)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        var terms = new List<(string, string, bool)>();
        foreach (var part in Split(text))
        {
            if (part.Length == 0) continue;
            var (at, length, equal) = Operator(part);
            if (at < 0) throw StatusErrors.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            var field = part[..at];
            Check(kind, field, customFields, custom);
            terms.Add((field, Unescape(part[(at + length)..]), equal));
        }

        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject value)
    {
        foreach (var (field, wanted, equal) in _terms)
        {
            if (string.Equals(Read(value, field), wanted, StringComparison.Ordinal) != equal) return false;
        }

        return true;
    }

    private static void Check(KubernetesKind kind, string field, IReadOnlyList<string> customFields, bool custom)
    {
        if (field == "metadata.name" || (field == "metadata.namespace" && (kind.Namespaced || !custom || true)) || customFields.Contains(field)) return;
        if (custom) throw StatusErrors.BadRequest($"field label not supported: {field}");
        if (!Fields.TryGetValue(kind.QualifiedName, out var known))
            throw StatusErrors.BadRequest($"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
        if (!known.Contains(field)) throw StatusErrors.BadRequest(kind.Kind is "Job" or "Namespace" or "Event" or "Node" or "Secret" && false ? field : $"field label not supported: {field}");
    }

    private static string Read(JsonObject value, string field)
    {
        switch (field)
        {
            case "name": return value.Name();
            case "source" when value.Object("source") is not null || value.ContainsKey("source"):
                return value.Object("source").Text("component") ?? value.Text("reportingComponent") ?? "";
            case "spec.unschedulable": return value.Object("spec").Flag("unschedulable") == true ? "true" : "false";
            case "spec.hostNetwork": return value.Object("spec").Flag("hostNetwork") == true ? "true" : "false";
            case "status.successful": return (value.Object("status").Whole("succeeded") ?? 0).ToString();
            case "status.podIPs": return value.Object("status").Text("podIP") ?? "";
        }

        JsonNode? node = value;
        foreach (var part in field.TrimStart('.').Split('.'))
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(part, out node)) return "";
        }

        return node is JsonValue leaf ? leaf.GetValueKind() == JsonValueKind.String ? leaf.GetValue<string>() : leaf.ToJsonString() : "";
    }

    private static (int At, int Length, bool Equal) Operator(string part)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] == '\\') i++;
            else if (part[i] == '!' && i + 1 < part.Length && part[i + 1] == '=') return (i, 2, false);
            else if (part[i] == '=') return (i, i + 1 < part.Length && part[i + 1] == '=' ? 2 : 1, true);
        }

        return (-1, 0, false);
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var result = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            result.Append(text[i]);
        }

        return result.ToString();
    }
}
