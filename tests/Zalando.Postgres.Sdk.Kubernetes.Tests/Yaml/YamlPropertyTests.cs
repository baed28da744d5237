using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Yaml;

public sealed class YamlPropertyTests
{
    private static readonly string[] Tricky =
    [
        "", " ", "yes", "no", "on", "y", "null", "~", "0755", "0o17", "1e3", "12:30", "2026-01-01", ".5", ".inf", "<<", "=", "-", "- a", "--- x", "...", "? x", "a: b", "a:", "a #b", "#", "*a", "&a",
        "!x", "|", ">", "%a", "@a", "`a", "'a'", "\"a\"", "[a]", "{a}", "a\nb", "a\nb\n", "a\n\n", "\na", "\n", " a\nb", "a\n  b\n c", "\ta", "a\tb", "a\n\tb", "a \nb", "a\r\nb", "\u0001", "\u0085", "\u2028",
        "\ufeff", "\U0001F418", "é", "a\\b", "a\"b", "trailing ", new string('k', 1100), "1_000", "0x1f", "+1", "-.5", "1.", ":", "::", "a:b", ",", "a,b", "]", "a]", "\ud800",
    ];

    private static Gen<JsonNode?> Value(int depth)
    {
        var text = Gen.OneOf(Gen.Elements(Tricky), ArbMap.Default.GeneratorFor<string>().Select(value => value ?? ""));
        // What has no place in JSON cannot come back: lone surrogates become the replacement character on writing.
        var clean = text.Select(value => JsonNode.Parse(JsonValue.Create(value).ToJsonString())!.GetValue<string>());
        var leaf = Gen.OneOf(
            clean.Select(value => (JsonNode?)JsonValue.Create(value)),
            ArbMap.Default.GeneratorFor<long>().Select(value => (JsonNode?)JsonValue.Create(value)),
            ArbMap.Default.GeneratorFor<NormalFloat>().Select(value => (JsonNode?)JsonValue.Create(value.Get + 0.0)),
            Gen.Elements(true, false).Select(value => (JsonNode?)JsonValue.Create(value)),
            Gen.Constant<JsonNode?>(null));
        if (depth == 0) return leaf;
        var list = Value(depth - 1).ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Take(4).Select(item => item?.DeepClone())]));
        var map = clean.SelectMany(key => Value(depth - 1).Select(value => (Key: key, Value: value))).ListOf().Select(pairs =>
        {
            var result = new JsonObject();
            foreach (var (key, value) in pairs.Take(4)) result[key] = value?.DeepClone();
            return (JsonNode?)result;
        });
        return Gen.OneOf(leaf, list, map);
    }

    [Fact]
    public void What_is_written_is_read_back() => Properties.ForAll(Value(3), value =>
    {
        var root = new JsonObject { ["value"] = value?.DeepClone() };
        var text = KubernetesYaml.Write(root);
        var again = KubernetesYaml.Parse(text).Single();
        Assert.True(JsonNode.DeepEquals(root, again), $"{root.ToJsonString()}\n{text}\n{again.ToJsonString()}");
        Assert.Equal(text, KubernetesYaml.Write(again));
    }, runs: 400);

    [Fact]
    public void Any_text_is_read_or_refused_with_a_position() => Properties.ForAll(
        Gen.Elements(Tricky).Or(Gen.Elements("\n", "  ", "- ", ": ", "{", "}", "[", "]", "a", "&a ", "*a", "'", "\"", "|", "? ", "!!int ", "\t", "# ")).ListOf().Select(string.Concat),
        text =>
        {
            try
            {
                Assert.NotNull(KubernetesYaml.Parse(text));
            }
            catch (KubernetesYamlException exception)
            {
                Assert.True(exception.Position.Line >= 1);
            }
        }, runs: 400);
}
