namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>One privilege that a role gets on what another role will create.</summary>
/// <param name="Creator">The role that creates.</param>
/// <param name="Schema">The schema it creates in; null for every schema.</param>
/// <param name="Target">Kind of objects.</param>
/// <param name="Grantee">The role that gets the privilege.</param>
/// <param name="Privilege">The privilege.</param>
public readonly record struct DefaultPrivilege(string Creator, string? Schema, DefaultPrivilegeTarget Target, string Grantee, Privilege Privilege);
