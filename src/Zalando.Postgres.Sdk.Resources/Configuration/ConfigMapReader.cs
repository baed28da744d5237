using System.Globalization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Reads single texts of a ConfigMap in the reference operator's syntax, and remembers everything that is wrong.</summary>
internal sealed class ConfigMapReader
{
    private static readonly string[] RemovedKeys = ["enable_crd_validation", "enable_ebs_gp3_migration", "enable_ebs_gp3_migration_max_size"];

    private readonly IReadOnlyDictionary<string, string> _data;
    private readonly List<Finding> _findings;

    internal ConfigMapReader(IReadOnlyDictionary<string, string> data, List<Finding> findings)
    {
        _data = data;
        _findings = findings;
        foreach (var key in data.Keys.Order(StringComparer.Ordinal))
        {
            if (ParameterDefinitions.ByKey.TryGetValue(key, out var definition) && definition.InConfigMap) continue;
            var (rule, advice) = key switch
            {
                "enable_load_balancer" => ("is obsolete and has no effect", "Write enable_master_load_balancer and enable_replica_load_balancer instead"),
                _ when RemovedKeys.Contains(key, StringComparer.Ordinal) => ("was removed and has no effect", "Delete the key"),
                _ when definition is not null => ("cannot be written in a ConfigMap", "Use an OperatorConfiguration object"),
                _ => ("is no parameter of the operator", "Check the spelling, or delete the key"),
            };
            findings.Add(new Finding { Severity = FindingSeverity.Warning, FieldPath = $"data.{key}", Code = "UnknownParameter", Rule = rule, Advice = advice });
        }
    }

    internal string? Text(string key) => _data.GetValueOrDefault(key);

    internal SensitiveText? Secret(string key) => _data.TryGetValue(key, out var text) ? new SensitiveText(text) : null;

    internal bool? Flag(string key)
    {
        if (!_data.TryGetValue(key, out var text)) return null;
        switch (text)
        {
            case "1" or "t" or "T" or "TRUE" or "true" or "True":
                return true;
            case "0" or "f" or "F" or "FALSE" or "false" or "False":
                return false;
            case "":
                // Present but empty: a plain flag is false; one that can be unset is unset, and then its meaning is the default.
                return ParameterDefinitions.ByKey[key].IsTriState ? null : false;
            default:
                Error(key, text, "Flag", "must be true or false", "Write true or false");
                return null;
        }
    }

    internal int? Integer(string key) => Number(key, int.MinValue, int.MaxValue) is { } number ? (int)number : null;

    internal long? LongInteger(string key) => Number(key, long.MinValue, long.MaxValue);

    /// <summary>Every comma separates, and nothing is trimmed, as in the reference.</summary>
    internal IReadOnlyList<string>? Texts(string key) => !_data.TryGetValue(key, out var text) ? null : text.Length == 0 ? [] : text.Split(',');

    /// <summary>Pairs are separated by commas outside quotes; a pair has exactly one colon; quotes stay part of the text.</summary>
    internal IReadOnlyDictionary<string, string>? Map(string key)
    {
        if (!_data.TryGetValue(key, out var text)) return null;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (text.Length == 0) return map;
        if (SplitOutsideQuotes(text) is not { } items)
        {
            Error(key, text, "Map", "has an unbalanced quote", "Close the quote");
            return null;
        }
        foreach (var item in items)
        {
            var parts = item.Trim(' ', '\t').Split(':');
            if (parts.Length == 2)
            {
                map[parts[0]] = parts[1];
                continue;
            }
            Error(key, item, "Map", "must be pairs name:value joined by commas, each with exactly one colon", "A value with a colon cannot be written in a ConfigMap; use an OperatorConfiguration object");
            return null;
        }
        return map;
    }

    internal IReadOnlyList<Container>? Containers(string key)
    {
        if (!_data.TryGetValue(key, out var text) || text.Length == 0) return null;
        Error(key, null, "Containers", "cannot be written in a ConfigMap", "Use an OperatorConfiguration object");
        return null;
    }

