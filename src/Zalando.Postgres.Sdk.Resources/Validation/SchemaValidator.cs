using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Checks a value against a structural schema as an API server does: what it would refuse is an error, what it would drop is a warning.</summary>
public static class SchemaValidator
{
    private const int MostFindings = 200;

    private static readonly ConcurrentDictionary<string, Regex> Patterns = new(StringComparer.Ordinal);

    /// <summary>Checks a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">The schema, as in <see cref="CustomResourceDefinitions.SchemaOf"/>.</param>
    /// <returns>What is wrong, at most 200 findings.</returns>
    public static IReadOnlyList<Finding> Validate(JsonObject value, JsonObject schema)
    {
        var findings = new List<Finding>();
        Check("", value, schema, findings);
        return findings;
    }

    private static void Check(string path, JsonNode? value, JsonObject schema, List<Finding> findings)
    {
        if (findings.Count >= MostFindings) return;
        if (value is null)
        {
            if (!Is(schema, "nullable")) Add(findings, FindingSeverity.Error, path, null, "SchemaType", $"must be {Article((string?)schema["type"])}, not null", "Write a value, or delete the line");
            return;
        }
        if (Is(schema, "x-kubernetes-int-or-string"))
        {
            if (value.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number)) Add(findings, FindingSeverity.Error, path, value, "SchemaType", "must be a number or a text", "Check the indentation");
            else CheckScalar(path, value, schema, findings);
            return;
        }
        if ((string?)schema["type"] is { } type && !HasType(value, type))
        {
            Add(findings, FindingSeverity.Error, path, value, "SchemaType", $"must be {Article(type)}, not {Describe(value)}", TypeAdvice(value, type));
            return;
        }
        switch (value)
        {
            case JsonObject fields:
                CheckFields(path, fields, schema, findings);
                break;
            case JsonArray list when schema["items"] is JsonObject items:
                for (var i = 0; i < list.Count; i++) Check($"{path}[{i}]", list[i], items, findings);
                break;
            default:
                CheckScalar(path, value, schema, findings);
                break;
        }
    }

    private static void CheckFields(string path, JsonObject fields, JsonObject schema, List<Finding> findings)
    {
        foreach (var name in Texts(schema["required"]))
        {
            if (fields[name] is null && !(fields.ContainsKey(name) && Is(schema["properties"]?[name], "nullable"))) Add(findings, FindingSeverity.Error, Join(path, name), null, "Required", "is required", "Add the field");
        }
        if (schema["anyOf"] is JsonArray choices && !choices.Any(c => Texts(c?["required"]).All(n => fields[n] is not null)))
            Add(findings, FindingSeverity.Error, path, null, "SchemaAnyOf", $"must have one of {string.Join(", ", choices.SelectMany(static c => Texts(c?["required"])))}", "Add one of the fields");
        if (schema["not"] is { } forbidden && Texts(forbidden["required"]) is { Count: > 0 } together && together.All(n => fields[n] is not null))
            Add(findings, FindingSeverity.Error, path, null, "SchemaNot", $"must not have {string.Join(" and ", together)} together", "Delete one of them");
        var properties = schema["properties"] as JsonObject;
        var values = schema["additionalProperties"] as JsonObject;
        foreach (var (name, value) in fields)
        {
            var inner = properties?[name] as JsonObject ?? values;
            if (inner is null)
            {
                if (!Is(schema, "x-kubernetes-preserve-unknown-fields") && (properties is not null || (string?)schema["type"] == "object"))
                    Add(findings, FindingSeverity.Warning, Join(path, name), null, "UnknownField", "is unknown, and the API server drops it", Nearest(name, properties) is { } known ? $"Did you mean {known}?" : "Check the spelling and the indentation");
                continue;
            }
            if (value is null && !Is(inner, "nullable"))
            {
                // An API server drops it, or puts the default in its place.
                if (!Texts(schema["required"]).Contains(name, StringComparer.Ordinal)) Add(findings, FindingSeverity.Warning, Join(path, name), null, "NullDropped", "has no value, and the API server drops it", "Write a value, or delete the line");
                continue;
            }
            // The metadata of a whole object has a schema of its own; no definition closes it.
            if (path.Length == 0 && name == "metadata" && inner["properties"] is null && value is JsonObject) continue;
            Check(Join(path, name), value, inner, findings);
        }
    }

    private static void CheckScalar(string path, JsonNode value, JsonObject schema, List<Finding> findings)
    {
        if (schema["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            Add(findings, FindingSeverity.Error, path, value, "SchemaEnum", $"must be one of {string.Join(", ", allowed.Select(static a => a?.ToString()))}", "Check the spelling");
        var format = (string?)schema["format"];
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = (string)value!;
            if ((string?)schema["pattern"] is { } pattern && !Pattern(pattern).IsMatch(text)) Add(findings, FindingSeverity.Error, path, value, "SchemaPattern", PatternRule(pattern), PatternAdvice(pattern, text));
            if (format == "uuid" && !Guid.TryParseExact(text, "D", out _)) Add(findings, FindingSeverity.Error, path, value, "SchemaFormat", "must be a UID such as efd12e58-5786-11e8-b5a7-06148230260c", "Copy it from metadata.uid");
            if (format == "date-time" && !Rfc3339.TryParse(text, out _)) Add(findings, FindingSeverity.Error, path, value, "SchemaFormat", "must be a time such as 2026-01-31T12:40:33Z", "Check the format");
        }
        else if (value.GetValueKind() == JsonValueKind.Number && TryInteger(value, out var number))
        {
            if (schema["minimum"] is { } minimum && number < (long)minimum) Add(findings, FindingSeverity.Error, path, value, "SchemaMinimum", $"must be {minimum} or more", "Raise it");
            if (schema["maximum"] is { } maximum && number > (long)maximum) Add(findings, FindingSeverity.Error, path, value, "SchemaMaximum", $"must be {maximum} or less", "Lower it");
            var (smallest, largest) = format == "int32" ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
            if (format is "int32" or "int64" && (number < smallest || number > largest)) Add(findings, FindingSeverity.Error, path, value, "SchemaFormat", $"must be a number of {(format == "int32" ? "32" : "64")} bits", "Write a smaller number");
        }
    }

    private static bool HasType(JsonNode value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value.GetValueKind() == JsonValueKind.String,
        "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.GetValueKind() == JsonValueKind.Number && TryInteger(value, out _),
        "number" => value.GetValueKind() == JsonValueKind.Number,
        _ => true,
    };

    private static bool TryInteger(JsonNode value, out BigInteger number)
    {
        var text = value.ToJsonString();
        number = 0;
        if (text.Length > 40) return false;
        if (BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return true;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) || fraction != decimal.Truncate(fraction)) return false;
        number = new BigInteger(fraction);
        return true;
    }

    private static Regex Pattern(string pattern) => Patterns.GetOrAdd(pattern, static p => new Regex(p, RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant));

    private static string PatternRule(string pattern) => pattern switch
    {
        SchemaPatterns.Cpu => "must be an amount of CPU",
        SchemaPatterns.Memory => "must be an amount of memory or disk space",
        SchemaPatterns.Cron => "must be a cron expression of five numbers or *, with steps such as */15",
        SchemaPatterns.Timestamp => "must be a point in time with a numeric offset",
        SchemaPatterns.MaintenanceWindow => "must be HH:MM-HH:MM, or a weekday (Mon, Tue, ...) and :HH:MM-HH:MM",
        SchemaPatterns.Network => "must be a network as IPv4 or IPv6 CIDR",
        _ => $"must match {pattern}",
    };

    private static string PatternAdvice(string pattern, string text) => pattern switch
    {
        SchemaPatterns.Cpu => "For example 100m or 1.5",
        SchemaPatterns.Memory => text.EndsWith('k') ? $"Write {text[..^1]}Ki" : "For example 500Mi or 10Gi",
        SchemaPatterns.Cron => "For example 30 00 * * *",
        SchemaPatterns.Timestamp => text.EndsWith('Z') ? $"Write {text[..^1]}+00:00" : "For example 2026-01-31T12:40:33+01:00",
        SchemaPatterns.MaintenanceWindow => "For example 01:00-06:00 or Sat:20:00-23:59",
        SchemaPatterns.Network => "For example 10.0.0.0/8 or fd00::/8",
        _ => "Check the value",
    };

    private static string TypeAdvice(JsonNode value, string type) => (type, value.GetValueKind()) switch
    {
        ("string", JsonValueKind.Number) => $"Write it in quotes: \"{value.ToJsonString()}\"",
        ("string", JsonValueKind.True or JsonValueKind.False) => "Write it in quotes; unquoted on, off, yes and no are true and false in YAML",
        ("integer" or "boolean", JsonValueKind.String) => "Write it without quotes",
        ("array", _) => "Write a list, each element on a line of its own that begins with a dash",
        _ => "Check the indentation",
    };

    private static string Article(string? type) => type switch
    {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        _ => "a value",
    };

    private static string Describe(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "a mapping",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };

    private static string? Nearest(string name, JsonObject? properties)
    {
        if (properties is null || name.Length > 100) return null;
        var (nearest, distance) = (default(string), 3);
        foreach (var (known, _) in properties)
        {
            var edits = string.Equals(known.Replace("_", "", StringComparison.Ordinal), name.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase) ? 0 : Edits(known, name);
            if (edits >= distance) continue;
            (nearest, distance) = (known, edits);
        }
        return nearest;
    }

    private static int Edits(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 2) return 99;
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
                current[j] = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
            previous = current;
        }
        return previous[^1];
    }

    private static bool Is(JsonNode? schema, string keyword) => schema?[keyword] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static IReadOnlyList<string> Texts(JsonNode? node) => node is JsonArray array ? [.. array.Select(static e => (string)e!)] : [];

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static void Add(List<Finding> findings, FindingSeverity severity, string path, JsonNode? value, string code, string rule, string advice)
    {
        // The path names the field; fields that hold secrets must not show their value.
        var shown = value is JsonValue && !path.Contains("secret_access_key", StringComparison.Ordinal) && !path.Contains("api_key", StringComparison.Ordinal) && !path.Contains("account_key", StringComparison.Ordinal) ? value.ToString() : null;
        findings.Add(new Finding { Severity = severity, FieldPath = path, Value = shown is { Length: > 120 } ? shown[..117] + "..." : shown, Code = code, Rule = rule, Advice = advice });
    }
}
