using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;

namespace Zalando.Postgres.Cli.Tests.CommandLine;

public sealed class CommandLineProgramTests
{
    [Fact]
    public async Task The_version_is_printed_as_text_and_as_JSON()
    {
        var (code, output, error) = await CommandLineRun.RunAsync("version");
        var (_, json, _) = await CommandLineRun.RunAsync("version", "-o", "json");

        Assert.Equal(ExitCodes.Success, code);
        Assert.Empty(error);
        Assert.Equal(output.Trim(), (string?)JsonNode.Parse(json)!["version"]);
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_exit_code_1_and_says_why_on_the_error_stream()
    {
        var (code, _, error) = await CommandLineRun.RunAsync("version", "--no-such-option");

        Assert.Equal(1, code);
        Assert.Contains("--no-such-option", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("validate", "--filname", "x")]
    [InlineData("validate", "-f", "x", "-o", "xml")]
    [InlineData("convert")]
    [InlineData("crds", "-o", "toml")]
    [InlineData("validat")]
    [InlineData("plan", "acid-shop", "--with-database")]
    [InlineData("explain", "--observd")]
    [InlineData("upgrade", "--to", "17", "--dry-rum")]
    [InlineData("switchover", "-x")]
    public async Task A_mistyped_command_line_prints_nothing_but_a_few_words_on_the_error_stream(params string[] arguments)
    {
        var (code, output, error) = await CommandLineRun.RunAsync(arguments);

        Assert.Equal((ExitCodes.Usage, ""), (code, output));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains("See: kubectl-pg ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Zalando.Postgres", error, StringComparison.Ordinal);
        Assert.True(error.Split('\n').Length < 7, error);
    }

    [Theory]
    [InlineData("plan", "acid-shop")]
    [InlineData("explain", "acid-shop")]
    [InlineData("upgrade", "--to", "17")]
    [InlineData("switchover", "acid-shop")]
    public async Task A_missing_kubeconfig_is_told_in_a_few_words(params string[] arguments)
    {
        var (code, output, error) = await CommandLineRun.RunAsync([.. arguments, "--kubeconfig", "/no/such/kubeconfig"]);
        Assert.Equal((ExitCodes.Failure, ""), (code, output));
        Assert.StartsWith("error: /no/such/kubeconfig cannot be read: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_names_every_command()
    {
        var (code, output, _) = await CommandLineRun.RunAsync("--help");

        Assert.Equal(ExitCodes.Success, code);
        Assert.All(CliCommands.CreateAll(), c => Assert.Contains($"  {c.Name} ", output, StringComparison.Ordinal));
    }

    [Fact]
    public void Commands_have_different_names_and_a_description()
    {
        var commands = CliCommands.CreateAll();

        Assert.Equal(commands.Count, commands.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(commands, c => Assert.False(string.IsNullOrWhiteSpace(c.Description)));
    }
}
