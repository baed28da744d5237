using System.Globalization;

namespace Zalando.Postgres.Sdk.Sandbox;

/// <summary>The programs of this machine that a sandbox runs.</summary>
public sealed record SandboxPrograms
{
    private const string PostgresRoot = "/usr/lib/postgresql";

    /// <summary>Patroni; empty when it is missing.</summary>
    public required string Patroni { get; init; }

    /// <summary>Directory with <c>postgres</c>, <c>initdb</c>, <c>pg_rewind</c> of the newest installed version; empty when it is missing.</summary>
    public required string PostgresBin { get; init; }

    /// <summary>Major version of PostgreSQL in <see cref="PostgresBin"/>; 0 when it is missing.</summary>
    public required int PostgresVersion { get; init; }

    /// <summary>PgBouncer; empty when it is missing.</summary>
    public required string PgBouncer { get; init; }

    /// <summary>Python 3, which supervises the processes (it comes with Patroni); empty when it is missing.</summary>
    public required string Python { get; init; }

    /// <summary><c>setpriv</c>, which changes the account; empty when it is missing.</summary>
    public required string SetPrivileges { get; init; }

    /// <summary>What is missing and where it comes from, one line each; empty when pods can run.</summary>
    public IReadOnlyList<string> Missing
    {
        get
        {
            var missing = new List<string>();
            if (!OperatingSystem.IsLinux()) missing.Add("Linux: the sandbox runs Linux programs on loopback addresses 127.x.y.z");
            if (Patroni.Length == 0) missing.Add("patroni (Debian package patroni)");
            if (PostgresBin.Length == 0) missing.Add("PostgreSQL (Debian package postgresql)");
            if (Python.Length == 0) missing.Add("python3 (Debian package python3)");
            if (PgBouncer.Length == 0) missing.Add("pgbouncer (Debian package pgbouncer)");
            if (SetPrivileges.Length == 0) missing.Add("setpriv (Debian package util-linux)");
            return missing;
        }
    }

    /// <summary>Looks for the programs in the system directories, in <c>PATH</c>, and in Debian's PostgreSQL directories.</summary>
    public static SandboxPrograms Find()
    {
        var (version, bin) = NewestPostgres();
        return new SandboxPrograms
        {
            Patroni = Locate("patroni"),
            PostgresBin = bin,
            PostgresVersion = version,
            PgBouncer = Locate("pgbouncer"),
            Python = Locate("python3"),
            SetPrivileges = Locate("setpriv"),
        };
    }

    /// <summary>Whether PostgreSQL can load a library, for example <c>pg_stat_statements</c>.</summary>
    /// <param name="name">Name as in <c>shared_preload_libraries</c>.</param>
    public bool HasLibrary(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && File.Exists(Path.Combine(PostgresBin, "..", "lib", name + ".so"));

    private static string Locate(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries);
        // The system's own first: what a person has in PATH (a python of their own, say) is often closed to the account of the pods.
        return new[] { "/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin" }.Concat(folders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? string.Empty;
    }

    private static (int Version, string Bin) NewestPostgres()
    {
        if (!Directory.Exists(PostgresRoot)) return (0, string.Empty);
        return Directory.EnumerateDirectories(PostgresRoot)
            .Select(folder => (Version: int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0, Bin: Path.Combine(folder, "bin")))
            .Where(found => found.Version > 0 && File.Exists(Path.Combine(found.Bin, "postgres")) && File.Exists(Path.Combine(found.Bin, "pg_rewind")))
            .OrderByDescending(found => found.Version).FirstOrDefault((0, string.Empty));
    }
}
