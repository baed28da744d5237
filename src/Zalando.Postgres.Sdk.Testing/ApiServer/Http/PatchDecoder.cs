using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
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
        TypedDecoder.Decode(kind, value, [], context, _text);
        return value;
    }

    /// <summary>Server-side apply.</summary>
    public StoredObject Apply(ObjectPipeline pipeline, ResourceRequest target, WriteContext context, out int code)
    {
        _ = _kind;
        _ = pipeline;
        _ = target;
        _ = context;
        code = 200;
        throw StatusErrors.UnsupportedPatch();
    }

    private static string Describe(JsonNode? node) => node switch
    {
        JsonObject => "object",
        JsonArray => "array",
        null => "null",
        _ => node.GetValueKind() switch { JsonValueKind.String => "string", JsonValueKind.Number => "number", _ => "bool" },
    };
}
