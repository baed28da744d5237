namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Where the definition of a role comes from. Of two definitions of one name the higher origin wins as a whole; nothing is merged.</summary>
public enum RoleOrigin
{
    /// <summary>The manifest (<c>spec.users</c>).</summary>
    Manifest = 1,

    /// <summary>A secret of the operator configuration, for all clusters.</summary>
    Infrastructure = 2,

    /// <summary>A person: member of a team.</summary>
    Team = 3,

    /// <summary>Super user or replication user, which the image makes.</summary>
    System = 4,

    /// <summary>Owner, reader, writer and their users of a prepared database.</summary>
    PreparedDatabase = 5,

    /// <summary>The user of the connection pooler.</summary>
    Pooler = 6,

    /// <summary>The user of event streams.</summary>
    Stream = 7,
}
