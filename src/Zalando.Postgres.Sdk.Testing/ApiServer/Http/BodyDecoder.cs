using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Reads the object in a request body.</summary>
internal static class BodyDecoder
{
    public static JsonObject Decode(ServedKind kind, byte[] body, string? contentType, WriteContext context)
    {
        var media = (contentType ?? "").Split(';')[0].Trim();
        var yaml = media == "application/yaml";
        if (media is not ("" or "application/json" or "application/yaml")) throw StatusErrors.UnsupportedBody();
        var duplicates = new List<string>();
        JsonNode? node;
        try
        {
            node = yaml ? YamlText.Parse(body, duplicates) : JsonText.Parse(body, duplicates);
        }
        catch (JsonException e)
        {
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind.Kind}): couldn't get version/kind; json parse error: {JsonFaults.Describe(body, e)} ({Excerpt(body)})");
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind.Kind}): {e.Message} ({Convert.ToHexStringLower(body.AsSpan(0, Math.Min(body.Length, 30)))})");
        }

        if (node is null) node = new JsonObject();
        if (node is not JsonObject value)
        {
            var what = node is JsonArray ? "array" : node.GetValueKind() switch { JsonValueKind.String => "string", JsonValueKind.Number => "number", _ => "bool" };
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind.Kind}): couldn't get version/kind; json parse error: json: cannot unmarshal {what} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }} ({Excerpt(body)})");
        }

        CheckType(kind, value, body, context);
        TypedDecoder.Decode(kind, value, duplicates, context, patch: null);
        return value;
    }

    private static void CheckType(ServedKind kind, JsonObject value, byte[] body, WriteContext context)
    {
        var givenKind = value.Text("kind");
        var givenVersion = value.Text("apiVersion");
        if (givenVersion is { } version && version.Count(static c => c == '/') > 1)
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind.Kind}): unexpected GroupVersion string: {version} ({Excerpt(body)})");
        if (kind.Custom is not null)
        {
            if (givenKind is null or "" || givenVersion is null or "")
            {
                if (givenKind is null or "") throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind.Kind}): Object 'Kind' is missing in '{Encoding.UTF8.GetString(body)}' ({Excerpt(body)})");
                throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind.Kind}): Object 'apiVersion' is missing in '{Encoding.UTF8.GetString(body)}' ({Excerpt(body)})");
            }

            if (givenVersion != kind.Kind.ApiVersion)
            {
                if (context.FieldValidation != "Ignore")
                    context.Warnings.AddRange(value.Select(static p => p.Key).Where(static k => k is not ("kind" or "apiVersion" or "metadata")).Select(static k => $"unknown field \"{k}\""));
                throw StatusErrors.BadRequest($"the API version in the data ({givenVersion}) does not match the expected API version ({kind.Kind.ApiVersion})");
            }

            if (givenKind != kind.Kind.Kind)
                throw StatusErrors.Invalid(givenKind, kind.Kind.Group, value.Name(), [new("FieldValueInvalid", "kind", $"Invalid value: {StatusErrors.Quote(givenKind)}: must be {kind.Kind.Kind}")]);
        }
        else if ((givenKind is { Length: > 0 } && givenKind != kind.Kind.Kind) || (givenVersion is { Length: > 0 } && givenVersion != kind.Kind.ApiVersion))
        {
            var effectiveVersion = givenVersion is { Length: > 0 } ? givenVersion : kind.Kind.ApiVersion;
            var effectiveKind = givenKind is { Length: > 0 } ? givenKind : kind.Kind.Kind;
            var shortVersion = effectiveVersion[(effectiveVersion.IndexOf('/') + 1)..];
            var known = effectiveKind == "List" && effectiveVersion == "v1" || Resources.Kubernetes.KubernetesKinds.All.Any(k => k.Kind == effectiveKind && k.ApiVersion == effectiveVersion);
            throw StatusErrors.BadRequest(known
                ? $"{effectiveKind} in version \"{shortVersion}\" cannot be handled as a {kind.Kind.Kind}: converting ({GoPackage(effectiveVersion)}.{effectiveKind}) to ({InternalPackage(kind)}.{kind.Kind.Kind}): unknown conversion"
                : $"{effectiveKind} in version \"{shortVersion}\" cannot be handled as a {kind.Kind.Kind}: no kind \"{effectiveKind}\" is registered for version \"{effectiveVersion}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
        }
    }

    private static string GoPackage(string apiVersion) => apiVersion[(apiVersion.IndexOf('/') + 1)..];

    private static string InternalPackage(ServedKind kind) => kind.Kind.Group.Length == 0 ? "core" : kind.Kind.Group.Split('.')[0];

    private static string Excerpt(byte[] body)
    {
        if (body.Length == 0) return "<empty>";
        var text = Encoding.UTF8.GetString(body);
        if (text.Length < 5 && !text.StartsWith('{') || text[0] is not '{') return Convert.ToHexStringLower(body.AsSpan(0, Math.Min(body.Length, 30)));
        return text.Length > 30 ? text[..30] + " ..." : text;
    }
}
