namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Publishes other tables.</summary>
public sealed record AlterPublication : DatabaseChange
{
    /// <summary>Its name.</summary>
    public required string Publication { get; init; }

    /// <summary>The tables as <c>schema.table</c>; without a schema in <c>public</c>.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() =>
        [new($"ALTER PUBLICATION %I SET TABLE {PublicationTable.Template(Tables)}", [new SqlArgument(Publication), .. PublicationTable.Arguments(Tables)])];
}
