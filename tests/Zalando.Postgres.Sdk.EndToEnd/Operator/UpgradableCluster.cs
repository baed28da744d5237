using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Sandbox;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>A cluster of the machine's PostgreSQL, whose pods also have the programs of a newer major version.</summary>
public sealed class UpgradableCluster : OperatorCluster
{
    /// <summary>The version that <c>eng/tools/postgresql-17</c> fetches.</summary>
    public const int NewVersion = 17;

    private readonly SandboxPrograms _programs = Programs();

    /// <summary>The version at the beginning.</summary>
    public int OldVersion => _programs.PostgresVersion;

    protected override SandboxOptions Options => FastOptions with { Programs = _programs, RestartBackOff = new() { First = TimeSpan.FromSeconds(1) } };

    protected override string? Missing => _programs.FindPostgres(NewVersion) is null ? $"there is no PostgreSQL {NewVersion} in {Fetched()}; run eng/tools/postgresql-17"
        : OldVersion >= NewVersion ? $"the machine's own PostgreSQL is {OldVersion}: there is none to upgrade to {NewVersion}" : null;

    protected override void Adapt(JsonObject spec) => spec["postgresql"] = new JsonObject { ["version"] = OldVersion.ToString(CultureInfo.InvariantCulture) };

    private static SandboxPrograms Programs()
    {
        var programs = SandboxPrograms.Find();
        return programs.FindPostgres(NewVersion) is null && File.Exists(Path.Combine(Fetched(), "postgres")) ? programs.WithPostgres(Fetched()) : programs;
    }

    // Where the tool puts it.
    private static string Fetched()
    {
        var cache = Environment.IsPrivilegedProcess ? "/var/cache"
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given ? given : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "zalando-postgres-sdk", "postgresql-17", "usr", "lib", "postgresql", "17", "bin");
    }
}
