using System.Globalization;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Sandbox.Processes;

namespace Zalando.Postgres.Sdk.Sandbox.Spilo;

/// <summary>What commands in a database pod expect at the paths of its image: the programs of each version of PostgreSQL, the upgrade script, the home directory.</summary>
internal sealed partial class ImageFiles
{
    private const string Home = "/home/postgres";
    private const string ConfigurationFile = Home + "/postgres.yml";

    private readonly string _root;

    public ImageFiles(SandboxDirectory directory, SandboxPrograms programs)
    {
        _root = directory.Create("image");
        foreach (var (version, bin) in programs.OtherPostgres.Append(new(programs.PostgresVersion, programs.PostgresBin)))
        {
            var folder = directory.Create("image", "usr", "lib", "postgresql", version.ToString(CultureInfo.InvariantCulture));
            File.CreateSymbolicLink(Path.Combine(folder, "bin"), bin);
        }

        directory.WriteFile(Path.Combine(directory.Create("image", "scripts"), "inplace_upgrade.py"), SandboxDirectory.Resource("inplace_upgrade.py"));
    }

    /// <summary>Puts paths of this machine into a word of a command, which may be a whole shell script.</summary>
    /// <param name="word">The word.</param>
    /// <param name="mapVolume">Where a path below a mounted volume is; others come back as they are.</param>
    /// <param name="home">Stands for the home directory.</param>
    /// <param name="configuration">Patroni's configuration file.</param>
    public string Translate(string word, Func<string, string> mapVolume, string home, string configuration)
    {
        var mapped = mapVolume(word);
        return mapped != word ? mapped : ImagePath().Replace(word, match => Place(match.Value));

        string Place(string path)
        {
            if (path == ConfigurationFile) return configuration;
            if (mapVolume(path) is var place && place != path) return place;
            return path == Home || path.StartsWith(Home + "/", StringComparison.Ordinal) ? home + path[Home.Length..] : _root + path;
        }
    }

    [GeneratedRegex(@"(?<![\w./-])/(?:home/postgres|scripts|usr/lib/postgresql)(?![\w.-])(?:/[\w.-]*)*", RegexOptions.CultureInvariant)]
    private static partial Regex ImagePath();
}
