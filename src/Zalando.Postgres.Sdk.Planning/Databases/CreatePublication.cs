namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Publishes tables for logical replication.</summary>
public sealed record CreatePublication : DatabaseChange
{
    /// <summary>Its name.</summary>
    public required string Publication { get; init; }

    /// <summary>The tables as <c>schema.table</c>; without a schema in <c>public</c>.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() =>
        [new($"CREATE PUBLICATION %I FOR TABLE {PublicationTable.Template(Tables)} WITH (publish = 'insert, update')", [new SqlArgument(Publication), .. PublicationTable.Arguments(Tables)])];
}
