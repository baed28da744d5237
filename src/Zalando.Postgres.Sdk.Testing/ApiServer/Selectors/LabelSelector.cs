using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;

/// <summary>A label selector as it stands in a query: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;1</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements;

    private LabelSelector(List<Requirement> requirements) => _requirements = requirements;

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEverything => _requirements.Count == 0;

    /// <summary>Reads the text of a query.</summary>
    /// <exception cref="ApiStatusException">400: not a selector.</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        var parser = new Parser(text);
        return new LabelSelector(parser.Requirements());
    }

    /// <summary>A <c>metav1.LabelSelector</c> object; null selects nothing.</summary>
    public static LabelSelector? From(JsonObject? selector)
    {
        if (selector is null) return null;
        var requirements = new List<Requirement>();
        foreach (var (key, value) in selector.Object("matchLabels") ?? []) requirements.Add(new(key, Operation.In, [value.Text() ?? ""]));
        foreach (var expression in (selector.Array("matchExpressions") ?? []).OfType<JsonObject>())
        {
            var values = expression.Array("values").Texts().ToArray();
            requirements.Add(new(expression.Text("key") ?? "", expression.Text("operator") switch
            {
                "In" => Operation.In, "NotIn" => Operation.NotIn, "Exists" => Operation.Exists, _ => Operation.Absent,
            }, values));
        }

        return new LabelSelector(requirements);
    }

    public bool Matches(JsonObject value) => MatchesLabels(value.Object("metadata").Object("labels"));

    public bool MatchesLabels(JsonObject? labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(labels)) return false;
        }

        return true;
    }

    private enum Operation { In, NotIn, Exists, Absent, Greater, Less }

    private sealed record Requirement(string Key, Operation Operation, string[] Values)
    {
        public bool Holds(JsonObject? labels)
        {
            var value = labels.Text(Key);
            return Operation switch
            {
                Operation.In => value is not null && Values.Contains(value, StringComparer.Ordinal),
                Operation.NotIn => value is null || !Values.Contains(value, StringComparer.Ordinal),
                Operation.Exists => value is not null,
                Operation.Absent => value is null,
                Operation.Greater => long.TryParse(value, out var number) && number > long.Parse(Values[0]),
                _ => long.TryParse(value, out var number) && number < long.Parse(Values[0]),
            };
        }
    }

    private sealed class Parser(string text)
    {
        private readonly List<(string Text, bool Symbol)> _tokens = Tokens(text);
        private int _at;

        public List<Requirement> Requirements()
        {
            var result = new List<Requirement>();
            while (true)
            {
                var (token, symbol) = Peek();
                if (!symbol || token == "!")
                {
                    if (token.Length == 0 && !symbol)
                    {
                        if (result.Count == 0 && _tokens.Count == 0) return result;
                        throw Refuse($"found '{token}', expected: !, identifier, or 'end of string'");
                    }

                    result.Add(Requirement());
                }
                else throw Refuse($"found '{token}', expected: !, identifier, or 'end of string'");

                (token, _) = Peek();
                if (AtEnd) return result;
                if (token != ",") throw Refuse($"found '{token}', expected: ',' or 'end of string'");
                _at++;
                (token, symbol) = Peek();
                if (AtEnd || (symbol && token != "!")) throw Refuse($"found '{token}', expected: identifier after ','");
            }
        }

        private bool AtEnd => _at >= _tokens.Count;

        private (string Text, bool Symbol) Peek() => AtEnd ? ("", false) : _tokens[_at];

        private static ApiStatusException Refuse(string what) => StatusErrors.BadRequest("unable to parse requirement: " + what);

        private Requirement Requirement()
        {
            var absent = false;
            if (Peek() is ("!", true))
            {
                absent = true;
                _at++;
            }

            var (key, symbol) = Peek();
            if (symbol || AtEnd) throw Refuse($"found '{key}', expected: identifier");
            _at++;
            if (LabelSyntax.KeyFault(key) is { } fault)
                throw StatusErrors.BadRequest($"unable to parse requirement: <nil>: Invalid value: {StatusErrors.Quote(key)}: {fault}");
            var (next, nextSymbol) = Peek();
            if (absent || AtEnd || next == ",") return new(key, absent ? Operation.Absent : Operation.Exists, []);
            if (nextSymbol && next is "=" or "==" or "!=" or ">" or "<")
            {
                _at++;
                var (value, valueSymbol) = Peek();
                if (AtEnd || value == ",") value = "";
                else if (valueSymbol) throw Refuse($"found '{value}', expected: identifier");
                else _at++;
                if (next is ">" or "<")
                {
                    if (!long.TryParse(value, out _))
                        throw StatusErrors.BadRequest($"unable to parse requirement: values[0][{key}]: Invalid value: {StatusErrors.Quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer");
                    return new(key, next == ">" ? Operation.Greater : Operation.Less, [value]);
                }

                return new(key, next == "!=" ? Operation.NotIn : Operation.In, [Checked(key, value)]);
            }

            if (!nextSymbol && next is "in" or "notin")
            {
                _at++;
                return new(key, next == "in" ? Operation.In : Operation.NotIn, Values(key));
            }

            throw Refuse($"found '{next}', expected: in, notin, =, ==, !=, gt, lt");
        }

        private string[] Values(string key)
        {
            var (open, symbol) = Peek();
            if (open != "(" || !symbol) throw Refuse($"found '{open}', expected: '('");
            _at++;
            var values = new List<string>();
            var expectValue = true;
            while (true)
            {
                var (token, isSymbol) = Peek();
                if (AtEnd) throw Refuse("found '', expected: ',', ')' or identifier");
                _at++;
                if (token == ")" && isSymbol)
                {
                    if (expectValue) values.Add("");
                    break;
                }

                if (token == "," && isSymbol)
                {
                    if (expectValue) values.Add("");
                    expectValue = true;
                }
                else if (isSymbol || !expectValue) throw Refuse($"found '{token}', expected: ',', or ')'");
                else
                {
                    values.Add(Checked(key, token));
                    expectValue = false;
                }
            }

            return [.. values.Distinct(StringComparer.Ordinal)];
        }

        private static string Checked(string key, string value)
        {
            if (LabelSyntax.ValueFault(value) is { } fault)
                throw StatusErrors.BadRequest($"unable to parse requirement: values[0][{key}]: Invalid value: {StatusErrors.Quote(value)}: {fault}");
            return value;
        }

        private static List<(string, bool)> Tokens(string text)
        {
            var tokens = new List<(string, bool)>();
            var at = 0;
            while (at < text.Length)
            {
                var c = text[at];
                if (char.IsWhiteSpace(c))
                {
                    at++;
                    continue;
                }

                if ("=!(),<>".Contains(c))
                {
                    var symbol = c.ToString();
                    if (at + 1 < text.Length && text[at + 1] == '=' && c is '=' or '!') symbol = text.Substring(at, Math.Min(2, text.Length - at));
                    if (symbol is not ("==" or "!=")) symbol = c.ToString();
                    tokens.Add((symbol, true));
                    at += symbol.Length;
                    continue;
                }

                var start = at;
                while (at < text.Length && !char.IsWhiteSpace(text[at]) && !"=!(),<>".Contains(text[at])) at++;
                tokens.Add((text[start..at], false));
            }

            return tokens;
        }
    }
}
