using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>Where a server is and how to talk to it.</summary>
public sealed record PostgresServerSettings
{
    /// <summary>Address or host name.</summary>
    public required string Host { get; init; }

    /// <summary>Port.</summary>
    /// <value>Default: 5432.</value>
    public int Port { get; init; } = 5432;

    /// <summary>The super user.</summary>
    /// <value>Default: <c>postgres</c>.</value>
    public string UserName { get; init; } = "postgres";

    /// <summary>Gives the password at each connection, so that a rotated one is used at once; null for none.</summary>
    public Func<CancellationToken, ValueTask<string>>? Password { get; init; }

    /// <summary>Encryption of the connection.</summary>
    /// <value>Default: <see cref="PostgresTls.Require"/>, as pods have certificates that they signed themselves.</value>
    public PostgresTls Tls { get; init; } = PostgresTls.Require;

    /// <summary>Certificate that has to have signed the server's; null for those of the system. Used when the certificate is verified.</summary>
    public X509Certificate2? CertificateAuthority { get; init; }

    /// <summary>Waits for a connection.</summary>
    /// <value>Default: 5 s.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time of one statement; creating a database may take ten times as long.</summary>
    /// <value>Default: 60 s.</value>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait of a statement for a lock that somebody else holds.</summary>
    /// <value>Default: 5 s.</value>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Name that the server shows for the connections.</summary>
    /// <value>Default: <c>postgres-operator</c>.</value>
    public string ApplicationName { get; init; } = "postgres-operator";

    /// <summary>Whether the server refuses every change of these sessions (<c>default_transaction_read_only</c>): for looking only.</summary>
    /// <value>Default: false.</value>
    public bool ReadOnly { get; init; }
}
