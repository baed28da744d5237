using System.Globalization;
using Zalando.Postgres.Cli.CommandLine;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Where a primary can be reached directly.</summary>
/// <param name="Host">Address or name.</param>
/// <param name="Port">Port.</param>
internal sealed record DatabaseAddress(string Host, int Port)
{
    private const int UsualPort = 5432;

    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c>, <c>[IPv6]</c>, <c>[IPv6]:PORT</c> or a bare IPv6 address.</summary>
    /// <exception cref="CommandException">It is none of them.</exception>
    public static DatabaseAddress Parse(string text)
    {
        var (host, port) = (text, "");
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 1 and var end) (host, port) = (text[1..end], text[(end + 1)..]);
        else if (text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && text.LastIndexOf(':') == colon) (host, port) = (text[..colon], text[colon..]);
        // A comma would name several hosts, and a slash a directory of sockets.
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown) throw Wrong(text);
        if (port.Length == 0) return new(host, UsualPort);
        return port[0] == ':' && int.TryParse(port.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535 ? new(host, number) : throw Wrong(text);
    }

    private static CommandException Wrong(string text) => new($"--database-address: \"{text}\" is no address: write it as 10.0.0.7, db.example.org:5432 or [fd00::7]:5432.");
}
