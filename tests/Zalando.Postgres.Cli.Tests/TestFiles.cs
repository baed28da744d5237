namespace Zalando.Postgres.Cli.Tests;

/// <summary>Files beside and inside the repository.</summary>
internal static class TestFiles
{
    /// <summary>A file or folder of ../shared; null when it is not there.</summary>
    public static string? Shared(string name)
    {
        var path = Path.Combine(Directory.GetParent(Root)!.FullName, "shared", name);
        return Path.Exists(path) ? path : null;
    }

    /// <summary>A file of our own.</summary>
    public static string Fixture(string name) => Path.Combine(Root, "tests", "fixtures", name);

    private static string Root
    {
        get
        {
            for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
                if (File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) return directory.FullName;
            throw new InvalidOperationException("The repository's root is not above the tests.");
        }
    }
}
