using Microsoft.AspNetCore.Http;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;

/// <summary>Finds out who asks.</summary>
internal sealed class TokenAuthenticator(ApiServerOptions options)
{
    private readonly Dictionary<string, RequestUser> _tokens = options.TokenUsers.ToDictionary(static t => t.Token, static t => WithAuthenticated(t.User), StringComparer.Ordinal);

    public RequestUser Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return _tokens.GetValueOrDefault(header[7..].Trim()) ?? throw StatusErrors.Unauthorized();
        }

        if (!options.AnonymousAuthentication) throw StatusErrors.Unauthorized();
        return RequestUser.Anonymous;
    }

    public static RequestUser WithAuthenticated(RequestUser user) =>
        user.Groups.Contains("system:authenticated") ? user : user with { Groups = [.. user.Groups, "system:authenticated"] };
}
