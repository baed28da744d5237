using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;

/// <summary>Holds an object against an OpenAPI schema. On an update, a part that did not change is not held against it.</summary>
internal static class SchemaValidation
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public static void Validate(JsonNode? node, JsonNode? old, JsonObject? schema, string path, List<StatusCause> causes)
    {
        if (schema is null) return;
        if (old is not null && JsonNode.DeepEquals(old, node)) return;
        if (node is null)
        {
            if (schema.Flag("nullable") == true) return;
            if (schema.Text("type") is { } wantedType) causes.Add(TypeFault(path, wantedType, "null"));
            return;
        }

        if (!CheckType(node, schema, path, causes)) return;
        CheckEnum(node, schema, path, causes);
        switch (node)
        {
            case JsonObject map: CheckMap(map, old as JsonObject, schema, path, causes); break;
            case JsonArray list: CheckList(list, old as JsonArray, schema, path, causes); break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String: CheckText(value.GetValue<string>(), schema, path, causes); break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number: CheckNumber(value, schema, path, causes); break;
        }

        CheckCombinations(node, schema, path, causes);
    }

    private static bool CheckType(JsonNode node, JsonObject schema, string path, List<StatusCause> causes)
    {
        var actual = TypeOf(node);
        if (schema.Flag("x-kubernetes-int-or-string") == true)
        {
            if (actual is "integer" or "string") return true;
            causes.Add(TypeFault(path, "integer,string", actual));
            return false;
        }

        var wanted = schema.Text("type");
        if (wanted is null || wanted == actual) return IntegerFits(node, schema, path, causes, wanted);
        if (wanted == "number" && actual == "integer") return true;
        if (wanted == "integer" && actual == "number")
        {
            causes.Add(new("FieldValueInvalid", "<nil>", $"Invalid value: \"\": Checked value must be of type integer ({(schema.Text("format") is { } format ? "with format " + format : "default format")}) in {path}"));
        }

        causes.Add(TypeFault(path, wanted, actual));
        return false;
    }

    private static bool IntegerFits(JsonNode node, JsonObject schema, string path, List<StatusCause> causes, string? wanted)
    {
        if (wanted != "integer" || schema.Text("format") != "int32" || node.Whole() is not { } number || number is >= int.MinValue and <= int.MaxValue) return true;
        causes.Add(new("FieldValueInvalid", "<nil>", $"Invalid value: \"\": Checked value must be of type integer with format int32 in {path}"));
        return false;
    }

    private static string TypeOf(JsonNode node) => node switch
    {
        JsonObject => "object",
        JsonArray => "array",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => node.Whole() is not null ? "integer" : "number",
            _ => "boolean",
        },
    };

    private static StatusCause TypeFault(string path, string wanted, string actual) =>
        new("FieldValueTypeInvalid", path, $"Invalid value: \"{actual}\": {path} in body must be of type {wanted}: \"{actual}\"");

    private static void CheckEnum(JsonNode node, JsonObject schema, string path, List<StatusCause> causes)
    {
        if (schema.Array("enum") is not { } allowed || allowed.Any(a => JsonNode.DeepEquals(a, node))) return;
        causes.Add(new("FieldValueNotSupported", path, $"Unsupported value: {JsonText.WriteText(node)}: supported values: {string.Join(", ", allowed.Select(JsonText.WriteText))}"));
    }

    private static void CheckMap(JsonObject map, JsonObject? old, JsonObject schema, string path, List<StatusCause> causes)
    {
        if (schema.Whole("minProperties") is { } least && map.Count < least)
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {map.Count}: {path} in body should have at least {least} properties"));
        if (schema.Whole("maxProperties") is { } most && map.Count > most)
            causes.Add(new("FieldValueTooMany", path, $"Too many: {map.Count}: must have at most {most} items"));
        foreach (var required in schema.Array("required").Texts())
        {
            if (!map.ContainsKey(required)) causes.Add(new("FieldValueRequired", Below(path, required), "Required value"));
        }

        var properties = schema.Object("properties");
        var more = schema.Object("additionalProperties");
        foreach (var (key, value) in map)
        {
            var shape = properties.Object(key) ?? more;
            if (path.Length == 0 && key is "metadata" or "kind" or "apiVersion") continue;
            Validate(value, old?[key], shape, Below(path, key), causes);
        }
    }

    private static void CheckList(JsonArray list, JsonArray? old, JsonObject schema, string path, List<StatusCause> causes)
    {
        if (schema.Whole("minItems") is { } least && list.Count < least)
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {list.Count}: {path} in body should have at least {least} items"));
        if (schema.Whole("maxItems") is { } most && list.Count > most)
            causes.Add(new("FieldValueTooMany", path, $"Too many: {list.Count}: must have at most {most} items"));
        if (schema.Flag("uniqueItems") == true && list.Where((e, i) => list.Take(i).Any(b => JsonNode.DeepEquals(b, e))).Any())
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {path} in body shouldn't contain duplicates"));
        var keys = schema.Array("x-kubernetes-list-map-keys").Texts().ToArray();
        var kind = schema.Text("x-kubernetes-list-type");
        for (var i = 0; i < list.Count; i++)
        {
            var element = list[i];
            var same = kind == "map" && element is JsonObject keyed
                ? old?.OfType<JsonObject>().FirstOrDefault(o => keys.All(k => JsonNode.DeepEquals(o[k], keyed[k])))
                : null;
            Validate(element, same, schema.Object("items"), $"{path}[{i}]", causes);
        }

        if (kind is not ("set" or "map")) return;
        for (var i = 0; i < list.Count; i++)
        {
            var key = KeyOf(list[i], kind, keys);
            if (!list.Take(i).Any(b => JsonNode.DeepEquals(KeyOf(b, kind, keys), key))) continue;
            causes.Add(new("FieldValueDuplicate", $"{path}[{i}]", "Duplicate value: " + JsonText.WriteText(key)));
        }
    }

    private static JsonNode? KeyOf(JsonNode? element, string kind, string[] keys)
    {
        if (kind == "set" || element is not JsonObject map) return element;
        var key = new JsonObject();
        foreach (var name in keys) key[name] = map[name]?.DeepClone();
        return key;
    }

    private static void CheckText(string text, JsonObject schema, string path, List<StatusCause> causes)
    {
        var length = text.EnumerateRunes().Count();
        if (schema.Whole("maxLength") is { } most && length > most)
        {
            causes.Add(new("FieldValueTooLong", path, $"Too long: may not be more than {most} bytes"));
            return;
        }

        if (schema.Whole("minLength") is { } least && length < least)
        {
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {StatusErrors.Quote(text)}: {path} in body should be at least {least} chars long"));
            return;
        }

        if (schema.Text("pattern") is { } pattern && !Matches(text, pattern))
        {
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {StatusErrors.Quote(text)}: {path} in body should match '{pattern}'"));
        }

        if (schema.Text("format") is { } format && !HasFormat(text, format))
            causes.Add(new("FieldValueTypeInvalid", path, $"Invalid value: {StatusErrors.Quote(text)}: {path} in body must be of type {format}: {StatusErrors.Quote(text)}"));
    }

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool HasFormat(string text, string format) => format switch
    {
        "date-time" => Regex.IsMatch(text, @"\A\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z") && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _),
        "uuid" => Regex.IsMatch(text, @"\A[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\z"),
        "ipv4" => System.Net.IPAddress.TryParse(text, out var v4) && v4.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(static c => c == '.') == 3,
        "ipv6" => System.Net.IPAddress.TryParse(text, out var v6) && v6.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "cidr" => IPNetwork.TryParse(text, out _),
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length + 4], out _),
        "duration" => Http.GoDuration.IsValid(text),
        _ => true,
    };

    private static void CheckNumber(JsonValue value, JsonObject schema, string path, List<StatusCause> causes)
    {
        if (!double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number)) return;
        var shown = value.ToJsonString();
        if (Number(schema, "maximum") is { } most && (schema.Flag("exclusiveMaximum") == true ? number >= most : number > most))
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {shown}: {path} in body should be less than {(schema.Flag("exclusiveMaximum") == true ? "" : "or equal to ")}{most}"));
        if (Number(schema, "minimum") is { } least && (schema.Flag("exclusiveMinimum") == true ? number <= least : number < least))
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {shown}: {path} in body should be greater than {(schema.Flag("exclusiveMinimum") == true ? "" : "or equal to ")}{least}"));
        if (Number(schema, "multipleOf") is { } unit && unit != 0 && Math.Abs(number / unit - Math.Round(number / unit)) > 1e-9)
            causes.Add(new("FieldValueInvalid", path, $"Invalid value: {shown}: {path} in body should be a multiple of {unit}"));
    }

    private static void CheckCombinations(JsonNode node, JsonObject schema, string path, List<StatusCause> causes)
    {
        foreach (var part in (schema.Array("allOf") ?? []).OfType<JsonObject>()) Validate(node, null, part, path, causes);
        if (schema.Array("anyOf") is { } any && any.OfType<JsonObject>().Select(s => Faults(node, s, path)).ToArray() is { Length: > 0 } faults && faults.All(static f => f.Count > 0))
        {
            causes.Add(new("FieldValueInvalid", "<nil>", $"Invalid value: \"\": \"{path}\" must validate at least one schema (anyOf)"));
            causes.AddRange(faults[0]);
        }

        if (schema.Array("oneOf") is { } one && one.OfType<JsonObject>().Count(s => Faults(node, s, path).Count == 0) is var fitting && fitting != 1 && one.Count > 0)
            causes.Add(new("FieldValueInvalid", "<nil>", $"Invalid value: \"\": \"{path}\" must validate one and only one schema (oneOf). {(fitting == 0 ? "Found none valid" : $"Found {fitting} valid alternatives")}"));
        if (schema.Object("not") is { } not && Faults(node, not, path).Count == 0)
            causes.Add(new("FieldValueInvalid", "<nil>", $"Invalid value: \"\": \"{path}\" must not validate the schema (not)"));
    }

    private static List<StatusCause> Faults(JsonNode node, JsonObject schema, string path)
    {
        var causes = new List<StatusCause>();
        Validate(node, null, schema, path, causes);
        return causes;
    }

    private static double? Number(JsonObject schema, string key) =>
        schema[key] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Below(string path, string key) => path.Length == 0 ? key : path + "." + key;
}
