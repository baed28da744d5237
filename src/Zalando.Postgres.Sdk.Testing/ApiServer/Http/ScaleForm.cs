using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>The <c>scale</c> of an object: replicas and selector, read from it and written into it.</summary>
internal static class ScaleForm
{
    public static JsonObject Of(ServedKind kind, JsonObject value)
    {
        var metadata = value.Object("metadata");
        var shown = new JsonObject();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"]) shown.Put(field, metadata?[field]?.DeepClone());
        var scale = kind.Custom?.Scale;
        var replicas = (scale is null ? value.Object("spec").Whole("replicas") : At(value, scale.Text("specReplicasPath")).Whole()) ?? 0;
        var current = (scale is null ? value.Object("status").Whole("replicas") : At(value, scale.Text("statusReplicasPath")).Whole()) ?? 0;
        var selector = scale is null ? Selector(value.Object("spec").Object("selector")) : At(value, scale.Text("labelSelectorPath")).Text();
        var spec = new JsonObject();
        if (replicas != 0) spec["replicas"] = replicas;
        var status = new JsonObject { ["replicas"] = current };
        if (selector is { Length: > 0 }) status["selector"] = selector;
        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = shown, ["spec"] = spec, ["status"] = status };
    }

    /// <summary>Puts the wanted number of replicas into an object.</summary>
    public static JsonObject Into(ServedKind kind, JsonObject value, JsonObject scale)
    {
        var replicas = scale.Object("spec").Whole("replicas") ?? 0;
        if (replicas < 0)
            throw StatusErrors.Invalid("Scale", "autoscaling", value.Name(), [new("FieldValueInvalid", "spec.replicas", $"Invalid value: {replicas}: must be greater than or equal to 0")]);
        var path = (kind.Custom?.Scale.Text("specReplicasPath") ?? ".spec.replicas").TrimStart('.').Split('.');
        var parent = value;
        foreach (var part in path[..^1]) parent = parent.Ensure(part);
        parent[path[^1]] = JsonText.Number(replicas);
        var metadata = value.Metadata();
        if (scale.Object("metadata").Text("resourceVersion") is { Length: > 0 } version) metadata["resourceVersion"] = version;
        if (scale.Object("metadata").Text("uid") is { Length: > 0 } uid) metadata["uid"] = uid;
        return value;
    }

    private static JsonNode? At(JsonObject value, string? path) => path is null ? null : value.At(path.TrimStart('.').Split('.'));

    private static string Selector(JsonObject? selector)
    {
        if (selector is null) return "";
        var labels = selector.Object("matchLabels") ?? (selector.ContainsKey("matchExpressions") ? [] : selector);
        var parts = labels.OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"{l.Key}={l.Value.Text()}").ToList();
        foreach (var expression in (selector.Array("matchExpressions") ?? []).OfType<JsonObject>())
        {
            var values = string.Join(',', expression.Array("values").Texts());
            parts.Add(expression.Text("operator") switch
            {
                "In" => $"{expression.Text("key")} in ({values})",
                "NotIn" => $"{expression.Text("key")} notin ({values})",
                "Exists" => expression.Text("key") ?? "",
                _ => "!" + expression.Text("key"),
            });
        }

        return string.Join(',', parts);
    }
}
