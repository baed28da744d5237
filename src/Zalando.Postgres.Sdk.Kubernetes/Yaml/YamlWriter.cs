using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>Writes JSON as block-style YAML, as <c>kubectl get -o yaml</c> looks, so that any YAML 1.1 or 1.2 reader reads the same JSON back.</summary>
internal sealed class YamlWriter
{
    // Readers give up on "simple" keys beyond 1024 characters.
    private const int LongestSimpleKey = 1000;

    private readonly StringBuilder _text = new();

    public static string Write(JsonNode? node)
    {
        var writer = new YamlWriter();
        if (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 }) writer.WriteBlock(node, 0);
        else writer.WriteInline(node, 0);
        return writer._text.ToString();
    }

    private void WriteBlock(JsonNode node, int indent)
    {
        if (node is JsonObject map) WriteMap(map, indent, firstIndented: true);
        else WriteList((JsonArray)node, indent, firstIndented: true);
    }

    private void WriteMap(JsonObject map, int indent, bool firstIndented)
    {
        foreach (var (key, value) in map)
        {
            if (firstIndented) _text.Append(' ', indent);
            firstIndented = true;
            var keyText = key.Contains('\n', StringComparison.Ordinal) ? Quote(key) : Text(key);
            if (keyText.Length > LongestSimpleKey) _text.Append("? ").Append(keyText).Append('\n').Append(' ', indent);
            else _text.Append(keyText);
            _text.Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } child:
                    _text.Append('\n');
                    WriteMap(child, indent + 2, firstIndented: true);
                    break;
                case JsonArray { Count: > 0 } list:
                    _text.Append('\n');
                    WriteList(list, indent, firstIndented: true);
                    break;
                default:
                    _text.Append(' ');
                    WriteInline(value, indent);
                    break;
            }
        }
    }

    private void WriteList(JsonArray list, int indent, bool firstIndented)
    {
        foreach (var item in list)
        {
            if (firstIndented) _text.Append(' ', indent);
            firstIndented = true;
            _text.Append("- ");
            switch (item)
            {
                case JsonObject { Count: > 0 } child:
                    WriteMap(child, indent + 2, firstIndented: false);
                    break;
                case JsonArray { Count: > 0 } inner:
                    WriteList(inner, indent + 2, firstIndented: false);
                    break;
                default:
                    WriteInline(item, indent);
                    break;
            }
        }
    }

    private void WriteInline(JsonNode? node, int indent)
    {
        switch (node)
        {
            case null:
                _text.Append("null");
                break;
            case JsonObject:
                _text.Append("{}");
                break;
            case JsonArray:
                _text.Append("[]");
                break;
            default:
                WriteValue(node.AsValue(), indent);
                break;
        }

        _text.Append('\n');
    }

    private void WriteValue(JsonValue value, int indent)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            _text.Append(value.ToJsonString());
            return;
        }

        var text = value.GetValue<string>();
        if (FitsLiteral(text)) WriteLiteral(text, indent + 2);
        else _text.Append(Text(text));
    }

    private static bool FitsLiteral(string text)
    {
        if (!text.Contains('\n', StringComparison.Ordinal)) return false;
        var first = text.AsSpan().TrimStart('\n');
        if (first.IsEmpty || first[0] is ' ' or '\t') return false;
        foreach (var character in text)
        {
            if (character is not ('\n' or '\t') && !IsPlainPrintable(character)) return false;
        }

        // Trailing blanks survive a literal, but not the editors that people use on it.
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > 0 && line[^1] is ' ' or '\t' || line.Length > 0 && line[0] == '\t') return false;
        }

        return true;
    }

    private void WriteLiteral(string text, int indent)
    {
        var body = text.AsSpan().TrimEnd('\n');
        var trailing = text.Length - body.Length;
        _text.Append(trailing switch { 0 => "|-", 1 => "|", _ => "|+" });
        foreach (var line in body.Split('\n'))
        {
            _text.Append('\n');
            if (body[line].Length > 0) _text.Append(' ', indent).Append(body[line]);
        }

        _text.Append('\n', Math.Max(0, trailing - 1));
    }

    private static string Text(string text) => IsSafePlain(text) ? text : Quote(text);

    private static bool IsSafePlain(string text)
    {
        if (text.Length == 0 || !(char.IsAsciiLetterOrDigit(text[0]) || text[0] is '_' or '/' or '.' or '+' or '(' or '$' or '-' or '^' or ';')) return false;
        if (text[0] == '-' && (text.Length == 1 || text[1] is ' ' or '-') || text == "...") return false;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (!IsPlainPrintable(character) || char.IsSurrogate(character)) return false;
            if (character == ':' && (i + 1 == text.Length || text[i + 1] == ' ')) return false;
            if (character == '#' && text[i - 1] == ' ') return false;
        }

        return text[^1] != ' ' && !YamlScalar.LooksLikeSomethingElse(text);
    }

    private static bool IsPlainPrintable(char character) =>
        character is >= ' ' and <= '~' or >= '\u00a0' and < '\u2028' or > '\u2029' and < '\ufeff' && !char.IsSurrogate(character);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            switch (character)
            {
                case '"':
                    quoted.Append("\\\"");
                    break;
                case '\\':
                    quoted.Append("\\\\");
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\r':
                    quoted.Append("\\r");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                default:
                    if (char.IsHighSurrogate(character) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                        quoted.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(character, text[++i]):X8}");
                    else if (char.IsSurrogate(character)) quoted.Append('\ufffd');
                    else if (IsPlainPrintable(character)) quoted.Append(character);
                    else quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }
}
