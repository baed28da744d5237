namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Removes a publication.</summary>
public sealed record DropPublication : DatabaseChange
{
    /// <summary>Its name.</summary>
    public required string Publication { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("DROP PUBLICATION %I", new SqlArgument(Publication))];
}
