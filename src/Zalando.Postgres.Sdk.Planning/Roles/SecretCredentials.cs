namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>User name and password as a Secret of a role holds them.</summary>
/// <param name="UserName">Value of the key <c>username</c>.</param>
/// <param name="Password">Value of the key <c>password</c>.</param>
public sealed record SecretCredentials(string UserName, RolePassword Password);
