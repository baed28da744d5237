using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Databases;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A typed change of a role, a database, a schema, an extension or a privilege: data, no SQL text.</summary>
/// <remarks>Derived types are registered here with <c>JsonDerivedType</c>, so that a plan can be written and read.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AlterDatabaseOwner), "alterDatabaseOwner")]
[JsonDerivedType(typeof(AlterPublication), "alterPublication")]
[JsonDerivedType(typeof(AlterRole), "alterRole")]
[JsonDerivedType(typeof(AlterSchemaOwner), "alterSchemaOwner")]
[JsonDerivedType(typeof(CommentOnDatabase), "commentOnDatabase")]
[JsonDerivedType(typeof(CommentOnRole), "commentOnRole")]
[JsonDerivedType(typeof(CreateDatabase), "createDatabase")]
[JsonDerivedType(typeof(CreateExtension), "createExtension")]
[JsonDerivedType(typeof(CreatePublication), "createPublication")]
[JsonDerivedType(typeof(CreateRole), "createRole")]
[JsonDerivedType(typeof(CreateSchema), "createSchema")]
[JsonDerivedType(typeof(DropDatabase), "dropDatabase")]
[JsonDerivedType(typeof(DropPublication), "dropPublication")]
[JsonDerivedType(typeof(DropRole), "dropRole")]
[JsonDerivedType(typeof(GrantDefaultPrivileges), "grantDefaultPrivileges")]
[JsonDerivedType(typeof(GrantRole), "grantRole")]
[JsonDerivedType(typeof(GrantSchemaUsage), "grantSchemaUsage")]
[JsonDerivedType(typeof(InstallPoolerLookup), "installPoolerLookup")]
[JsonDerivedType(typeof(MoveExtension), "moveExtension")]
[JsonDerivedType(typeof(RenameRole), "renameRole")]
[JsonDerivedType(typeof(RevokeRole), "revokeRole")]
[JsonDerivedType(typeof(SetRolePassword), "setRolePassword")]
[JsonDerivedType(typeof(SetRoleSetting), "setRoleSetting")]
public abstract record DatabaseChange
{
    /// <summary>Database the statement runs in; roles and databases themselves are changed from <c>postgres</c>.</summary>
    public required string Database { get; init; }

    /// <summary>The SQL for people, without secrets. It is never executed.</summary>
    public string Statement => string.Join("; ", ToSql().Select(s => s.ToString()));

    /// <summary>The statements to execute, in one transaction, names and values apart from the text.</summary>
    public abstract IReadOnlyList<SqlStatement> ToSql();

    /// <summary>The SQL for people.</summary>
    public sealed override string ToString() => $"{Database}: {Statement}";
}
