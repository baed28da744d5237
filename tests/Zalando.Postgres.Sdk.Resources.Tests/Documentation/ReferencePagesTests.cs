namespace Zalando.Postgres.Sdk.Resources.Tests.Documentation;

public sealed class ReferencePagesTests
{
    [Theory]
    [InlineData("postgresql.md")]
    [InlineData("operator-configuration.md")]
    public void A_reference_page_is_current(string name)
    {
        var path = Path.Combine(RepositoryRoot.Path, "docs", "reference", name);
        var page = name == "postgresql.md" ? ReferencePages.Postgresql() : ReferencePages.OperatorConfiguration();
        if (Environment.GetEnvironmentVariable("UPDATE_REFERENCE_PAGES") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, page);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == page, $"docs/reference/{name} is not current: run the tests of the resource model once with UPDATE_REFERENCE_PAGES=1.");
    }
}