    /// <summary>One definition as <c>name: value</c> pairs; a Secret without a namespace is in <c>default</c>, as in the reference.</summary>
    internal IReadOnlyList<InfrastructureRoleSecret>? InfrastructureRoles(string key)
    {
        if (!_data.TryGetValue(key, out var text) || text.Length == 0) return null;
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in text.Split(','))
        {
            var parts = item.Split(':');
            if (parts.Length < 2) continue;
            var name = parts[0].Trim();
            if (name is "secretname" or "userkey" or "passwordkey" or "rolekey" or "defaultuservalue" or "defaultrolevalue") pairs[name] = parts[1].Trim();
            else _findings.Add(new Finding { Severity = FindingSeverity.Warning, FieldPath = $"data.{key}", Value = name, Code = "InfrastructureRoles", Rule = "is no part of a role definition", Advice = "Known parts: secretname, userkey, passwordkey, rolekey, defaultuservalue, defaultrolevalue" });
        }
        var secret = pairs.GetValueOrDefault("secretname");
        return
        [
            new InfrastructureRoleSecret
            {
                SecretName = secret is { Length: > 0 } && !secret.Contains('/', StringComparison.Ordinal) ? $"default/{secret}" : secret,
                UserKey = pairs.GetValueOrDefault("userkey"),
                PasswordKey = pairs.GetValueOrDefault("passwordkey"),
                RoleKey = pairs.GetValueOrDefault("rolekey"),
                DefaultUserValue = pairs.GetValueOrDefault("defaultuservalue"),
                DefaultRoleValue = pairs.GetValueOrDefault("defaultrolevalue"),
            },
        ];
    }

    private static List<string>? SplitOutsideQuotes(string text)
    {
        var items = new List<string>();
        var start = 0;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'') quote = c;
            else if (c == ',')
            {
                items.Add(text[start..i]);
                start = i + 1;
            }
        }
        if (quote != '\0') return null;
        items.Add(text[start..]);
        return items;
    }

    /// <summary>Decimal, or with the prefixes <c>0x</c>, <c>0o</c>, <c>0b</c>, a leading <c>0</c> for octal, and underscores after a prefix.</summary>
    private long? Number(string key, long smallest, long largest)
    {
        if (!_data.TryGetValue(key, out var text)) return null;
        if (text.Length == 0)
        {
            // Present but empty is zero; an optional number is unset.
            return ParameterDefinitions.ByKey[key].Kind == ParameterKind.LongInteger ? null : 0;
        }
        var negative = text[0] == '-';
        var digits = text[0] is '-' or '+' ? text[1..] : text;
        var (radix, body) = digits switch
        {
            ['0', 'x' or 'X', .. var rest] => (16, rest),
            ['0', 'o' or 'O', .. var rest] => (8, rest),
            ['0', 'b' or 'B', .. var rest] => (2, rest),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        if (radix != 10) body = body.Replace("_", "", StringComparison.Ordinal);
        if (TryParse(body, radix, out var value) && (negative ? -value : value) is var number && number >= smallest && number <= largest) return (long)number;
        Error(key, text, "Number", smallest == int.MinValue ? "must be a whole number of 32 bits" : "must be a whole number of 64 bits", "Write decimal digits");
        return null;
    }

    private static bool TryParse(string digits, int radix, out Int128 value)
    {
        value = 0;
        if (digits.Length is 0 or > 66) return false;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? int.Parse([c], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 99;
            if (digit >= radix) return false;
            value = (value * radix) + digit;
            if (value > (Int128)long.MaxValue + 1) return false;
        }
        return true;
    }

    private void Error(string key, string? value, string code, string rule, string advice) =>
        _findings.Add(new Finding { Severity = FindingSeverity.Error, FieldPath = $"data.{key}", Value = value, Code = code, Rule = rule, Advice = advice });
}
