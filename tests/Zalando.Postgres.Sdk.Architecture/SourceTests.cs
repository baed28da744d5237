using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Architecture;

public sealed partial class SourceTests
{
    private static readonly string[] Everything = ["src", "tests", "samples", "benchmarks", "eng", "docs", "deploy", ".ci"];

    [Fact]
    public void A_file_of_the_packages_holds_one_public_type_with_its_own_name()
    {
        var wrong = new List<string>();
        foreach (var file in RepositoryRoot.Files("*.cs", "src").Where(f => !f.EndsWith(".g.cs", StringComparison.Ordinal)))
        {
            var types = PublicType().Matches(File.ReadAllText(file)).Select(m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToList();
            var name = Path.GetFileNameWithoutExtension(file).Split('`', '.')[0];
            if (types.Count > 1 || (types.Count == 1 && types[0] != name)) wrong.Add($"{Path.GetRelativePath(RepositoryRoot.Path, file)}: {string.Join(", ", types)}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_name_says_nothing()
    {
        var vague = RepositoryRoot.Files("*.cs", "src", "tests").Where(f => VagueName().IsMatch(Path.GetFileNameWithoutExtension(f)));
        Assert.Empty(vague.Select(f => Path.GetRelativePath(RepositoryRoot.Path, f)));
    }

    [Fact]
    public void Packages_do_not_open_their_internals_to_each_other()
    {
        var open = RepositoryRoot.Files("*.cs", "src").Where(f => File.ReadAllText(f).Contains("InternalsVisibleTo", StringComparison.Ordinal));
        Assert.Empty(open.Select(f => Path.GetRelativePath(RepositoryRoot.Path, f)));
    }

    [Fact]
    public void Nothing_is_left_unfinished_and_no_test_sleeps()
    {
        var marks = RepositoryRoot.Files("*.cs", "src", "tests", "samples", "benchmarks", "eng").Where(f => !f.EndsWith("SourceTests.cs", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (File: Path.GetRelativePath(RepositoryRoot.Path, f), Line: line, Number: i + 1)))
            .Where(l => Unfinished().IsMatch(l.Line)).Select(l => $"{l.File}:{l.Number}: {l.Line.Trim()}");
        Assert.Empty(marks);
    }

    [Fact]
    public void Lock_files_and_settings_name_no_address_of_a_package_source()
    {
        var files = RepositoryRoot.Files("packages.lock.json", Everything).Append(Path.Combine(RepositoryRoot.Path, "NuGet.config"));
        Assert.Empty(files.Where(f => File.ReadAllText(f).Contains("://", StringComparison.Ordinal)).Select(f => Path.GetRelativePath(RepositoryRoot.Path, f)));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "Zalando.Postgres.Sdk.sln")).Replace('\\', '/');
        var missing = RepositoryRoot.Files("*.csproj", "src", "tests", "samples", "benchmarks").Select(f => Path.GetRelativePath(RepositoryRoot.Path, f).Replace('\\', '/'))
            .Where(f => !solution.Contains(f, StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"^public (?:(?:static|sealed|abstract|partial|readonly|ref) )*(?:record struct|record class|record|class|struct|interface|enum|delegate [\w<>\[\]?, ]+?) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex("(Utils?|Utilities|Helpers?|Manager|Common|Misc)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException|Thread\.Sleep|Skip *= *""|Assert\.True\(true\)")]
    private static partial Regex Unfinished();
}
