namespace Zalando.Postgres.Sdk.Resources.Tests;

/// <summary>Finds the repository and what lies beside it.</summary>
internal static class RepositoryRoot
{
    internal static string Path
    {
        get
        {
            for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            {
                if (File.Exists(System.IO.Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) return directory.FullName;
            }
            throw new InvalidOperationException("The repository's root was not found above the test program.");
        }
    }

    /// <summary>A file or directory of <c>../shared</c>; null when it is not there.</summary>
    internal static string? Shared(string name)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, "shared", name);
        return System.IO.Path.Exists(path) ? path : null;
    }
}
