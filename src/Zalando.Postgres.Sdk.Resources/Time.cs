using System.Globalization;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Json;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A point in time with whole seconds (<c>metav1.Time</c>): <c>2026-01-31T12:00:00Z</c>. Reads any RFC 3339 text.</summary>
[JsonConverter(typeof(TimeJsonConverter))]
public readonly record struct Time : IComparable<Time>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly DateTimeOffset _value;

    /// <summary>A point in time; what is finer than the type holds is cut off, and the offset becomes UTC.</summary>
    /// <param name="value">The point in time.</param>
    public Time(DateTimeOffset value) => _value = new DateTimeOffset(value.UtcTicks - value.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    /// <summary>The point in time, in UTC.</summary>
    public DateTimeOffset Value => _value;

    /// <inheritdoc />
    public int CompareTo(Time other) => _value.CompareTo(other._value);

    /// <summary>Earlier.</summary>
    public static bool operator <(Time left, Time right) => left.CompareTo(right) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(Time left, Time right) => left.CompareTo(right) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(Time left, Time right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(Time left, Time right) => left.CompareTo(right) >= 0;

    /// <summary>The text as the API server writes it.</summary>
    public override string ToString() => _value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
