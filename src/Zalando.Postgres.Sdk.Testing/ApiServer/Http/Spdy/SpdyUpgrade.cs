using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;

/// <summary>Turns a request into a SPDY connection.</summary>
internal static class SpdyUpgrade
{
    private const string Protocol = "SPDY/3.1";
    private const string VersionHeader = "X-Stream-Protocol-Version";

    public static bool IsWanted(HttpContext http) =>
        http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && string.Equals(http.Request.Headers.Upgrade, Protocol, StringComparison.OrdinalIgnoreCase);

    /// <summary>Answers 101 with the protocol the streams are used with.</summary>
    /// <exception cref="ApiStatusException">The client does not offer it.</exception>
    public static async Task<SpdyConnection> AcceptAsync(HttpContext http, string use)
    {
        var offered = http.Request.Headers[VersionHeader].SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)).ToArray();
        if (!offered.Contains(use, StringComparer.Ordinal))
        {
            http.Response.Headers["X-Accepted-Stream-Protocol-Versions"] = use;
            throw new ApiStatusException(403, "Forbidden", $"unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{use}]");
        }

        http.Response.Headers.Upgrade = Protocol;
        http.Response.Headers[VersionHeader] = use;
        return new SpdyConnection(await http.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync().ConfigureAwait(false));
    }
}
