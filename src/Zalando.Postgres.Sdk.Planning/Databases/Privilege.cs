namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A privilege on an object of a database, named as in SQL.</summary>
public enum Privilege
{
    /// <summary>Read rows, or the current value of a sequence.</summary>
    Select,

    /// <summary>Add rows.</summary>
    Insert,

    /// <summary>Change rows, or set a sequence.</summary>
    Update,

    /// <summary>Remove rows.</summary>
    Delete,

    /// <summary>Use a schema, a type or the next value of a sequence.</summary>
    Usage,

    /// <summary>Call a function.</summary>
    Execute,
}
