using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Planning.Pooler;

/// <summary>PgBouncer's settings, users and access list from the manifest, as files for the image.</summary>
/// <remarks>
/// The image fills a template with its environment and knows no variable for anything else. So a manifest that asks for more brings a template of its
/// own: what the image would set, then files with what the manifest says. Those are included, not part of the template, so that a <c>$</c> in a value
/// stays one. Without such fields there are no files, and the objects are those of the reference.
/// </remarks>
internal static class PoolerFiles
{
    /// <summary>Annotation of the pods with a hash of the files: they are read at the start only, so a change rolls out new pods.</summary>
    public const string HashAnnotation = "acid.zalan.do/pooler-configuration";

    /// <summary>Where the image looks for them.</summary>
    public const string Directory = "/etc/pgbouncer";

    private const string Template = "pgbouncer.ini.tmpl";
    private const string Parameters = "parameters.ini";
    private const string Users = "users.ini";
    private const string AccessList = "pg_hba.conf";

    // What the reference's image sets, in its order.
    private static readonly (string Name, string Value)[] ImageSettings =
    [
        ("pool_mode", "$CONNECTION_POOLER_MODE"),
        ("listen_port", "$CONNECTION_POOLER_PORT"),
        ("listen_addr", "*"),
        ("auth_type", "md5"),
        ("auth_file", Directory + "/userlist.txt"),
        ("auth_query", "SELECT * FROM $PGSCHEMA.user_lookup($1)"),
        ("auth_dbname", "postgres"),
        ("admin_users", "$PGUSER"),
        ("stats_users", "$INFRASTRUCTURE_ROLES"),
        ("logfile", "/var/log/pgbouncer/pgbouncer.log"),
        ("pidfile", "/var/run/pgbouncer/pgbouncer.pid"),
        ("client_tls_sslmode", "require"),
        ("client_tls_key_file", "/etc/ssl/certs/pgbouncer.key"),
        ("client_tls_cert_file", "/etc/ssl/certs/pgbouncer.crt"),
        ("server_tls_sslmode", "require"),
        ("server_tls_ca_file", "/etc/ssl/certs/pgbouncer.crt"),
        ("server_tls_protocols", "secure"),
        ("max_prepared_statements", "200"),
        ("default_pool_size", "$CONNECTION_POOLER_DEFAULT_SIZE"),
        ("reserve_pool_size", "$CONNECTION_POOLER_RESERVE_SIZE"),
        ("max_client_conn", "$CONNECTION_POOLER_MAX_CLIENT_CONN"),
        ("max_db_connections", "$CONNECTION_POOLER_MAX_DB_CONN"),
        ("idle_transaction_timeout", "600"),
        ("server_login_retry", "5"),
        ("ignore_startup_parameters", "extra_float_digits,options"),
        ("log_connections", "0"),
        ("log_disconnections", "0"),
    ];

    /// <summary>The files by name; none when the manifest has none of the fields.</summary>
    public static IReadOnlyDictionary<string, string> Of(ClusterContext context)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (context.Spec.ConnectionPooler is not { } pooler) return files;
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        // What cannot be written is a finding of the validator; a cluster that exists keeps the rest.
        foreach (var (name, value) in pooler.Parameters ?? new Dictionary<string, string>())
            if (PoolerSettings.IsAllowed(name) && PoolerSettings.IsOneLine(value)) parameters[name.ToLowerInvariant()] = value;
        var users = UsersOf(pooler);
        var lines = (pooler.AccessList ?? []).OfType<string>().Where(PoolerSettings.IsOneLine).ToArray();
        if (parameters.Count == 0 && users.Length == 0 && lines.Length == 0) return files;
        if (parameters.Count > 0) files[Parameters] = string.Concat(parameters.Select(p => $"{p.Key} = {p.Value}\n"));
        if (users.Length > 0) files[Users] = users;
        if (lines.Length > 0) files[AccessList] = string.Concat(lines.Select(l => l + "\n"));
        files[Template] = TemplateOf(context, parameters, files);
        return files;
    }

    /// <summary>Hash of the files, the value of <see cref="HashAnnotation"/>.</summary>
    public static string HashOf(IReadOnlyDictionary<string, string> files)
    {
        var text = string.Concat(files.Select(f => $"{f.Key}\0{f.Value}\0"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    /// <summary>The roles whose password goes into the list of users because they have limits: older PgBouncers (1.18 among them) take a role that their configuration
    /// names for one they know, and never look its password up. Nobody with rights above those of the database gets in that way, either.</summary>
    public static IEnumerable<DesiredRole> Listed(ClusterContext context, IEnumerable<DesiredRole> users)
    {
        if (context.Spec.ConnectionPooler?.Users is not { Count: > 0 } limited) return [];
        return users.Where(u => u.Origin is RoleOrigin.Manifest or RoleOrigin.PreparedDatabase && limited.TryGetValue(u.Name, out var limits) && LimitsOf(u.Name, limits).Count > 0
                && !PoolerSettings.IsTooPowerful(context.Spec.Users?.GetValueOrDefault(u.Name)) && SecretBuilder.UserName(context, u) == u.Name)
            .OrderBy(u => u.Name, StringComparer.Ordinal);
    }

    private static string TemplateOf(ClusterContext context, SortedDictionary<string, string> parameters, SortedDictionary<string, string> files)
    {
        const string target = "host=$PGHOST port=$PGPORT auth_user=$PGUSER\n";
        var text = new StringBuilder("[databases]\n* = " + target + "postgres = " + target + "\n[pgbouncer]\n");
        foreach (var (name, value) in ImageSettings)
        {
            if (parameters.ContainsKey(name)) continue;
            text.Append(name).Append(" = ").Append(name == "auth_type" && files.ContainsKey(AccessList) ? "hba" : value).Append('\n');
        }

        if (files.ContainsKey(AccessList)) text.Append("auth_hba_file = ").Append(Directory).Append('/').Append(AccessList).Append('\n');
        // The image links the authority's file, but nothing uses it unless certificates of clients are to be verified.
        if (context.Spec.Tls is { CaFile.Length: > 0 } && parameters.TryGetValue("client_tls_sslmode", out var mode) && mode.StartsWith("verify", StringComparison.Ordinal))
            text.Append("client_tls_ca_file = /etc/ssl/certs/ca.crt\n");
        foreach (var file in new[] { Parameters, Users })
            if (files.ContainsKey(file)) text.Append("%include ").Append(Directory).Append('/').Append(file).Append('\n');
        return text.ToString();
    }

    private static string UsersOf(ConnectionPoolerSection pooler)
    {
        var text = new StringBuilder();
        foreach (var (name, limits) in (pooler.Users ?? new Dictionary<string, PoolerUser?>()).OrderBy(u => u.Key, StringComparer.Ordinal))
            if (LimitsOf(name, limits) is { Count: > 0 } settings) text.Append(name).Append(" = ").AppendJoin(' ', settings).Append('\n');
        return text.Length == 0 ? "" : "[users]\n" + text;
    }

    private static List<string> LimitsOf(string name, PoolerUser? limits)
    {
        var settings = new List<string>();
        if (limits is null || !PoolerSettings.IsUserName(name)) return settings;
        if (limits.PoolMode is "session" or "transaction" or "statement") settings.Add("pool_mode=" + limits.PoolMode);
        if (limits.MaxUserConnections is >= 0 and var most) settings.Add(string.Create(CultureInfo.InvariantCulture, $"max_user_connections={most}"));
        return settings;
    }
}
