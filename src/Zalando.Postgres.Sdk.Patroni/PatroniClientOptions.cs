using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>How a <see cref="PatroniClient"/> connects and how long it waits.</summary>
public sealed record PatroniClientOptions
{
    /// <summary>Options with certificates and a password from files, as they are mounted into a pod.</summary>
    /// <param name="authorityFile">PEM file with the certificates that may have signed the members'; null for those of the system.</param>
    /// <param name="certificateFile">PEM file with the certificate to identify the client with; null for none.</param>
    /// <param name="keyFile">PEM file with its key; null when it is in the same file.</param>
    /// <param name="userName">User name of basic authentication; null for none.</param>
    /// <param name="passwordFile">File with its password, read at each call, so that it can be changed; a line break at its end does not count.</param>
    /// <exception cref="IOException">A file cannot be read, or holds no certificate or key; the message names it.</exception>
    public static PatroniClientOptions FromFiles(string? authorityFile, string? certificateFile = null, string? keyFile = null, string? userName = null, string? passwordFile = null)
    {
        var authorities = authorityFile is null ? null : Read(authorityFile, static file =>
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(file);
            return found.Count > 0 ? found : throw new CryptographicException("There is no certificate in it.");
        });
        return new()
        {
            CertificateAuthorities = authorities,
            ClientCertificate = certificateFile is null ? null : Read(certificateFile, file => X509Certificate2.CreateFromPemFile(file, keyFile)),
            UserName = userName,
            Password = passwordFile is null ? null : () => File.ReadAllText(passwordFile).TrimEnd('\r', '\n'),
        };

        static T Read<T>(string file, Func<string, T> read)
        {
            try
            {
                return read(file);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                throw new IOException($"The file {file} cannot be used: {e.Message}", e);
            }
        }
    }

    /// <summary>Certificates that may have signed the members'; null for those of the system.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>Whether the name or address in the certificate has to be the member's. Pods are asked by address, which certificates rarely hold.</summary>
    /// <value>Default: false; the certificate authority is checked in any case.</value>
    public bool VerifyHostName { get; init; }

    /// <summary>Certificate to identify the client with; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>User name of basic authentication; null for none.</summary>
    public string? UserName { get; init; }

    /// <summary>Gives the password of basic authentication at each call.</summary>
    public Func<string>? Password { get; init; }

    /// <summary>Waits for the connection.</summary>
    /// <value>Default: 2 s.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Waits for health paths.</summary>
    /// <value>Default: 2 s.</value>
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Waits for answers from the member itself.</summary>
    /// <value>Default: 5 s.</value>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Waits for calls that read or write the configuration store: Patroni's <c>retry_timeout</c> and some more.</summary>
    /// <value>Default: 15 s.</value>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Waits for a switchover or failover; Patroni tries for twice <c>loop_wait</c> (at least 10 s) and asks the candidates before.</summary>
    /// <value>Default: 40 s.</value>
    public TimeSpan SwitchoverTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Waits for a restart, on top of the time limit of the request (or Patroni's 300 s): the shutdown checkpoint.</summary>
    /// <value>Default: 120 s.</value>
    public TimeSpan RestartMargin { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How often reading and patching are tried again after a broken connection, a 5xx answer or a conflict.</summary>
    /// <value>Default: 2.</value>
    public int Retries { get; init; } = 2;

    /// <summary>Pause before such a try.</summary>
    /// <value>Default: 200 ms.</value>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);
}
