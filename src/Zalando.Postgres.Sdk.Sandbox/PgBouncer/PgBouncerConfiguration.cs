using System.Text;

namespace Zalando.Postgres.Sdk.Sandbox.PgBouncer;

/// <summary>The configuration file of PgBouncer, made from the environment of a pooler pod as its image does.</summary>
public static class PgBouncerConfiguration
{
    /// <summary>Writes the file.</summary>
    /// <param name="environment">The environment of the container, resolved.</param>
    /// <param name="podAddress">Where PgBouncer listens.</param>
    /// <param name="databaseAddress">Address of the service that <c>PGHOST</c> names.</param>
    /// <param name="authFile">File with the logins that need no look-up.</param>
    /// <param name="certificateFile">Certificate offered to clients.</param>
    /// <param name="privateKeyFile">Its key.</param>
    /// <param name="runDirectory">Directory for the socket.</param>
    /// <exception cref="SandboxException">A variable is missing or holds a line break or quote; the message names it.</exception>
    public static string Build(
        IReadOnlyDictionary<string, string> environment, string podAddress, string databaseAddress, string authFile, string certificateFile, string privateKeyFile, string runDirectory)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var user = Required(environment, "PGUSER");
        if (user.Any(char.IsWhiteSpace)) throw new SandboxException("The environment variable PGUSER of the pooler holds a blank, which would start another setting.");
        var target = $"host={databaseAddress} port={Optional(environment, "PGPORT", "5432")} auth_user={user}";
        var text = new StringBuilder();
        text.Append("[databases]\n").Append("* = ").Append(target).Append('\n').Append("postgres = ").Append(target).Append("\n\n[pgbouncer]\n");
        foreach (var (name, value) in new (string, string)[]
        {
            ("listen_addr", podAddress),
            ("listen_port", Optional(environment, "CONNECTION_POOLER_PORT", "5432")),
            ("unix_socket_dir", runDirectory),
            ("pool_mode", Optional(environment, "CONNECTION_POOLER_MODE", "transaction")),
            // MD5 stands for both: PgBouncer takes SCRAM when the stored secret is one.
            ("auth_type", "md5"),
            ("auth_file", authFile),
            ("auth_query", $"SELECT * FROM {Optional(environment, "PGSCHEMA", "pooler")}.user_lookup($1)"),
            ("admin_users", user),
            ("stats_users", Optional(environment, "INFRASTRUCTURE_ROLES", string.Empty)),
            ("client_tls_sslmode", "require"),
            ("client_tls_cert_file", certificateFile),
            ("client_tls_key_file", privateKeyFile),
            ("server_tls_sslmode", "require"),
            ("server_tls_protocols", "secure"),
            ("default_pool_size", Optional(environment, "CONNECTION_POOLER_DEFAULT_SIZE", "20")),
            ("reserve_pool_size", Optional(environment, "CONNECTION_POOLER_RESERVE_SIZE", "0")),
            ("max_client_conn", Optional(environment, "CONNECTION_POOLER_MAX_CLIENT_CONN", "100")),
            ("max_db_connections", Optional(environment, "CONNECTION_POOLER_MAX_DB_CONN", "0")),
            ("idle_transaction_timeout", "600"),
            ("server_login_retry", "5"),
            ("ignore_startup_parameters", "extra_float_digits,options"),
            ("log_connections", "0"),
            ("log_disconnections", "0"),
        })
        {
            text.Append(name).Append(" = ").Append(value).Append('\n');
        }

        return text.ToString();
    }

    private static string Required(IReadOnlyDictionary<string, string> environment, string name) =>
        Optional(environment, name, string.Empty) is { Length: > 0 } value ? value : throw new SandboxException($"The environment variable {name} of the pooler is missing or empty.");

    // The file has no way to quote: a value that could start another setting is refused.
    private static string Optional(IReadOnlyDictionary<string, string> environment, string name, string otherwise)
    {
        var value = environment.TryGetValue(name, out var given) && given.Length > 0 ? given : otherwise;
        if (value.AsSpan().ContainsAny("\r\n\0;'\"%")) throw new SandboxException($"The environment variable {name} of the pooler holds a character that PgBouncer's configuration cannot hold (a line break, quote, semicolon or percent sign).");
        return value;
    }
}
