using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Ownership;
using Zalando.Postgres.Sdk.Testing.ApiServer.Patching;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>A patch of any of the four types, read from a request.</summary>
internal sealed class PatchDecoder
{
    private readonly string _media;
    private readonly string _text;
    private readonly JsonNode _patch;
    private readonly ServedKind _kind;

    private PatchDecoder(string media, string text, JsonNode patch, ServedKind kind)
    {
        _media = media;
        _text = text;
        _patch = patch;
        _kind = kind;
    }

    public static PatchDecoder Decode(ServedKind kind, string media, byte[] body, WriteContext context)
    {
        JsonNode? node;
        var duplicates = new List<string>();
        try
        {
            node = media == "application/apply-patch+yaml" ? YamlText.Parse(body, duplicates) : JsonText.Parse(body, duplicates);
        }
        catch (JsonException e)
        {
            var why = JsonFaults.Describe(body, e);
            throw StatusErrors.BadRequest(media switch
            {
                "application/strategic-merge-patch+json" => why,
                "application/apply-patch+yaml" => $"error decoding YAML: {why}",
                _ => "error decoding patch: " + why,
            });
        }

        catch (FormatException e)
        {
            throw StatusErrors.BadRequest("error decoding YAML: " + e.Message);
        }

        var text = Encoding.UTF8.GetString(body);
        if (media == "application/json-patch+json")
        {
            if (node is not JsonArray array) throw StatusErrors.BadRequest($"error decoding patch: json: cannot unmarshal {Describe(node)} into Go value of type []handlers.jsonPatchOp");
            if (array.Count > 10_000) throw new ApiStatusException(413, "RequestEntityTooLarge", $"Request entity too large: The allowed maximum operations in a JSON patch is 10000, got {array.Count}");
            return new PatchDecoder(media, text, array, kind);
        }

        if (node is not JsonObject map)
        {
            throw StatusErrors.BadRequest(media == "application/merge-patch+json"
                ? $"error decoding patch: json: cannot unmarshal {Describe(node)} into Go value of type map[string]interface {{}}"
                : $"json: cannot unmarshal {Describe(node)} into Go value of type map[string]interface {{}}");
        }

        _ = context;
        return new PatchDecoder(media, text, map, kind);
    }

    /// <summary>The object that the patch makes of the stored one.</summary>
    public JsonObject Change(ServedKind kind, JsonObject current, WriteContext context)
    {
        JsonNode? result = _media switch
        {
            "application/json-patch+json" => JsonPatch.Apply(current, (JsonArray)_patch),
            "application/merge-patch+json" => MergePatch.Apply(current, (JsonObject)_patch),
            _ => StrategicMergePatch.Apply(current, (JsonObject)_patch, kind.Schema),
        };
        if (result is not JsonObject value) throw StatusErrors.RejectedPatch();
        if (_media != "application/strategic-merge-patch+json") CheckKind(kind, value);
        TypedDecoder.Decode(kind, value, [], context, _text);
        return value;
    }

    /// <summary>A patch that makes another kind of the object is first read as that kind, and then cannot be turned back.</summary>
    private void CheckKind(ServedKind kind, JsonObject value)
    {
        if (kind.Custom is not null || (value.Text("kind") == kind.Kind.Kind && value.Text("apiVersion") == kind.Kind.ApiVersion)) return;
        var what = $"{value.Text("kind")} in version {StatusErrors.Quote(value.Text("apiVersion") ?? "")}";
        if (KubernetesKinds.All.FirstOrDefault(k => k.Kind == value.Text("kind") && k.ApiVersion == value.Text("apiVersion")) is { } other)
            TypedDecoder.Decode(new ServedKind(other, null), value.CopyObject(), [], new WriteContext { FieldValidation = "Ignore" }, _text);
        throw StatusErrors.InvalidPatch(_text, $"{what} cannot be handled as a {kind.Kind.Kind}");
    }

    /// <summary>Server-side apply.</summary>
    public StoredObject Apply(ObjectPipeline pipeline, ResourceRequest target, WriteContext context, out int code)
    {
        var applied = ((JsonObject)_patch).CopyObject();
        var kind = _kind;
        var name = target.Name!;
        if (applied.Text("kind") != kind.Kind.Kind || applied.Text("apiVersion") != kind.Kind.ApiVersion)
        {
            if (applied.Text("kind") is null or "") throw StatusErrors.BadRequest("invalid object type: /, Kind=");
            throw StatusErrors.BadRequest($"invalid object type: {applied.Text("apiVersion")}, Kind={applied.Text("kind")}");
        }

        var metadata = applied.Metadata();
        if (metadata.ContainsKey("managedFields")) throw StatusErrors.BadRequest("metadata.managedFields must be nil");
        if (metadata.Text("name") is null or "") metadata["name"] = name;
        if (metadata.Text("name") != name) throw StatusErrors.BadRequest($"the name of the object ({metadata.Text("name")}) does not match the name on the URL ({name})");
        pipeline.CheckNamespace(kind, target.Namespace, applied);
        var stored = pipeline.Find(kind, target.Namespace, name);
        code = stored is null ? 201 : 200;
        try
        {
            if (stored is null)
            {
                if (target.Subresource is not null) throw StatusErrors.NotFound(kind.Kind, name);
                if (kind.HasStatus) applied.Remove("status");
                var owners = FieldOwners.Of([]);
                owners.Apply(context.FieldManager, kind, null, new JsonObject { ["metadata"] = new JsonObject() }, applied, true, pipeline.Now);
                owners.Write(applied);
                metadata.Remove("resourceVersion");
                metadata.Remove("uid");
                return pipeline.Create(kind, target.Namespace, applied, context, owned: true);
            }

            return pipeline.Update(kind, target.Namespace, name, target.Subresource, current =>
            {
                var uid = metadata.Text("uid");
                if (uid is { Length: > 0 } && uid != current.Uid())
                {
                    var cause = new StatusCause("FieldValueInvalid", "metadata.uid", $"Invalid value: {StatusErrors.Quote(uid)}: field is immutable");
                    throw StatusErrors.Invalid(kind.Kind, name, [cause, cause]);
                }

                var version = metadata.Text("resourceVersion");
                if (version is { Length: > 0 } && version != current.Object("metadata").Text("resourceVersion")) throw StatusErrors.Conflict(kind.Kind, name);
                if (target.Subresource is null && kind.HasStatus) applied.Remove("status");
                else if (target.Subresource == "status")
                {
                    foreach (var key in applied.Select(static p => p.Key).Where(static k => k is not ("apiVersion" or "kind" or "metadata" or "status")).ToArray()) applied.Remove(key);
                }

                var owners = FieldOwners.Of(current);
                var merged = owners.Apply(context.FieldManager, kind, target.Subresource, current, applied, context.Force, pipeline.Now);
                owners.Write(merged);
                return merged;
            }, context, needsVersion: false, owned: true);
        }
        catch (UndeclaredFieldException e)
        {
            throw StatusErrors.Internal($"failed to create typed patch object ({metadata.Text("namespace")}/{name}; {kind.Kind.ApiVersion}, Kind={kind.Kind.Kind}): {e.Message}");
        }
    }

    private static string Describe(JsonNode? node) => node switch
    {
        JsonObject => "object",
        JsonArray => "array",
        null => "null",
        _ => node.GetValueKind() switch { JsonValueKind.String => "string", JsonValueKind.Number => "number", _ => "bool" },
    };
}
