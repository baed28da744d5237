using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Tests.CommandLine;

namespace Zalando.Postgres.Cli.Tests.Validate;

public sealed class ValidateCommandTests : IDisposable
{
    private const string Good = """
        apiVersion: acid.zalan.do/v1
        kind: postgresql
        metadata:
          name: acid-minimal
        spec:
          teamId: acid
          numberOfInstances: 2
          volume:
            size: 1Gi
          postgresql:
            version: "17"

        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_good_manifest_prints_nothing_and_ends_with_exit_code_0()
    {
        var (code, output, error) = await CommandLineRun.RunAsync("validate", "-f", _directory.Write("a.yaml", Good));

        Assert.Equal((ExitCodes.Success, "", ""), (code, output, error));
    }

    [Fact]
    public async Task A_mistake_is_shown_with_file_line_and_column()
    {
        var file = _directory.Write("a.yaml", Good.Replace("size: 1Gi", "size: 10K", StringComparison.Ordinal));

        var (code, output, _) = await CommandLineRun.RunAsync("validate", "-f", file);

        Assert.Equal(ExitCodes.Failure, code);
        Assert.StartsWith($"{file}:9:5: error: spec.volume.size: \"10K\": must be a quantity", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_and_sarif_name_the_same_finding()
    {
        var file = _directory.Write("a.yaml", Good.Replace("\"17\"", "17", StringComparison.Ordinal));

        var (_, json, _) = await CommandLineRun.RunAsync("validate", "-f", file, "-o", "json");
        var (_, sarif, _) = await CommandLineRun.RunAsync("validate", "-f", file, "-o", "sarif");

        var finding = Assert.Single((JsonArray)JsonNode.Parse(json)!["findings"]!)!;
        Assert.Equal("spec.postgresql.version", (string?)finding["path"]);
        Assert.Equal(11, (int)finding["line"]!);
        var result = Assert.Single((JsonArray)JsonNode.Parse(sarif)!["runs"]![0]!["results"]!)!;
        Assert.Equal("error", (string?)result["level"]);
        Assert.Equal(11, (int)result["locations"]![0]!["physicalLocation"]!["region"]!["startLine"]!);
    }

    [Fact]
    public async Task A_directory_is_searched_and_a_broken_file_does_not_hide_the_others()
    {
        _directory.Write("a.yaml", "a: [");
        _directory.Write("b.yaml", Good.Replace("teamId: acid", "teamID: acid", StringComparison.Ordinal));
        _directory.Write("c.txt", "no: manifest");

        var (code, output, _) = await CommandLineRun.RunAsync("validate", "-f", _directory.Path);

        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("a.yaml:", output, StringComparison.Ordinal);
        Assert.Contains("spec.teamId: is required", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean teamId?", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rules_follow_the_configuration_of_the_operator()
    {
        var configuration = _directory.Write("op.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  workers: \"4\"\n  max_instances: \"1\"\n  min_instances: \"1\"\n");

        var (code, output, _) = await CommandLineRun.RunAsync("validate", "-f", _directory.Write("a.yaml", Good), "--config", configuration);

        Assert.Equal(ExitCodes.Success, code);
        Assert.Contains("[InstanceLimits]", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_told_in_one_line()
    {
        var (code, output, error) = await CommandLineRun.RunAsync("validate", "-f", Path.Combine(_directory.Path, "nothing.yaml"));

        Assert.Equal((ExitCodes.Failure, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_definitions_and_the_schema_are_printed()
    {
        var (_, yaml, _) = await CommandLineRun.RunAsync("crds");
        var (_, schema, _) = await CommandLineRun.RunAsync("schema", "pg");

        Assert.Contains("name: postgresqls.acid.zalan.do", yaml, StringComparison.Ordinal);
        Assert.Equal("acid.zalan.do/v1", (string?)JsonNode.Parse(schema)!["properties"]!["apiVersion"]!["const"]);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_does_not_keep_the_others_from_being_checked()
    {
        File.WriteAllBytes(Path.Combine(_directory.Path, "a.yaml"), [0x61, 0x3a, 0x80, 0xff]);
        _directory.Write("b.yaml", "spec:\n  a: 1\n\tb: 2\n");
        _directory.Write("c.yaml", Good.Replace("size: 1Gi", "size: 10K", StringComparison.Ordinal));

        var (code, output, _) = await CommandLineRun.RunAsync("validate", "-f", _directory.Path);

        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("a.yaml:1:1: error: is no UTF-8 text [Unreadable]", lines[0], StringComparison.Ordinal);
        Assert.Contains("b.yaml:2:6: error: ", lines[1], StringComparison.Ordinal);
        Assert.Contains("tab", lines[1], StringComparison.Ordinal);
        Assert.Contains("c.yaml:9:5: error: spec.volume.size", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_manifests_is_an_error_and_a_file_without_known_objects_says_so()
    {
        var (code, _, error) = await CommandLineRun.RunAsync("validate", "-f", _directory.Path);
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("holds no .yaml, .yml or .json file", error, StringComparison.Ordinal);

        var (nothing, output, note) = await CommandLineRun.RunAsync("validate", "-f", _directory.Write("a.yaml", "apiVersion: v1\nkind: Secret\n"));
        Assert.Equal((ExitCodes.Success, ""), (nothing, output));
        Assert.Contains("nothing to check", note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("# a comment\n---\n")]
    public async Task A_byte_order_mark_line_ends_and_empty_documents_change_nothing(string start)
    {
        var text = start + Good.Replace("size: 1Gi", "size: 10K", StringComparison.Ordinal);
        var (_, plain, _) = await CommandLineRun.RunAsync("validate", "-f", _directory.Write("a.yaml", text));
        var (code, output, _) = await CommandLineRun.RunAsync("validate", "-f", _directory.Write("a.yaml", text.ReplaceLineEndings("\r\n")));

        Assert.Equal(ExitCodes.Failure, code);
        Assert.Equal(plain, output);
    }

    [Theory]
    [InlineData("numberOfInstances: 010", "")]
    [InlineData("numberOfInstances: \"2\"", "spec.numberOfInstances: \"2\": must be a whole number")]
    [InlineData("enableShmVolume: yes", "")]
    [InlineData("enableShmVolume: \"yes\"", "spec.enableShmVolume")]
    [InlineData("users: {on: []}", "")]
    [InlineData("env: [{name: A, value: no}]", "spec.env[0].value")]
    [InlineData("podAnnotations: {a: 0o17}", "spec.podAnnotations.a")]
    public async Task A_scalar_is_what_the_API_server_would_see(string line, string told)
    {
        var text = Good.Replace("  numberOfInstances: 2\n", line.StartsWith("number", StringComparison.Ordinal) ? "" : "  numberOfInstances: 2\n", StringComparison.Ordinal).TrimEnd() + "\n  " + line + "\n";

        var (code, output, _) = await CommandLineRun.RunAsync("validate", "-f", _directory.Write("a.yaml", text));

        Assert.Equal(told.Length == 0 ? ExitCodes.Success : ExitCodes.Failure, code);
        if (told.Length > 0) Assert.Contains(told, output, StringComparison.Ordinal);
    }
}
