using System.Diagnostics;

namespace Zalando.Postgres.Sdk.Database.Tests.Servers;

/// <summary>The programs of an installed PostgreSQL, run as an ordinary user because the server refuses to run as root.</summary>
internal static class PostgresPrograms
{
    public static string? Folder { get; } = Find();

    public static bool IsRoot { get; } = Environment.UserName == "root";

    public static Task<string> RunAsync(string program, params string[] arguments) => RunAsync(Path.Combine(Folder!, program), IsRoot, arguments);

    public static async Task<string> RunAsync(string file, bool asPostgres, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(file, asPostgres, arguments))!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{await error}");
    }

    /// <summary>Logs in with the server's own client library; who that is, or why not.</summary>
    public static async Task<string> PsqlAsync(int port, string user, string password)
    {
        var start = StartInfo(Path.Combine(Folder!, "psql"), asPostgres: false, "-XAtw", "-h", "127.0.0.1", "-p", port.ToString(), "-U", user, "-d", "postgres", "-c", "SELECT session_user");
        start.Environment["PGPASSWORD"] = password;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : (await error).Trim();
    }

    public static ProcessStartInfo StartInfo(string file, bool asPostgres, params string[] arguments)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, FileName = asPostgres ? "setpriv" : file };
        string[] all = asPostgres ? ["--reuid=postgres", "--regid=postgres", "--init-groups", file, .. arguments] : arguments;
        foreach (var argument in all) start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        start.WorkingDirectory = "/";
        return start;
    }

    private static string? Find() =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql") : [])
        .Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres"))).Order(StringComparer.Ordinal).LastOrDefault();
}
