namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Lets roles use a schema.</summary>
public sealed record GrantSchemaUsage : DatabaseChange
{
    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <summary>The roles.</summary>
    public required IReadOnlyList<string> Grantees { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() =>
        [new($"GRANT USAGE ON SCHEMA %I TO {string.Join(", ", Grantees.Select(_ => "%I"))}", [new SqlArgument(Schema), .. Grantees.Select(g => new SqlArgument(g))])];
}
