using System.Globalization;
using Npgsql;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>Opens connections that nothing in a database can lead astray.</summary>
internal static class ConnectionFactory
{
    public const string MaintenanceDatabase = "postgres";

    public static async Task<OpenConnection> OpenAsync(PostgresServerSettings settings, string database, CancellationToken cancellationToken)
    {
        var password = settings.Password is null ? null : await settings.Password(cancellationToken).ConfigureAwait(false);
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = database,
            Username = settings.UserName,
            Password = password,
            ApplicationName = settings.ApplicationName,
            SslMode = settings.Tls switch
            {
                PostgresTls.Disable => SslMode.Disable,
                PostgresTls.VerifyAuthority => SslMode.VerifyCA,
                PostgresTls.VerifyFull => SslMode.VerifyFull,
                _ => SslMode.Require,
            },
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = Math.Max(1, (int)settings.ConnectTimeout.TotalSeconds),
            CommandTimeout = Math.Max(1, (int)settings.StatementTimeout.TotalSeconds + 5),
            CancellationTimeout = 2000,
            Pooling = false,
            IncludeErrorDetail = false,
            PersistSecurityInfo = false,
            Options = Options(settings),
        };
        var builder = new NpgsqlSlimDataSourceBuilder(text.ConnectionString);
        builder.EnableArrays();
        // Only types that every server has are used; loading the others would ask the catalogue at each connection.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        if (settings.Tls != PostgresTls.Disable) builder.EnableTransportSecurity();
        if (settings.CertificateAuthority is { } authority && settings.Tls is PostgresTls.VerifyAuthority or PostgresTls.VerifyFull) builder.UseRootCertificate(authority);
        var source = builder.Build();
        try
        {
            return new(source, await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false), database);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Given at the start of a session, these win over what owners of databases and roles can set with ALTER DATABASE and ALTER ROLE.
    private static string Options(PostgresServerSettings settings) => string.Join(
        ' ',
        "-c search_path=pg_catalog,pg_temp",
        "-c role=none",
        $"-c default_transaction_read_only={(settings.ReadOnly ? "on" : "off")}",
        "-c default_transaction_isolation=read\\ committed",
        "-c synchronous_commit=local",
        "-c standard_conforming_strings=on",
        "-c quote_all_identifiers=off",
        "-c row_security=on",
        "-c check_function_bodies=on",
        "-c client_min_messages=warning",
        "-c default_tablespace=",
        "-c temp_tablespaces=",
        "-c session_replication_role=origin",
        // These three would write what is bound to parameters into the server's log.
        "-c debug_print_parse=off",
        "-c debug_print_rewritten=off",
        "-c debug_print_plan=off",
        "-c log_parameter_max_length_on_error=0",
        // With these an owner could let nobody in, not even us.
        "-c local_preload_libraries=",
        "-c idle_session_timeout=0",
        $"-c statement_timeout={Milliseconds(settings.StatementTimeout)}",
        $"-c lock_timeout={Milliseconds(settings.LockTimeout)}",
        $"-c idle_in_transaction_session_timeout={Milliseconds(settings.StatementTimeout)}");

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
