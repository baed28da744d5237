using System.Globalization;
using System.Text;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Compact JSON with exactly the escapes that stored objects of a running fleet have; no encoder of System.Text.Json writes this set.</summary>
internal static class GoJsonText
{
    public static StringBuilder AppendText(this StringBuilder builder, string text)
    {
        builder.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"': builder.Append("\\\""); break;
                case '\\': builder.Append("\\\\"); break;
                case '\b': builder.Append("\\b"); break;
                case '\f': builder.Append("\\f"); break;
                case '\n': builder.Append("\\n"); break;
                case '\r': builder.Append("\\r"); break;
                case '\t': builder.Append("\\t"); break;
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                    builder.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    if (!char.IsSurrogate(c)) builder.Append(c);
                    else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) builder.Append(c).Append(text[++i]);
                    else builder.Append("\\ufffd");
                    break;
            }
        }

        return builder.Append('"');
    }

    public static StringBuilder AppendMap(this StringBuilder builder, IEnumerable<KeyValuePair<string, string>> map)
    {
        builder.Append('{');
        var first = true;
        foreach (var (key, value) in map.OrderBy(m => m.Key, Utf8Order.Instance))
        {
            if (!first) builder.Append(',');
            first = false;
            builder.AppendText(key).Append(':').AppendText(value);
        }

        return builder.Append('}');
    }

    public static string Map(IEnumerable<KeyValuePair<string, string>> map) => new StringBuilder().AppendMap(map).ToString();
}
