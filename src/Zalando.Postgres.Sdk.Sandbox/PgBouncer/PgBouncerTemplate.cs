using System.Text;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Sandbox.PgBouncer;

/// <summary>A template of PgBouncer's configuration that a pod brings along, filled as the image fills its own.</summary>
public static partial class PgBouncerTemplate
{
    // Files of the image that this machine has not, and settings that older programs do not know.
    private static readonly string[] LeftOut = ["logfile", "pidfile", "server_tls_ca_file", "auth_dbname", "max_prepared_statements"];

    /// <summary>Fills the template.</summary>
    /// <param name="template">The template, with names of variables after <c>$</c>.</param>
    /// <param name="environment">The environment of the container, resolved.</param>
    /// <param name="map">Translates paths of the container; a path outside its volumes comes back as it is.</param>
    /// <param name="own">Settings of this machine: addresses and files. <c>unix_socket_dir</c> is added, the others replace what the template says.</param>
    /// <param name="databaseAddress">Address of the service that <c>PGHOST</c> names.</param>
    /// <exception cref="SandboxException">A variable holds what the file cannot hold, or the template includes a file outside the pod's volumes.</exception>
    public static string Fill(string template, IReadOnlyDictionary<string, string> environment, Func<string, string> map, Dictionary<string, string> own, string databaseAddress)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(own);
        var text = new StringBuilder();
        foreach (var given in template.Split('\n'))
        {
            var line = Variable().Replace(given, m => m.Groups["name"].Value == "PGHOST" ? databaseAddress : Value(environment, m.Groups["name"].Value)).Trim();
            var name = line.Split('=', 2)[0].Trim();
            if (line.StartsWith("%include ", StringComparison.Ordinal)) text.Append("%include ").Append(Inside(line["%include ".Length..].Trim(), map));
            else if (name == "auth_hba_file") text.Append(name).Append(" = ").Append(Inside(line.Split('=', 2)[1].Trim(), map));
            else if (LeftOut.Contains(name, StringComparer.Ordinal)) continue;
            else if (name != "unix_socket_dir" && own.TryGetValue(name, out var value)) text.Append(name).Append(" = ").Append(value);
            else text.Append(line);
            text.Append('\n');
            if (line == "[pgbouncer]") text.Append("unix_socket_dir = ").Append(own["unix_socket_dir"]).Append('\n');
        }

        return text.ToString();
    }

    private static string Inside(string path, Func<string, string> map) =>
        map(path) is { } file && file != path ? file : throw new SandboxException($"The template of the pooler names the file {path}, which is in no volume of the pod.");

    private static string Value(IReadOnlyDictionary<string, string> environment, string name)
    {
        var value = environment.GetValueOrDefault(name) ?? string.Empty;
        if (value.AsSpan().ContainsAny("\r\n\0;'\"%")) throw new SandboxException($"The environment variable {name} of the pooler holds a character that PgBouncer's configuration cannot hold (a line break, quote, semicolon or percent sign).");
        return value;
    }

    [GeneratedRegex(@"\$\{?(?<name>[A-Za-z_][A-Za-z0-9_]*)\}?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();
}
