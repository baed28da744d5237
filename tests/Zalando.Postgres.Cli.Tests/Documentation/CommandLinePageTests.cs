using System.CommandLine;
using System.Text;

namespace Zalando.Postgres.Cli.Tests.Documentation;

/// <summary>docs/reference/command-line.md is written from the commands themselves.</summary>
public sealed class CommandLinePageTests
{
    [Fact]
    public void The_reference_page_is_current()
    {
        var page = Page();
        var file = Path.Combine(RepositoryRoot(), "docs", "reference", "command-line.md");
        if (Environment.GetEnvironmentVariable("UPDATE_REFERENCE_PAGES") == "1") File.WriteAllText(file, page);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == page, "docs/reference/command-line.md is not current: run the tests of the command line once with UPDATE_REFERENCE_PAGES=1.");
    }

    [Fact]
    public void Every_command_option_and_argument_is_described()
    {
        foreach (var command in CliCommands.CreateAll().SelectMany(WithSubcommands))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
            Assert.All(command.Options.Where(o => !o.Hidden), o => Assert.False(string.IsNullOrWhiteSpace(o.Description), $"{command.Name} {o.Name}"));
            Assert.All(command.Arguments, a => Assert.False(string.IsNullOrWhiteSpace(a.Description), $"{command.Name} {a.Name}"));
        }
    }

    private static string Page()
    {
        var text = new StringBuilder();
        text.Append("<!-- Written by the tests of the command line from the commands themselves. Run them with UPDATE_REFERENCE_PAGES=1 to write it again. -->\n");
        text.Append("# Command line\n\n");
        text.Append("`kubectl-pg` is one program; with it on the path, `kubectl pg ...` works, too. Results go to the output, everything else to the error stream.\n\n");
        text.Append("Exit codes are those listed with each command. A wrong command line ends with 1, as every error does, and Ctrl-C with 130; no command uses them for a result.\n");
        foreach (var command in CliCommands.CreateAll()) Describe(text, command, "");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, Command command, string parents)
    {
        var name = parents + command.Name;
        var synopsis = string.Concat(command.Arguments.Select(a => a.Arity.MinimumNumberOfValues == 0 ? $" [{Placeholder(a)}]" : $" {Placeholder(a)}"));
        text.Append(Invariant($"\n## {name}\n\n    kubectl-pg {name}{synopsis}{(command.Subcommands.Count > 0 ? " COMMAND" : "")}{(command.Options.Any(o => !o.Hidden) ? " [options]" : "")}\n\n{Escaped(command.Description)}\n"));
        if (command.Arguments.Count > 0) Table(text, "Argument", command.Arguments.Select(a => ($"`{Placeholder(a)}`", (string?)a.Description)));
        var options = command.Options.Where(o => !o.Hidden && o.Name is not ("--help" or "--version")).ToList();
        if (options.Count > 0) Table(text, "Option", options.Select(o => ($"{string.Join(", ", o.Aliases.Prepend(o.Name).OrderBy(n => n.Length).Select(n => $"`{n}`"))}{(Value(o) is { Length: > 0 } value ? $" `{value}`" : "")}", (string?)((o.Required ? "Required. " : "") + o.Description))));
        foreach (var subcommand in command.Subcommands) Describe(text, subcommand, name + " ");
    }

    private static void Table(StringBuilder text, string title, IEnumerable<(string Name, string? Meaning)> rows)
    {
        text.Append(Invariant($"\n| {title} | Meaning |\n|---|---|\n"));
        foreach (var (name, meaning) in rows) text.Append(Invariant($"| {name.Replace("|", "\\|", StringComparison.Ordinal)} | {Escaped(meaning)} |\n"));
    }

    private static string? Escaped(string? text) =>
        text?.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Placeholder(Argument argument) => (argument.HelpName ?? argument.Name).ToUpperInvariant();

    private static string Value(Option option) => option.HelpName is { Length: > 0 } name ? name : "";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static IEnumerable<Command> WithSubcommands(Command command) => command.Subcommands.SelectMany(WithSubcommands).Prepend(command);

    private static string RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) return directory.FullName;
        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
