using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Reads RFC 3339 times: a full date, <c>T</c>, a full time with any number of fraction digits, and <c>Z</c> or an offset.</summary>
public static class Rfc3339
{
    /// <summary>Reads a time without throwing.</summary>
    /// <param name="text">For example <c>2026-01-31T12:00:00.5+01:00</c>.</param>
    /// <param name="value">The time.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset value)
    {
        value = default;
        if (text is null || text.Length is < 20 or > 64 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        var end = 19;
        if (text[end] == '.')
        {
            var digits = end + 1;
            while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
            if (digits == end + 1) return false;
            end = digits;
        }

        var zone = text.AsSpan(end);
        if (zone is not ("Z" or "z") && !(zone.Length == 6 && zone[0] is '+' or '-' && zone[3] == ':')) return false;
        // .NET knows seven digits of a fraction; more are cut off.
        var normal = string.Concat(text.AsSpan(0, Math.Min(end, 27)), zone);
        return DateTimeOffset.TryParse(normal, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);
    }
}
