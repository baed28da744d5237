using System.Net;
using System.Net.Sockets;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Addresses of Patroni's REST API.</summary>
public static class PatroniAddress
{
    /// <summary>Port of the REST API in Spilo pods.</summary>
    public const int DefaultPort = 8008;

    /// <summary>The address of a member.</summary>
    /// <param name="host">Address of its pod, IPv4 or IPv6, or a host name.</param>
    /// <param name="port">Port.</param>
    /// <param name="tls">Whether the API speaks TLS (the pod has a REST certificate).</param>
    /// <exception cref="ArgumentException">The host is empty or no host.</exception>
    public static Uri Of(string host, int port = DefaultPort, bool tls = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        var text = IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{host}]" : host;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown) throw new ArgumentException($"\"{host}\" is neither an address nor a host name.", nameof(host));
        return new($"{(tls ? "https" : "http")}://{text}:{port}");
    }

    /// <summary>The address in a member's own <c>api_url</c>, which says whether TLS is on; null when it has none.</summary>
    /// <param name="member">The member as the cluster view shows it.</param>
    public static Uri? Of(PatroniMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return Uri.TryCreate(member.ApiUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? new(url.GetLeftPart(UriPartial.Authority)) : null;
    }
}
