using System.Globalization;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Json;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A point in time with microseconds (<c>metav1.MicroTime</c>): always written with six digits, <c>2026-01-31T12:00:00.000000Z</c>, because the API server refuses fewer. Reads any RFC 3339 text.</summary>
[JsonConverter(typeof(MicroTimeJsonConverter))]
public readonly record struct MicroTime : IComparable<MicroTime>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private readonly DateTimeOffset _value;

    /// <summary>A point in time; what is finer than the type holds is cut off, and the offset becomes UTC.</summary>
    /// <param name="value">The point in time.</param>
    public MicroTime(DateTimeOffset value) => _value = new DateTimeOffset(value.UtcTicks - value.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>The point in time, in UTC.</summary>
    public DateTimeOffset Value => _value;

    /// <inheritdoc />
    public int CompareTo(MicroTime other) => _value.CompareTo(other._value);

    /// <summary>Earlier.</summary>
    public static bool operator <(MicroTime left, MicroTime right) => left.CompareTo(right) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(MicroTime left, MicroTime right) => left.CompareTo(right) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(MicroTime left, MicroTime right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(MicroTime left, MicroTime right) => left.CompareTo(right) >= 0;

    /// <summary>The text as the API server writes it.</summary>
    public override string ToString() => _value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
