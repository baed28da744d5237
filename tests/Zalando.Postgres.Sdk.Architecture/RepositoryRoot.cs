namespace Zalando.Postgres.Sdk.Architecture;

/// <summary>The checkout that this test program was built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static IEnumerable<string> Files(string pattern, params string[] folders) =>
        folders.Select(folder => System.IO.Path.Combine(Path, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
            .Where(file => !file.Split(System.IO.Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts"))
            .Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Zalando.Postgres.Sdk.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("Run the architecture tests from a build inside the checkout.");
    }
}
