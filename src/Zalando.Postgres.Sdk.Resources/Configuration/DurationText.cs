using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The duration syntax of the operator's parameters: numbers with units, for example <c>1h30m</c> or <c>1.5s</c>.</summary>
/// <remarks>Units: <c>ns</c>, <c>us</c> (or <c>µs</c>), <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>; there are no days. A bare <c>0</c> is allowed. Finer than 100 ns is cut off.</remarks>
public static class DurationText
{
    private const int LongestText = 64;

    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text) || text.Length > LongestText) return false;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+') rest = rest[1..];
        if (rest is "0") return true;
        if (rest.IsEmpty) return false;
        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.')) digits++;
            var letters = digits;
            while (letters < rest.Length && !char.IsAsciiDigit(rest[letters]) && rest[letters] != '.') letters++;
            var number = rest[..digits];
            if (number.IndexOfAnyInRange('0', '9') < 0 || number.Count('.') > 1) return false;
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
            if (!TryFindUnit(rest[digits..letters], out var unit)) return false;
            // 2^63 nanoseconds, the longest duration the reference can hold, is about 292 years.
            if (value > long.MaxValue) return false;
            ticks += value * unit;
            if (ticks > long.MaxValue / 100m) return false;
            rest = rest[letters..];
        }
        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>Writes a duration the way the reference does: <c>30m0s</c>, <c>1.5s</c>, <c>100ms</c>.</summary>
    /// <param name="duration">The duration.</param>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        var ticks = (decimal)duration.Ticks;
        var text = new StringBuilder(ticks < 0 ? "-" : "");
        ticks = Math.Abs(ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            var (unit, size) = ticks >= TimeSpan.TicksPerMillisecond ? ("ms", (decimal)TimeSpan.TicksPerMillisecond) : ticks >= 10 ? ("µs", 10m) : ("ns", 0.01m);
            return text.Append((ticks / size).ToString("0.######", CultureInfo.InvariantCulture)).Append(unit).ToString();
        }
        var hours = decimal.Truncate(ticks / TimeSpan.TicksPerHour);
        var minutes = decimal.Truncate(ticks % TimeSpan.TicksPerHour / TimeSpan.TicksPerMinute);
        if (hours > 0) text.Append(hours.ToString("0", CultureInfo.InvariantCulture)).Append('h');
        if (hours > 0 || minutes > 0) text.Append(minutes.ToString("0", CultureInfo.InvariantCulture)).Append('m');
        return text.Append((ticks % TimeSpan.TicksPerMinute / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    private static bool TryFindUnit(ReadOnlySpan<char> name, out decimal ticks)
    {
        foreach (var (unit, size) in Units)
        {
            if (!name.SequenceEqual(unit)) continue;
            ticks = size;
            return true;
        }
        ticks = 0;
        return false;
    }
}
