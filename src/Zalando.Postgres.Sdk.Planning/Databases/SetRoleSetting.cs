namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Sets a setting of the sessions of a role.</summary>
public sealed record SetRoleSetting : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>Name of the setting.</summary>
    public required string Name { get; init; }

    /// <summary>Its value; several for a list such as <c>search_path</c>.</summary>
    public required IReadOnlyList<string> Values { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql()
    {
        var name = Name.Split('.');
        var template = $"ALTER ROLE %I SET {string.Join('.', name.Select(_ => "%I"))} TO {(Values.Count == 0 ? "''" : string.Join(", ", Values.Select(_ => "%L")))}";
        return [new(template, [new SqlArgument(Role), .. name.Select(n => new SqlArgument(n)), .. Values.Select(v => new SqlArgument(v))])];
    }
}
