using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Form in which PostgreSQL keeps passwords.</summary>
public enum PasswordEncryption
{
    /// <summary>SCRAM-SHA-256 (RFC 7677).</summary>
    ScramSha256,

    /// <summary>md5 of password and role name; only where the manifest sets <c>password_encryption: md5</c>.</summary>
    Md5,
}
