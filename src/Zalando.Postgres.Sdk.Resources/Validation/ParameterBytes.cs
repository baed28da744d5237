using System.Globalization;
using System.Numerics;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Amounts of memory as PostgreSQL writes them: <c>128MB</c>, <c>1GB</c>, or a number of blocks.</summary>
internal static class ParameterBytes
{
    internal static bool TryParse(string text, int bytesPerUnit, out BigInteger bytes)
    {
        bytes = 0;
        var trimmed = text.Trim();
        var digits = 0;
        while (digits < trimmed.Length && char.IsAsciiDigit(trimmed[digits])) digits++;
        if (digits is 0 or > 18) return false;
        long unit = trimmed[digits..].TrimStart() switch
        {
            "" => bytesPerUnit,
            "B" => 1,
            "kB" => 1L << 10,
            "MB" => 1L << 20,
            "GB" => 1L << 30,
            "TB" => 1L << 40,
            _ => 0,
        };
        bytes = BigInteger.Parse(trimmed.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture) * unit;
        return unit > 0;
    }
}
