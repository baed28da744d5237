using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Zalando.Postgres.Sdk.Volumes.Ebs.Credentials;

namespace Zalando.Postgres.Sdk.Volumes.Ebs.Signing;

/// <summary>Signature version 4 of Amazon's Query APIs, whose requests all go to the path <c>/</c>.</summary>
public static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Computes the value of the header <c>Authorization</c>. All given headers are signed.</summary>
    /// <param name="method">HTTP method in capitals.</param>
    /// <param name="uri">Absolute address with the path <c>/</c>.</param>
    /// <param name="headers">Headers of the request; <c>host</c> and <c>x-amz-date</c> (see <see cref="Time"/>) must be among them.</param>
    /// <param name="body">Body of the request as sent.</param>
    /// <param name="credentials">Whose signature it is. A session token is a header that the caller adds.</param>
    /// <param name="region">Region of the service.</param>
    /// <param name="service">Name of the service, for example <c>ec2</c>.</param>
    /// <returns>The value of the header; it holds no secret.</returns>
    /// <exception cref="ArgumentException">The path is another one, or a necessary header is missing.</exception>
    public static string Authorization(
        string method,
        Uri uri,
        IReadOnlyDictionary<string, string> headers,
        ReadOnlySpan<byte> body,
        AwsCredentials credentials,
        string region,
        string service)
    {
        ArgumentNullException.ThrowIfNull(uri);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(credentials);
        if (uri.AbsolutePath != "/") throw new ArgumentException($"The path {uri.AbsolutePath} is not the path of a Query API, which is /.", nameof(uri));

        var canonical = headers.Select(h => (Name: h.Key.ToLowerInvariant(), Value: OneSpace(h.Value))).OrderBy(h => h.Name, StringComparer.Ordinal).ToList();
        var time = canonical.Find(h => h.Name == "x-amz-date").Value;
        if (time is not { Length: 16 } || !canonical.Exists(h => h.Name == "host")) throw new ArgumentException("The headers host and x-amz-date are necessary.", nameof(headers));

        var names = string.Join(';', canonical.Select(h => h.Name));
        var request = new StringBuilder()
            .Append(method).Append("\n/\n").Append(Query(uri)).Append('\n')
            .AppendJoin("", canonical.Select(h => $"{h.Name}:{h.Value}\n")).Append('\n')
            .Append(names).Append('\n').Append(Hash(body)).ToString();
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(request))}";

        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey);
        foreach (var part in scope.Split('/')) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={signature}";
    }

    /// <summary>The form of a time in the header <c>x-amz-date</c>.</summary>
    /// <param name="time">The time of the request.</param>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Query(Uri uri) => string.Join('&', uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split('=', 2))
        .Select(part => (Name: Encoded(part[0]), Value: part.Length == 2 ? Encoded(part[1]) : ""))
        .OrderBy(part => part.Name, StringComparer.Ordinal).ThenBy(part => part.Value, StringComparer.Ordinal)
        .Select(part => $"{part.Name}={part.Value}"));

    private static string Encoded(string part) => Uri.EscapeDataString(Uri.UnescapeDataString(part));

    private static string OneSpace(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
