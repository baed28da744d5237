using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>What a plain (unquoted) scalar means to an API server: the YAML 1.1 reading, in which <c>yes</c>, <c>on</c> and <c>y</c> are booleans
/// and <c>0755</c> is octal, with timestamps and base-60 numbers left as text.</summary>
internal static partial class YamlScalar
{
    public enum Meaning
    {
        Text,
        Null,
        Boolean,
        Integer,
        Float,
    }

    public static Meaning Classify(string text) => Resolve(text, out _);

    /// <summary>The meaning and the value; null for text and for null. Infinities and "not a number" have no value in JSON and come back as <see cref="Meaning.Float"/> with null.</summary>
    public static Meaning Resolve(string text, out JsonValue? value)
    {
        value = null;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return Meaning.Null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                value = JsonValue.Create(true);
                return Meaning.Boolean;
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                value = JsonValue.Create(false);
                return Meaning.Boolean;
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                return Meaning.Float;
        }

        if (!(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.')) return Meaning.Text;
        var plain = text.Contains('_', StringComparison.Ordinal) ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (plain.Length == 0) return Meaning.Text;
        if (text[0] != '.' && TryInteger(plain, out value)) return Meaning.Integer;
        if (!FloatPattern().IsMatch(plain) || !double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return Meaning.Text;
        if (!double.IsFinite(number)) return Meaning.Text;
        value = JsonValue.Create(number);
        return Meaning.Float;
    }

    /// <summary>Whether readers of other YAML versions may take the text for something else than text, so that a writer quotes it.</summary>
    public static bool LooksLikeSomethingElse(string text) => Classify(text) != Meaning.Text || ForeignPattern().IsMatch(text);

    private static bool TryInteger(string plain, out JsonValue? value)
    {
        value = null;
        var negative = plain[0] == '-';
        var digits = plain.AsSpan(plain[0] is '+' or '-' ? 1 : 0);
        if (digits.Length == 0) return false;
        var radix = 10;
        if (digits[0] == '0' && digits.Length > 1)
        {
            radix = digits[1] switch { 'x' or 'X' => 16, 'b' or 'B' => 2, _ => 8 };
            digits = digits[(digits[1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O' ? 2 : 1)..];
            if (digits.Length == 0) return false;
        }

        ulong magnitude = 0;
        foreach (var character in digits)
        {
            var digit = char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : 99;
            if (digit >= radix) return false;
            var (high, low) = (Math.BigMul(magnitude, (ulong)radix, out var product), product);
            if (high != 0 || low > ulong.MaxValue - (ulong)digit) return false;
            magnitude = low + (ulong)digit;
        }

        if (negative)
        {
            if (magnitude > 9223372036854775808UL) return false;
            value = JsonValue.Create(unchecked(-(long)magnitude));
        }
        else
        {
            value = magnitude <= long.MaxValue ? JsonValue.Create((long)magnitude) : JsonValue.Create(magnitude);
        }

        return true;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FloatPattern();

    // Dates (2026-01-31...), base-60 numbers (12:30), 1.2 octals, merge and value keys.
    [GeneratedRegex(@"^(\d{4}-\d{1,2}-\d{1,2}.*|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|0o[0-7]+|<<|=)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ForeignPattern();
}
