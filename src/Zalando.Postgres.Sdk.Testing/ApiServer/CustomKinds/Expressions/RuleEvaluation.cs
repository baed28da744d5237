using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds.Expressions;

/// <summary>The part of the rule language (CEL) that custom resource definitions commonly use: operators, <c>has</c>, <c>size</c>, <c>in</c>,
/// string functions, and the macros <c>all</c>, <c>exists</c>, <c>exists_one</c>, <c>filter</c>, <c>map</c>.</summary>
internal sealed class RuleEvaluation
{
    private readonly List<(char Kind, string Text)> _tokens;
    private readonly Dictionary<string, object?> _variables;
    private int _at;

    private RuleEvaluation(List<(char, string)> tokens, Dictionary<string, object?> variables)
    {
        _tokens = tokens;
        _variables = variables;
    }

    /// <summary>Whether a rule holds; null when it cannot be evaluated (a missing field, a function outside the subset).</summary>
    public static bool? Holds(string rule, JsonNode self, JsonNode? old) => Holds(rule, new Dictionary<string, JsonNode?>(StringComparer.Ordinal) { ["self"] = self, ["oldSelf"] = old });

    /// <summary>Whether a rule about named values holds; null when it cannot be evaluated.</summary>
    public static bool? Holds(string rule, IReadOnlyDictionary<string, JsonNode?> variables)
    {
        try
        {
            var evaluation = new RuleEvaluation(Tokens(rule), variables.ToDictionary(static v => v.Key, static v => Value(v.Value), StringComparer.Ordinal));
            var result = evaluation.Ternary(true);
            return evaluation._at == evaluation._tokens.Count && result is bool holds ? holds : null;
        }
        catch (Exception e) when (e is RuleException or ArgumentException or InvalidCastException or RegexMatchTimeoutException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private bool Is(string symbol) => _at < _tokens.Count && _tokens[_at].Kind == 's' && _tokens[_at].Text == symbol;

    private bool Take(string symbol)
    {
        if (!Is(symbol)) return false;
        _at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol)) throw new RuleException($"expected {symbol}");
    }

    private object? Ternary(bool run)
    {
        var condition = Or(run);
        if (!Take("?")) return condition;
        var chosen = run && condition is true;
        var yes = Ternary(run && chosen);
        Expect(":");
        var no = Ternary(run && !chosen);
        return chosen ? yes : no;
    }

    private object? Or(bool run)
    {
        var left = And(run);
        while (Take("||"))
        {
            var decided = run && left is true;
            var right = And(run && !decided);
            if (run && !decided) left = (bool)(left ?? false) || (bool)(right ?? false);
        }

        return left;
    }

    private object? And(bool run)
    {
        var left = Relation(run);
        while (Take("&&"))
        {
            var decided = run && left is false;
            var right = Relation(run && !decided);
            if (run && !decided) left = (bool)(left ?? false) && (bool)(right ?? false);
        }

        return left;
    }

    private object? Relation(bool run)
    {
        var left = Sum(run);
        while (true)
        {
            string? operation = null;
            foreach (var candidate in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
            {
                if (Take(candidate))
                {
                    operation = candidate;
                    break;
                }
            }

            if (operation is null && _at < _tokens.Count && _tokens[_at] is ('i', "in"))
            {
                _at++;
                operation = "in";
            }

            if (operation is null) return left;
            var right = Sum(run);
            if (!run) continue;
            left = operation switch
            {
                "==" => Same(left, right),
                "!=" => !Same(left, right),
                "in" => right switch
                {
                    List<object?> list => list.Any(e => Same(e, left)),
                    Dictionary<string, object?> map => left is string key && map.ContainsKey(key),
                    _ => throw new RuleException("in needs a list or a map"),
                },
                _ => Ordered(left, right, operation),
            };
        }
    }

    private object? Sum(bool run)
    {
        var left = Product(run);
        while (true)
        {
            if (Take("+"))
            {
                var right = Product(run);
                if (run) left = (left, right) switch
                {
                    (string a, string b) => a + b,
                    (List<object?> a, List<object?> b) => a.Concat(b).ToList(),
                    (long a, long b) => checked(a + b),
                    _ => Number(left) + Number(right),
                };
            }
            else if (Take("-"))
            {
                var right = Product(run);
                if (run) left = (left, right) is (long a, long b) ? checked(a - b) : Number(left) - Number(right);
            }
            else return left;
        }
    }

    private object? Product(bool run)
    {
        var left = Unary(run);
        while (true)
        {
            var operation = Take("*") ? '*' : Take("/") ? '/' : Take("%") ? '%' : ' ';
            if (operation == ' ') return left;
            var right = Unary(run);
            if (!run) continue;
            if (left is long a && right is long b)
            {
                if (operation != '*' && b == 0) throw new RuleException("division by zero");
                left = operation switch { '*' => checked(a * b), '/' => a / b, _ => a % b };
            }
            else left = operation switch { '*' => Number(left) * Number(right), '/' => Number(left) / Number(right), _ => throw new RuleException("% needs integers") };
        }
    }

