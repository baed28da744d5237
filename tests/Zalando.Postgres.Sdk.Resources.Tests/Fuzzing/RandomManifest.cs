using System.Globalization;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Tests.Fuzzing;

/// <summary>Makes values that a schema allows, and spoils values.</summary>
internal sealed class RandomManifest(Random random)
{
    private static readonly string[] Oddities = ["", " ", "\0", "\uffff", "-", "0", "null", "~", "2026-13-45T99:99:99Z", "1e999", "99999999999999999999", "😀", "${jndi}", "a.b.c", "Mon:99:99-00:00", "::/999", "é"];

    /// <summary>A value that the schema allows.</summary>
    internal JsonNode? Valid(JsonObject schema, int depth = 0)
    {
        if (schema["enum"] is JsonArray allowed) return allowed[random.Next(allowed.Count)]!.DeepClone();
        if (schema["x-kubernetes-int-or-string"] is not null) return random.Next(2) == 0 ? random.Next(100) : $"{random.Next(100)}Mi";
        switch ((string?)schema["type"])
        {
            case "boolean":
                return random.Next(2) == 0;
            case "integer":
                return (long?)schema["minimum"] ?? random.Next(1, 100);
            case "string":
                return TextFor(schema);
            case "array":
                return new JsonArray([.. Enumerable.Range(0, depth > 6 ? 0 : random.Next(3)).Select(_ => Valid((JsonObject)schema["items"]!, depth + 1))]);
        }
        var value = new JsonObject();
        var required = (schema["required"] as JsonArray)?.Select(r => (string)r!).ToHashSet(StringComparer.Ordinal) ?? [];
        if (schema["anyOf"] is JsonArray choices) required.Add((string)choices[random.Next(choices.Count)]!["required"]![0]!);
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            var excluded = schema["not"] is not null && name is "gs_wal_path" && (required.Contains("s3_wal_path") || value.ContainsKey("s3_wal_path"));
            if (required.Contains(name) || (!excluded && depth < 6 && random.Next(5) == 0)) value[name] = Valid((JsonObject)property!, depth + 1);
        }
        if (schema["not"] is not null && value.ContainsKey("s3_wal_path")) value.Remove("gs_wal_path");
        if (schema["additionalProperties"] is JsonObject values)
        {
            for (var i = random.Next(3); i > 0; i--) value[$"key_{random.Next(100)}"] = Valid(values, depth + 1);
        }
        return value;
    }

    /// <summary>Changes some values of a tree into something else, wherever they stand.</summary>
    internal void Spoil(JsonNode node, int chance)
    {
        if (node is JsonObject fields)
        {
            foreach (var name in fields.Select(p => p.Key).ToArray())
            {
                if (random.Next(chance) == 0) fields[name] = Anything(0);
                else if (random.Next(chance) == 0) fields[Oddities[random.Next(Oddities.Length)] + name] = Anything(0);
                else if (fields[name] is { } inner) Spoil(inner, chance);
            }
        }
        else if (node is JsonArray list)
        {
            if (random.Next(chance) == 0) list.Add(Anything(0));
            for (var i = 0; i < list.Count; i++)
            {
                if (random.Next(chance) == 0) list[i] = Anything(0);
                else if (list[i] is { } inner) Spoil(inner, chance);
            }
        }
    }

    internal string Text() => random.Next(3) == 0
        ? Oddities[random.Next(Oddities.Length)]
        : new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => "abcMonSun0123456789:.-/,'\" _mhsKiGe+ZT"[random.Next(38)])]);

    private JsonNode? Anything(int depth) => random.Next(8) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-5, 100000),
        3 => 1.5e300,
        4 when depth < 4 => new JsonArray(Anything(depth + 1), Anything(depth + 1)),
        5 when depth < 4 => new JsonObject { [Text()] = Anything(depth + 1) },
        _ => Text(),
    };

    private string TextFor(JsonObject schema)
    {
        if ((string?)schema["format"] == "uuid") return "efd12e58-5786-11e8-b5a7-06148230260c";
        if ((string?)schema["format"] == "date-time") return "2026-01-31T12:40:33Z";
        return (string?)schema["pattern"] switch
        {
            null => $"text-{random.Next(1000).ToString(CultureInfo.InvariantCulture)}",
            { } p when p.Contains("Mon", StringComparison.Ordinal) => "Sat:01:00-02:00",
            { } p when p.Contains("[Tt]", StringComparison.Ordinal) => "2026-01-31T12:40:33+01:00",
            { } p when p.Contains("){4}", StringComparison.Ordinal) => "30 */2 * * *",
            { } p when p.Contains("25[0-5]", StringComparison.Ordinal) => "10.0.0.0/8",
            { } p when p.Contains("EPTGMK", StringComparison.Ordinal) => $"{random.Next(1, 1000)}Mi",
            _ => $"{random.Next(1, 1000)}m",
        };
    }
}
