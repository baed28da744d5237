namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Moves the objects of an extension to another schema.</summary>
public sealed record MoveExtension : DatabaseChange
{
    /// <summary>The extension.</summary>
    public required string Extension { get; init; }

    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("ALTER EXTENSION %I SET SCHEMA %I", new SqlArgument(Extension), new SqlArgument(Schema))];
}