    private object? Unary(bool run)
    {
        if (Take("!"))
        {
            var value = Unary(run);
            return run ? !(bool)(value ?? throw new RuleException("! needs a boolean")) : null;
        }

        if (Take("-"))
        {
            var value = Unary(run);
            return !run ? null : value is long whole ? -whole : -Number(value);
        }

        return Member(run);
    }

    private object? Member(bool run)
    {
        var value = Primary(run);
        while (true)
        {
            if (Take("."))
            {
                var name = Identifier();
                if (Take("(")) value = Call(value, name, run);
                else if (run) value = Field(value, name);
            }
            else if (Take("["))
            {
                var index = Ternary(run);
                Expect("]");
                if (run) value = (value, index) switch
                {
                    (List<object?> list, long at) when at >= 0 && at < list.Count => list[(int)at],
                    (Dictionary<string, object?> map, string key) when map.ContainsKey(key) => map[key],
                    _ => throw new RuleException("no such element"),
                };
            }
            else return value;
        }
    }

    private static object? Field(object? value, string name) =>
        value is Dictionary<string, object?> map && map.TryGetValue(Unescaped(name), out var found) ? found : throw new RuleException($"no such key: {name}");

    private static string Unescaped(string name) => name.Replace("__dash__", "-", StringComparison.Ordinal).Replace("__dot__", ".", StringComparison.Ordinal)
        .Replace("__slash__", "/", StringComparison.Ordinal).Replace("__underscores__", "__", StringComparison.Ordinal);

    private object? Primary(bool run)
    {
        if (_at >= _tokens.Count) throw new RuleException("unexpected end");
        if (Take("("))
        {
            var inner = Ternary(run);
            Expect(")");
            return inner;
        }

        if (Take("["))
        {
            var list = new List<object?>();
            while (!Take("]"))
            {
                list.Add(Ternary(run));
                if (!Is("]")) Expect(",");
            }

            return list;
        }

        var (kind, text) = _tokens[_at++];
        switch (kind)
        {
            case 't': return text;
            case 'n': return text.Contains('.') ? double.Parse(text) : long.Parse(text);
            case 'i' when text == "true": return true;
            case 'i' when text == "false": return false;
            case 'i' when text == "null": return null;
            case 'i' when Take("("): return Function(text, run);
            case 'i': return !run ? null : _variables.TryGetValue(text, out var value) ? value : throw new RuleException($"undeclared reference to {text}");
            default: throw new RuleException($"unexpected {text}");
        }
    }

    private object? Function(string name, bool run)
    {
        if (name == "has")
        {
            var start = _at;
            try
            {
                Ternary(run);
                Expect(")");
                return true;
            }
            catch (RuleException)
            {
                // The field is not there: skip the argument.
                _at = start;
                Ternary(false);
                Expect(")");
                return false;
            }
        }

        var arguments = Arguments(run);
        if (!run) return null;
        return (name, arguments) switch
        {
            ("size", [var value]) => Size(value),
            ("string", [var value]) => value switch { bool b => b ? "true" : "false", _ => value?.ToString() },
            ("int", [var value]) => value is string text ? long.Parse(text) : (long)Number(value),
            ("double", [var value]) => value is string text ? double.Parse(text) : Number(value),
            ("type", [var value]) => value?.GetType().Name,
            ("dyn", [var value]) => value,
            ("duration", [string value]) => value,
            _ => throw new RuleException($"unknown function {name}"),
        };
    }

