namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>Finds recorded facts beside the repository; tests that need them are skipped without.</summary>
internal static class SharedFiles
{
    public const string Missing = "The recorded corpus is not beside the repository (../shared/golden).";

    public static string? Golden { get; } = Find("golden");

    /// <summary>Folder of the repository; null when the tests run elsewhere.</summary>
    public static string? Repository { get; } = FindRepository();

    private static string? FindRepository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) directory = directory.Parent;
        return directory?.FullName;
    }

    private static string? Find(string name)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) continue;
            var found = Path.Combine(directory.Parent!.FullName, "shared", name);
            return Directory.Exists(found) ? found : null;
        }

        return null;
    }
}
