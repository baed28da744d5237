using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Yaml;

public sealed class KubernetesYamlTests
{
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("On", "true")]
    [InlineData("y", "true")]
    [InlineData("off", "false")]
    [InlineData("N", "false")]
    [InlineData("yEs", "\"yEs\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("Null", "null")]
    [InlineData("012", "10")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("0b101", "5")]
    [InlineData("08", "8")]
    [InlineData("1_000", "1000")]
    [InlineData("+5", "5")]
    [InlineData("-7", "-7")]
    [InlineData(".5", "0.5")]
    [InlineData("1.", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2026-01-31", "\"2026-01-31\"")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("\"1\"", "\"1\"")]
    [InlineData("!!str 1", "\"1\"")]
    [InlineData("! 1", "\"1\"")]
    [InlineData("!!binary aGk=", "\"hi\"")]
    [InlineData("!!float 3", "3")]
    public void A_plain_scalar_means_what_it_means_to_an_API_server(string scalar, string json)
    {
        var value = KubernetesYaml.Parse($"a: {scalar}\n").Single()["a"];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), value), value?.ToJsonString() ?? "null");
    }

    [Fact]
    public void Keys_are_text_whatever_they_look_like()
    {
        Assert.Equal("""{"true":1,"5":2,"1.5":3}""", KubernetesYaml.Parse("yes: 1\n5: 2\n1.5: 3\n").Single().ToJsonString());
    }

    [Fact]
    public void A_text_holds_several_documents_and_empty_ones_do_not_count()
    {
        var documents = KubernetesYaml.Parse("# nothing\n---\na: 1\n---\n---\n# comment\n---\nb: 2\n...\n");
        Assert.Equal(["a", "b"], documents.Select(document => document.Single().Key));
        Assert.Empty(KubernetesYaml.Parse(""));
    }

    [Theory]
    [InlineData("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5, 3, "b.c")]
    [InlineData("a: [1, 2\nb: 3\n", 2, 1, "a[0]")]
    [InlineData("a: *nobody\n", 1, 4, "a")]
    [InlineData("a:\n- 1\n- .inf\n", 3, 3, "a[1]")]
    [InlineData("- a\n", 1, 1, "")]
    [InlineData("? [a]\n: 1\n", 1, 3, "")]
    [InlineData("a: !!int x\n", 1, 4, "a")]
    public void An_error_says_where(string text, int line, int column, string path)
    {
        var exception = Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.Parse(text));
        Assert.Equal((new YamlPosition(line, column), path), (exception.Position, exception.Path));
        Assert.Contains($"line {line}, column {column}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_and_merge_keys_are_copies()
    {
        var root = KubernetesYaml.Parse("base: &b {x: 1, z: [2]}\nuse: *b\nmerged:\n  x: 9\n  <<: *b\n").Single();
        Assert.Equal("""{"base":{"x":1,"z":[2]},"use":{"x":1,"z":[2]},"merged":{"x":9,"z":[2]}}""", root.ToJsonString());
        root["use"]!["x"] = 5;
        Assert.Equal(1, root["base"]!["x"]!.GetValue<long>());
    }

    [Fact]
    public void A_billion_laughs_end_early()
    {
        var text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat("bcdefghi".Select((name, i) => $"{name}: &{name} [{string.Join(',', Enumerable.Repeat("*" + (char)('a' + i), 10))}]\n"));
        var exception = Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.Parse(text));
        Assert.Contains("100000", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_anchor_cannot_hold_itself() => Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.Parse("a: &a [*a]\n"));

    [Fact]
    public void Depth_and_length_are_limited()
    {
        Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.Parse("a: " + new string('[', 5000)));
        Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.ParseDocuments("a: 123456", new KubernetesYamlOptions { MaximumLength = 5 }));
    }

    [Fact]
    public void Fields_know_where_they_stand()
    {
        var document = KubernetesYaml.ParseDocuments("---\nmetadata:\n  labels:\n    a.b/c: x\nspec:\n  users:\n    zalando:\n    - superuser\n    - createdb\n").Single();
        Assert.Equal(new YamlPosition(9, 7), document.PositionOf("spec.users.zalando[1]"));
        Assert.Equal(new YamlPosition(4, 5), document.PositionOf("metadata.labels[a.b/c]"));
        Assert.Equal(new YamlPosition(4, 5), document.PositionOf("metadata.labels.a.b/c"));
        Assert.Equal(new YamlPosition(7, 5), document.PositionOf("/spec/users/zalando"));
        Assert.Equal(new YamlPosition(5, 1), document.PositionOf("spec.postgresql.version"));
        Assert.Equal(new YamlPosition(2, 1), document.PositionOf(""));
    }

    [Fact]
    public void JSON_with_tabs_is_read_too() => Assert.Equal("""{"a":[1,"yes"]}""", KubernetesYaml.Parse("{\n\t\"a\": [\n\t\t1,\n\t\t\"yes\"\n\t]\n}").Single().ToJsonString());

    [Fact]
    public void Writing_looks_like_the_command_line()
    {
        var node = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","annotations":{},"finalizers":[]},"list":[1,{"a":"yes","b":null},[true,["x"]]],
             "text":"line 1\nline 2\n","port":"8080","empty":"","date":"2026-01-31","octal":"0755","colon":"a: b","url":"http://x/y","star":"*","space":" x","null":"null"}
            """);
        Assert.Equal("""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
              annotations: {}
              finalizers: []
            list:
            - 1
            - a: "yes"
              b: null
            - - true
              - - x
            text: |
              line 1
              line 2
            port: "8080"
            empty: ""
            date: "2026-01-31"
            octal: "0755"
            colon: "a: b"
            url: http://x/y
            star: "*"
            space: " x"
            "null": "null"

            """, KubernetesYaml.Write(node));
    }

    [Fact]
    public void Every_manifest_of_the_reference_survives_a_round_trip()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) directory = directory.Parent;
        var manifests = Path.Combine(directory!.Parent!.FullName, "shared", "upstream-manifests");
        if (!Directory.Exists(manifests)) Assert.Skip("the shared manifests are not beside the repository");
        var files = Directory.GetFiles(manifests, "*.yaml", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            foreach (var node in KubernetesYaml.Parse(File.ReadAllText(file)))
            {
                var again = KubernetesYaml.Parse(KubernetesYaml.Write(node)).Single();
                Assert.True(JsonNode.DeepEquals(node, again), file);
            }
        }
    }
}
