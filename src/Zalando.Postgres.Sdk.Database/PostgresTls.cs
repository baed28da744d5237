namespace Zalando.Postgres.Sdk.Database;

/// <summary>Encryption of connections to a server. None of them falls back to another one.</summary>
public enum PostgresTls
{
    /// <summary>Encrypted; the certificate is not verified.</summary>
    Require,

    /// <summary>Encrypted; the certificate has to come from the given authority, for any name.</summary>
    VerifyAuthority,

    /// <summary>Encrypted; the certificate has to come from the given authority for this host.</summary>
    VerifyFull,

    /// <summary>Not encrypted; only for servers on the own machine.</summary>
    Disable,
}