    private object? Call(object? target, string name, bool run)
    {
        if (name is "all" or "exists" or "exists_one" or "filter" or "map") return Macro(target, name, run);
        var arguments = Arguments(run);
        if (!run) return null;
        return (target, name, arguments) switch
        {
            (_, "size", []) => Size(target),
            (string text, "startsWith", [string other]) => text.StartsWith(other, StringComparison.Ordinal),
            (string text, "endsWith", [string other]) => text.EndsWith(other, StringComparison.Ordinal),
            (string text, "contains", [string other]) => text.Contains(other, StringComparison.Ordinal),
            (string text, "matches", [string pattern]) => Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)),
            (string text, "lowerAscii", []) => text.ToLowerInvariant(),
            (string text, "upperAscii", []) => text.ToUpperInvariant(),
            (string text, "trim", []) => text.Trim(),
            (string text, "split", [string separator]) => text.Split(separator).Select(static p => (object?)p).ToList(),
            (string text, "indexOf", [string other]) => (long)text.IndexOf(other, StringComparison.Ordinal),
            (string text, "replace", [string from, string to]) => text.Replace(from, to, StringComparison.Ordinal),
            (List<object?> list, "join", [string separator]) => string.Join(separator, list),
            (List<object?> list, "isSorted", []) => list.Zip(list.Skip(1)).All(static p => (bool)Ordered(p.First, p.Second, "<=")!),
            (List<object?> list, "sum", []) => list.All(static e => e is long) ? list.Sum(static e => (long)e!) : list.Sum(Number),
            (List<object?> list, "contains", [var value]) => list.Any(e => Same(e, value)),
            (double a, "isGreaterThan", [double b]) => a > b,
            (double a, "isLessThan", [double b]) => a < b,
            (double a, "compareTo", [double b]) => (long)a.CompareTo(b),
            _ => throw new RuleException($"unknown function {name}"),
        };
    }

    private object? Macro(object? target, string name, bool run)
    {
        var variable = Identifier();
        Expect(",");
        var start = _at;
        Ternary(false);
        var end = _at;
        Expect(")");
        if (!run) return null;
        var after = _at;
        var elements = target switch
        {
            List<object?> list => list,
            Dictionary<string, object?> map => map.Keys.Select(static k => (object?)k).ToList(),
            _ => throw new RuleException($"{name} needs a list or a map"),
        };
        var results = new List<object?>();
        var had = _variables.TryGetValue(variable, out var shadowed);
        foreach (var element in elements)
        {
            _variables[variable] = element;
            _at = start;
            results.Add(Ternary(true));
            if (_at != end) throw new RuleException("unbalanced macro");
        }

        if (had) _variables[variable] = shadowed;
        else _variables.Remove(variable);
        _at = after;
        return name switch
        {
            "all" => results.All(static r => r is true),
            "exists" => results.Any(static r => r is true),
            "exists_one" => results.Count(static r => r is true) == 1,
            "filter" => elements.Where((_, i) => results[i] is true).ToList(),
            _ => results,
        };
    }

    private object?[] Arguments(bool run)
    {
        var arguments = new List<object?>();
        while (!Take(")"))
        {
            arguments.Add(Ternary(run));
            if (!Is(")")) Expect(",");
        }

        return [.. arguments];
    }

    private string Identifier()
    {
        if (_at >= _tokens.Count || _tokens[_at].Kind != 'i') throw new RuleException("expected a name");
        return _tokens[_at++].Text;
    }

    private static object Size(object? value) => value switch
    {
        string text => (long)text.EnumerateRunes().Count(),
        List<object?> list => (long)list.Count,
        Dictionary<string, object?> map => (long)map.Count,
        _ => throw new RuleException("size of what?"),
    };

    private static double Number(object? value) => value switch { long whole => whole, double real => real, _ => throw new RuleException("not a number") };

    private static bool Same(object? a, object? b) => (a, b) switch
    {
        (long x, double y) => x == y,
        (double x, long y) => x == y,
        (List<object?> x, List<object?> y) => x.Count == y.Count && x.Zip(y).All(static p => Same(p.First, p.Second)),
        (Dictionary<string, object?> x, Dictionary<string, object?> y) => x.Count == y.Count && x.All(p => y.TryGetValue(p.Key, out var other) && Same(p.Value, other)),
        _ => Equals(a, b),
    };

    private static object? Ordered(object? a, object? b, string operation)
    {
        var order = (a, b) switch
        {
            (long x, long y) => x.CompareTo(y),
            (string x, string y) => string.CompareOrdinal(x, y),
            _ => Number(a).CompareTo(Number(b)),
        };
        return operation switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private static object? Value(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(static p => p.Key, static p => Value(p.Value), StringComparer.Ordinal),
        JsonArray list => list.Select(Value).ToList(),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => node.Whole() is { } whole ? whole : double.Parse(node.ToJsonString()),
        },
    };

    private static List<(char, string)> Tokens(string rule)
    {
        var tokens = new List<(char, string)>();
        for (var i = 0; i < rule.Length;)
        {
            var c = rule[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (char.IsLetter(c) || c == '_')
            {
                var start = i;
                while (i < rule.Length && (char.IsLetterOrDigit(rule[i]) || rule[i] == '_')) i++;
                if (i < rule.Length && rule[i] is '\'' or '"' && rule[start..i] == "r") continue;
                tokens.Add(('i', rule[start..i]));
            }
            else if (char.IsDigit(c))
            {
                var start = i;
                while (i < rule.Length && (char.IsDigit(rule[i]) || (rule[i] == '.' && i + 1 < rule.Length && char.IsDigit(rule[i + 1])))) i++;
                tokens.Add(('n', rule[start..i]));
                if (i < rule.Length && rule[i] == 'u') i++;
            }
            else if (c is '\'' or '"')
            {
                var raw = i > 0 && rule[i - 1] == 'r' && (i < 2 || !char.IsLetterOrDigit(rule[i - 2]));
                var text = new System.Text.StringBuilder();
                for (i++; i < rule.Length && rule[i] != c; i++)
                {
                    if (rule[i] == '\\' && !raw && i + 1 < rule.Length)
                    {
                        i++;
                        text.Append(rule[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
                    }
                    else text.Append(rule[i]);
                }

                if (i >= rule.Length) throw new RuleException("unterminated text");
                i++;
                tokens.Add(('t', text.ToString()));
            }
            else
            {
                var two = i + 1 < rule.Length ? rule.Substring(i, 2) : "";
                if (two is "==" or "!=" or "<=" or ">=" or "&&" or "||")
                {
                    tokens.Add(('s', two));
                    i += 2;
                }
                else
                {
                    tokens.Add(('s', c.ToString()));
                    i++;
                }
            }
        }

        return tokens;
    }

    /// <summary>The rule cannot be evaluated.</summary>
    private sealed class RuleException(string message) : Exception(message);
}
