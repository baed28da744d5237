namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>A bearer token and the user it stands for.</summary>
/// <param name="Token">The token.</param>
/// <param name="User">The user.</param>
public sealed record TokenUser(string Token, RequestUser User)
{
    /// <summary>The token is never shown.</summary>
    public override string ToString() => $"{User.Name} (***)";
}
