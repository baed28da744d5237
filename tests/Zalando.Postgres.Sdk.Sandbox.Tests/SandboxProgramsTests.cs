namespace Zalando.Postgres.Sdk.Sandbox.Tests;

public sealed class SandboxProgramsTests : IDisposable
{
    private static readonly SandboxPrograms Machine = new() { Patroni = "/p", PostgresBin = "/usr/lib/postgresql/15/bin", PostgresVersion = 15, PgBouncer = "/b", Python = "/y", SetPrivileges = "/s" };

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Another_version_is_found_by_its_number_and_the_own_one_stays()
    {
        var bin = Make("17", "postgres", "pg_rewind");
        var both = Machine.WithPostgres(bin + "/");
        Assert.Equal((bin, Machine.PostgresBin, null), (both.FindPostgres(17), both.FindPostgres(15), both.FindPostgres(16)));
        Assert.Equal(15, both.PostgresVersion);
        Assert.Null(Machine.FindPostgres(17));
    }

    [Fact]
    public void A_version_that_is_there_already_is_replaced()
    {
        var bin = Make("15", "postgres", "pg_rewind");
        Assert.Equal((bin, bin), (Machine.WithPostgres(bin).FindPostgres(15), Machine.WithPostgres(bin).PostgresBin));
    }

    [Theory]
    [InlineData("newest", "does not tell the major version: it must end like /17/bin")]
    [InlineData("17", "There is no PostgreSQL in")]
    public void What_is_no_folder_of_a_version_is_refused(string name, string why) =>
        Assert.Contains(why, Assert.Throws<SandboxException>(() => Machine.WithPostgres(Make(name, "psql"))).Message, StringComparison.Ordinal);

    private string Make(string version, params string[] programs)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder, version, "bin")).FullName;
        foreach (var program in programs) File.WriteAllText(Path.Combine(bin, program), "");
        return bin;
    }
}
