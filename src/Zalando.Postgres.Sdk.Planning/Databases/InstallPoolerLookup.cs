namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Installs the function with which the connection pooler looks passwords up, or makes it again when it is not ours.</summary>
public sealed record InstallPoolerLookup : DatabaseChange
{
    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <summary>The role that may call it.</summary>
    public required string PoolerRole { get; init; }

    /// <summary>The super user that owns it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether the schema is there.</summary>
    public bool SchemaExists { get; init; }

    /// <summary>Whether a function of the name is there; it is replaced whole, because one that somebody else made belongs to him.</summary>
    public bool FunctionExists { get; init; }

    /// <summary>Roles that may create in the schema and lose that; an empty name is PUBLIC.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Creators { get; init; } = [];

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => PoolerLookup.Install(this);
}
