using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;

/// <summary>Finds out who asks.</summary>
internal sealed class TokenAuthenticator(ApiServerOptions options, ServiceAccountTokens accounts, ServerCertificates? certificates)
{
    private readonly ConcurrentDictionary<string, RequestUser> _tokens = new(options.TokenUsers.Select(static t => KeyValuePair.Create(t.Token, WithAuthenticated(t.User))), StringComparer.Ordinal);

    public ServiceAccountTokens Accounts => accounts;

    /// <summary>Lets a token in, as that user.</summary>
    public void Add(string token, RequestUser user) => _tokens[token] = WithAuthenticated(user);

    public RequestUser Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return Find(header[7..].Trim()) ?? throw StatusErrors.Unauthorized();
        if (http.Connection.ClientCertificate is { } certificate)
        {
            if (certificates?.Trusts(certificate) != true || CertificateUsers.Of(certificate) is not { Name.Length: > 0 } user) throw StatusErrors.Unauthorized();
            return user;
        }

        if (!options.AnonymousAuthentication) throw StatusErrors.Unauthorized();
        return RequestUser.Anonymous;
    }

    public RequestUser? Find(string token) => _tokens.GetValueOrDefault(token) ?? accounts.Find(token);

    public static RequestUser WithAuthenticated(RequestUser user) =>
        user.Groups.Contains("system:authenticated") ? user : user with { Groups = [.. user.Groups, "system:authenticated"] };
}
