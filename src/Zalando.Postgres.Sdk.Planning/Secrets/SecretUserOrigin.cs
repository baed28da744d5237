namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>Where a role with a Secret comes from. A later origin wins over an earlier one of the same name.</summary>
internal enum SecretUserOrigin
{
    /// <summary><c>spec.users</c>.</summary>
    Manifest,

    /// <summary>The operator's secrets of infrastructure roles.</summary>
    Infrastructure,

    /// <summary>Superuser and replication user.</summary>
    System,

    /// <summary>Login roles of a prepared database.</summary>
    Prepared,

    /// <summary>The connection pooler's role.</summary>
    Pooler,

    /// <summary>The role that reads event streams.</summary>
    Stream,
}
