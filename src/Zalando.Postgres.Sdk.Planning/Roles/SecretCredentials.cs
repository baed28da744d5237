namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>User name and password as a Secret of a role holds them.</summary>
/// <param name="UserName">Value of the key <c>username</c>.</param>
/// <param name="Password">Value of the key <c>password</c>.</param>
public sealed record SecretCredentials(string UserName, RolePassword Password)
{
    /// <summary>What a rotation under way will put in their place; null when none is.</summary>
    public SecretCredentials? Next { get; init; }
}
