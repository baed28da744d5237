namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Kind of objects that default privileges are about, named as in <c>ALTER DEFAULT PRIVILEGES</c>.</summary>
public enum DefaultPrivilegeTarget
{
    /// <summary>Tables, views, foreign tables.</summary>
    Tables,

    /// <summary>Sequences.</summary>
    Sequences,

    /// <summary>Functions and procedures.</summary>
    Functions,

    /// <summary>Types and domains.</summary>
    Types,

    /// <summary>Schemas; only for all of a database.</summary>
    Schemas,
}
