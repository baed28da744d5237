using System.Text;
using System.Text.Json;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Says what is wrong with a text that is no JSON, in the words clients of the real server know.</summary>
internal static class JsonFaults
{
    public static string Describe(ReadOnlySpan<byte> body, JsonException error)
    {
        if (body.Length == 0) return "unexpected end of JSON input";
        var at = Position(body, error);
        if (at >= body.Length) return "unexpected end of JSON input";
        var found = (char)body[at];
        var before = at;
        while (before > 0 && char.IsWhiteSpace((char)body[before - 1])) before--;
        var looking = before > 0 && body[before - 1] is (byte)'{' or (byte)',' && Encoding.UTF8.GetString(body[..at]).TrimStart().StartsWith('{')
            ? "looking for beginning of object key string"
            : "looking for beginning of value";
        return $"invalid character '{found}' {looking}";
    }

    private static int Position(ReadOnlySpan<byte> body, JsonException error)
    {
        var line = error.LineNumber ?? 0;
        var at = 0;
        while (line > 0 && at < body.Length)
        {
            if (body[at++] == (byte)'\n') line--;
        }

        return Math.Min(body.Length, at + (int)(error.BytePositionInLine ?? body.Length));
    }
}
