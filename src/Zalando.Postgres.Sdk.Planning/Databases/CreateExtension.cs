namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Installs an extension.</summary>
public sealed record CreateExtension : DatabaseChange
{
    /// <summary>The extension.</summary>
    public required string Extension { get; init; }

    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("CREATE EXTENSION %I SCHEMA %I", new SqlArgument(Extension), new SqlArgument(Schema))];
}
