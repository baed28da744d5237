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

    /// <summary>Directories like <see cref="PostgresBin"/> of other major versions, by their number. A pod runs the version it asks for, or that of its data, when it is here.</summary>
    /// <value>Default empty. <see cref="Find"/> fills in those of the system.</value>
    public IReadOnlyDictionary<int, string> OtherPostgres { get; init; } = new Dictionary<int, string>();

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
        var postgres = SystemPostgres();
        var (version, bin) = postgres.OrderByDescending(found => found.Version).FirstOrDefault((0, string.Empty));
        return new SandboxPrograms
        {
            Patroni = Locate("patroni"),
            PostgresBin = bin,
            PostgresVersion = version,
            OtherPostgres = postgres.Where(found => found.Version != version).ToDictionary(found => found.Version, found => found.Bin),
            PgBouncer = Locate("pgbouncer"),
            Python = Locate("python3"),
            SetPrivileges = Locate("setpriv"),
        };
    }

    /// <summary>The same programs, and another major version of PostgreSQL from outside the system's directories.</summary>
    /// <param name="bin">Directory of its programs. The name of the directory above is the number of the version: <c>/opt/postgresql/17/bin</c>.</param>
    /// <exception cref="SandboxException">There is no PostgreSQL, or the path does not tell its version.</exception>
    public SandboxPrograms WithPostgres(string bin)
    {
        ArgumentException.ThrowIfNullOrEmpty(bin);
        var path = Path.GetFullPath(bin).TrimEnd('/');
        if (Version(Path.GetDirectoryName(path) ?? string.Empty) is not (> 0 and var version)) throw new SandboxException($"The path '{bin}' does not tell the major version: it must end like /17/bin.");
        if (!IsPostgres(path)) throw new SandboxException($"There is no PostgreSQL in '{bin}': postgres and pg_rewind must be there.");
        return version == PostgresVersion ? this with { PostgresBin = path } : this with { OtherPostgres = new Dictionary<int, string>(OtherPostgres) { [version] = path } };
    }

    /// <summary>Directory with the programs of a major version; null when it is not here.</summary>
    /// <param name="version">Its number.</param>
    public string? FindPostgres(int version) => version == PostgresVersion && version > 0 ? PostgresBin : OtherPostgres.GetValueOrDefault(version);

    /// <summary>Whether PostgreSQL can load a library, for example <c>pg_stat_statements</c>.</summary>
    /// <param name="name">Name as in <c>shared_preload_libraries</c>.</param>
    public bool HasLibrary(string name) => HasLibrary(PostgresBin, name);

    internal static bool HasLibrary(string bin, string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && File.Exists(Path.Combine(bin, "..", "lib", name + ".so"));

    private static string Locate(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries);
        // The system's own first: what a person has in PATH (a python of their own, say) is often closed to the account of the pods.
        return new[] { "/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin" }.Concat(folders)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? string.Empty;
    }

    private static List<(int Version, string Bin)> SystemPostgres() => !Directory.Exists(PostgresRoot) ? [] :
    [
        .. Directory.EnumerateDirectories(PostgresRoot)
            .Select(folder => (Version: Version(folder), Bin: Path.Combine(folder, "bin")))
            .Where(found => found.Version > 0 && IsPostgres(found.Bin)),
    ];

    private static int Version(string folder) => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static bool IsPostgres(string bin) => File.Exists(Path.Combine(bin, "postgres")) && File.Exists(Path.Combine(bin, "pg_rewind"));
}
