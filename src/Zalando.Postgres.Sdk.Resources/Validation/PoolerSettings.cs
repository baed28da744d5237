namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>What PgBouncer's configuration file can hold, and what of it a manifest may say.</summary>
public static class PoolerSettings
{
    private static readonly string[] OwnParameters =
    [
        "listen_addr", "listen_port", "auth_file", "auth_query", "auth_user", "auth_type", "auth_dbname", "auth_hba_file", "admin_users", "user", "conffile",
        "logfile", "pidfile", "unix_socket_dir", "client_tls_cert_file", "client_tls_key_file", "client_tls_ca_file",
    ];

    /// <summary>Whether a text has the form of a setting's name.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string? name) => name is not null && NamePatterns.DatabaseName().IsMatch(name);

    /// <summary>Whether the operator makes a setting itself, so that a manifest must not.</summary>
    /// <param name="name">Name of the setting, in any case.</param>
    public static bool IsOwn(string? name) => OwnParameters.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a manifest may give a setting a value.</summary>
    /// <param name="name">Name of the setting.</param>
    public static bool IsAllowed(string? name) => IsName(name) && !IsOwn(name);

    /// <summary>Whether a value fits into the one line that it has.</summary>
    /// <param name="value">The value.</param>
    public static bool IsOneLine(string? value) => value is not null && !value.AsSpan().ContainsAny('\n', '\r', '\0');

    /// <summary>Whether flags of a role keep it from the pooler: super users and roles that replicate are not let in through it.</summary>
    /// <param name="flags">The flags of the manifest; null for none.</param>
    public static bool IsTooPowerful(IReadOnlyList<string>? flags) =>
        flags?.Any(f => f.Equals("superuser", StringComparison.OrdinalIgnoreCase) || f.Equals("replication", StringComparison.OrdinalIgnoreCase)) == true;

    /// <summary>Whether a role can be named in PgBouncer's file, which has no quotes for names.</summary>
    /// <param name="name">Name of the role.</param>
    public static bool IsUserName(string? name) =>
        name is { Length: > 0 and <= NamePatterns.LongestIdentifier } && !name.AsSpan().ContainsAny("\"'=;#%[\n\r\0 \t");
}
