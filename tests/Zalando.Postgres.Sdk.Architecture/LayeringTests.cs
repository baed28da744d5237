using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Zalando.Postgres.Sdk.Architecture;

public sealed class LayeringTests
{
    public static TheoryData<string> Projects => [.. RepositoryRoot.Files("*.csproj", "src").Select(f => Path.GetFileNameWithoutExtension(f))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        Assert.True(DependencyTable.Rules.TryGetValue(project, out var rule), $"{project} is not in the table of allowed dependencies.");
        var xml = XDocument.Load(Path.Combine(RepositoryRoot.Path, "src", project, project + ".csproj"));
        Assert.Empty(xml.Descendants("ProjectReference").Select(e => Path.GetFileNameWithoutExtension((string)e.Attribute("Include")!)).Except(rule.Projects));
        Assert.Empty(xml.Descendants("PackageReference").Select(e => (string)e.Attribute("Include")!).Except(rule.Packages));
        Assert.Empty(xml.Descendants("FrameworkReference").Select(e => (string)e.Attribute("Include")!).Except(rule.AspNet ? ["Microsoft.AspNetCore.App"] : []));
        Assert.Empty(xml.Descendants("InternalsVisibleTo"));
    }

    [Fact]
    public void The_table_names_no_project_that_is_gone() =>
        Assert.Empty(DependencyTable.Rules.Keys.Except(RepositoryRoot.Files("*.csproj", "src").Select(f => Path.GetFileNameWithoutExtension(f)!)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_assembly_uses_only_what_the_table_allows(string project)
    {
        // A reference that comes along with another one is not in the project file, but it is in the metadata once it is used.
        if (project == "Zalando.Postgres.Sdk") Assert.Empty(RepositoryRoot.Files("*.cs", "src/" + project));
        else
        {
            var rule = DependencyTable.Rules[project];
            var ours = AssemblyReferences(project).Where(r => r.StartsWith("Zalando.", StringComparison.Ordinal));
            Assert.Empty(ours.Except(rule.Projects));
            var restricted = new[] { "Npgsql", "YamlDotNet", "Polly.Core", "System.CommandLine", "Spectre.Console" };
            Assert.Empty(AssemblyReferences(project).Intersect(restricted).Except(rule.Packages));
            if (!rule.AspNet) Assert.DoesNotContain(AssemblyReferences(project), r => r.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Planning_does_no_input_or_output_and_reads_no_clock()
    {
        string[] never = ["System.Net.Http", "System.Net.Sockets", "Npgsql", "System.IO.FileSystem", "System.Diagnostics.Process", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options"];
        Assert.Empty(AssemblyReferences("Zalando.Postgres.Sdk.Planning").Intersect(never));
        string[] types = ["Task", "ValueTask", "Task`1", "TimeProvider", "Stopwatch", "Random", "RandomNumberGenerator", "File", "HttpClient", "Thread", "Timer"];
        Assert.Empty(TypeReferences("Zalando.Postgres.Sdk.Planning").Intersect(types));
    }

    [Fact]
    public void Only_executables_use_the_hosting_package()
    {
        foreach (var project in DependencyTable.Rules.Keys.Where(p => p.StartsWith("Zalando.Postgres.Sdk.", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("Microsoft.Extensions.Hosting", AssemblyReferences(project));
        }
    }

    private static List<string> AssemblyReferences(string project) => Read(project, reader =>
        reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name)).ToList());

    private static List<string> TypeReferences(string project) => Read(project, reader =>
        reader.TypeReferences.Select(handle => reader.GetString(reader.GetTypeReference(handle).Name)).ToList());

    private static List<string> Read(string project, Func<MetadataReader, List<string>> read)
    {
        var name = project == "Zalando.Postgres.Cli" ? "kubectl-pg" : project;
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        using var file = new PEReader(stream);
        return read(file.GetMetadataReader());
    }
}
