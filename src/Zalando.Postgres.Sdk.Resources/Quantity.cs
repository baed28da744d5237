using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Json;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A Kubernetes quantity such as <c>500m</c>, <c>1Gi</c> or <c>1e3</c>. Keeps the text as written and compares by value.</summary>
/// <remarks>
/// Source of the syntax: the Kubernetes API documentation of <c>resource.Quantity</c>. Suffixes: n u m (none) k M G T P E (powers of 1000),
/// Ki Mi Gi Ti Pi Ei (powers of 1024), or an exponent (<c>e3</c>, <c>E-2</c>). Values finer than a nano are rounded up, as the API server does.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter))]
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private static readonly BigInteger NanosPerUnit = 1_000_000_000;

    private readonly string? _text;
    private readonly BigInteger _nanos;

    private Quantity(string text, BigInteger nanos)
    {
        _text = text;
        _nanos = nanos;
    }

    /// <summary>The value in billionths (10^-9) of the unit.</summary>
    public BigInteger Nanos => _nanos;

    /// <summary>The value in thousandths, rounded up: CPU in millicores.</summary>
    public long MilliValue => (long)BigInteger.Min(CeilingDivide(_nanos, 1_000_000), long.MaxValue);

    /// <summary>The value in whole units, rounded up: memory and storage in bytes.</summary>
    public long Value => (long)BigInteger.Min(CeilingDivide(_nanos, NanosPerUnit), long.MaxValue);

    /// <summary>Whether the value is zero.</summary>
    public bool IsZero => _nanos.IsZero;

    /// <summary>Reads a quantity.</summary>
    /// <param name="text">For example <c>1.5Gi</c>.</param>
    /// <exception cref="FormatException">The text is not a quantity; the message names it and the rule.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity)
            ? quantity
            : throw new FormatException($"\"{text}\" is not a quantity: write a number with an optional suffix (n u m k M G T P E Ki Mi Gi Ti Pi Ei) or exponent, such as 500m or 10Gi.");

    /// <summary>Reads a quantity without throwing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="quantity">The quantity, or the default value (zero, text <c>0</c>).</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity)
    {
        quantity = default;
        // The API server's own limit is not documented; longer texts are no sensible quantity and would cost time.
        if (text is null || text.Length is 0 or > 128) return false;
        var i = 0;
        var negative = false;
        if (text[0] is '+' or '-')
        {
            negative = text[0] == '-';
            i++;
        }

        var digits = BigInteger.Zero;
        var any = false;
        var scale = 0;
        for (; i < text.Length && char.IsAsciiDigit(text[i]); i++)
        {
            digits = digits * 10 + (text[i] - '0');
            any = true;
        }

        if (i < text.Length && text[i] == '.')
        {
            for (i++; i < text.Length && char.IsAsciiDigit(text[i]); i++)
            {
                digits = digits * 10 + (text[i] - '0');
                scale++;
                any = true;
            }
        }

        if (!any || !TryMultiplier(text.AsSpan(i), out var factor, out var exponent)) return false;
        var numerator = digits * factor * NanosPerUnit;
        var power = exponent - scale;
        var nanos = power >= 0 ? numerator * BigInteger.Pow(10, power) : CeilingDivide(numerator, BigInteger.Pow(10, -power));
        quantity = new Quantity(text, negative ? -nanos : nanos);
        return true;
    }

    /// <summary>Whole units, for example bytes.</summary>
    /// <param name="value">The number of units.</param>
    public static Quantity FromValue(long value) => new(value.ToString(CultureInfo.InvariantCulture), value * NanosPerUnit);

    /// <summary>Thousandths, for example millicores.</summary>
    /// <param name="value">The number of thousandths.</param>
    public static Quantity FromMilliValue(long value) =>
        new((value % 1000 == 0 ? (value / 1000).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture) + "m"), new BigInteger(value) * 1_000_000);

    /// <summary>The form in which the API server writes the value: <c>1024Mi</c> as <c>1Gi</c>, <c>0.5</c> as <c>500m</c>.</summary>
    public string ToCanonicalString()
    {
        if (_nanos.IsZero) return "0";
        var text = _text ?? "0";
        var number = BigInteger.Abs(_nanos);
        var sign = _nanos.Sign < 0 ? "-" : "";
        if (text.EndsWith('i') && (number % NanosPerUnit).IsZero)
        {
            var units = number / NanosPerUnit;
            var step = 0;
            while (step < BinarySuffixes.Length - 1 && (units % 1024).IsZero)
            {
                units /= 1024;
                step++;
            }

            // A binary suffix on a value that is not a multiple of 1024 is written without one.
            return sign + units.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[step];
        }

        var exponentForm = text.AsSpan().ContainsAny('e', 'E') && !text.EndsWith('E');
        var thousands = -3;
        while (thousands < DecimalSuffixes.Length - 4 && (number % 1000).IsZero)
        {
            number /= 1000;
            thousands++;
        }

        var digits = number.ToString(CultureInfo.InvariantCulture);
        return exponentForm
            ? sign + digits + (thousands == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"e{thousands * 3}"))
            : sign + digits + DecimalSuffixes[thousands + 3];
    }

    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    /// <summary>Equal value, whatever the text.</summary>
    /// <param name="other">The other quantity.</param>
    public bool Equals(Quantity other) => _nanos == other._nanos;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _nanos.GetHashCode();

    /// <inheritdoc />
    public int CompareTo(Quantity other) => _nanos.CompareTo(other._nanos);

    /// <summary>The text as written.</summary>
    public override string ToString() => _text ?? "0";

    /// <summary>Equal value.</summary>
    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    /// <summary>Different value.</summary>
    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    /// <summary>Smaller value.</summary>
    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    /// <summary>Greater value.</summary>
    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    /// <summary>Smaller or equal value.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    /// <summary>Greater or equal value.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    private static BigInteger CeilingDivide(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        return remainder.Sign > 0 ? quotient + 1 : quotient;
    }

    private static bool TryMultiplier(ReadOnlySpan<char> suffix, out BigInteger factor, out int exponent)
    {
        factor = BigInteger.One;
        exponent = 0;
        switch (suffix)
        {
            case "": return true;
            case "n": exponent = -9; return true;
            case "u": exponent = -6; return true;
            case "m": exponent = -3; return true;
            case "k": exponent = 3; return true;
            case "M": exponent = 6; return true;
            case "G": exponent = 9; return true;
            case "T": exponent = 12; return true;
            case "P": exponent = 15; return true;
            case "E": exponent = 18; return true;
            case "Ki": factor = BigInteger.One << 10; return true;
            case "Mi": factor = BigInteger.One << 20; return true;
            case "Gi": factor = BigInteger.One << 30; return true;
            case "Ti": factor = BigInteger.One << 40; return true;
            case "Pi": factor = BigInteger.One << 50; return true;
            case "Ei": factor = BigInteger.One << 60; return true;
        }

        // Three digits are more than any value the API server accepts; unbounded exponents would cost memory.
        return suffix[0] is 'e' or 'E' && suffix.Length is > 1 and <= 5
            && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
    }
}
