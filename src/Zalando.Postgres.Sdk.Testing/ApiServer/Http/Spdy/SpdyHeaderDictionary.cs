using System.Buffers.Binary;
using System.Text;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;

/// <summary>The text that SPDY/3 primes the compression of headers with (SPDY protocol, draft 3.1, section 2.6.10.1): words with their lengths, then
/// fragments without.</summary>
internal static class SpdyHeaderDictionary
{
    /// <summary>Adler-32 checksum of <see cref="Bytes"/>, which a compressed stream names to tell which dictionary it needs.</summary>
    public const uint Checksum = 0xe3c6a7c2;

    private static readonly string[] Words =
    [
        "options", "head", "post", "put", "delete", "trace", "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow", "authorization",
        "cache-control", "connection", "content-base", "content-encoding", "content-language", "content-length", "content-location", "content-md5", "content-range",
        "content-type", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
        "location", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization", "range", "referer", "retry-after", "server", "te", "trailer", "transfer-encoding",
        "upgrade", "user-agent", "vary", "via", "warning", "www-authenticate", "method", "get", "status", "200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie",
        "keep-alive", "origin",
    ];

    private static readonly string[] Fragments =
    [
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505",
        "203 Non-Authoritative Information", "204 No Content", "301 Moved Permanently", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found",
        "500 Internal Server Error", "501 Not Implemented", "503 Service Unavailable", "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT",
        "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch",
        "charset=utf-8charset=iso-8859-1,utf-,*,enq=0.",
    ];

    /// <summary>The dictionary.</summary>
    public static byte[] Bytes { get; } = Make();

    private static byte[] Make()
    {
        using var all = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var word in Words)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, word.Length);
            all.Write(length);
            all.Write(Encoding.ASCII.GetBytes(word));
        }

        foreach (var fragment in Fragments) all.Write(Encoding.ASCII.GetBytes(fragment));
        return all.ToArray();
    }
}
