using System.Diagnostics.CodeAnalysis;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A time of day, every day or on one weekday, in which disruptive work may be done. Times are UTC. A window may reach over midnight; it then belongs to the day on which it starts.</summary>
/// <remarks>The reference operator refuses windows over midnight; <see cref="EndsOnNextDay"/> tells them apart.</remarks>
public sealed record MaintenanceWindow
{
    private static readonly string[] Weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    private MaintenanceWindow(DayOfWeek? weekday, TimeOnly start, TimeOnly end)
    {
        Weekday = weekday;
        Start = start;
        End = end;
    }

    /// <summary>The weekday on which the window starts; null for every day.</summary>
    public DayOfWeek? Weekday { get; }

    /// <summary>First minute of the window.</summary>
    public TimeOnly Start { get; }

    /// <summary>Last minute of the window; the whole minute belongs to it.</summary>
    public TimeOnly End { get; }

    /// <summary>Whether the window reaches over midnight.</summary>
    public bool EndsOnNextDay => End < Start;

    /// <summary>Reads <c>HH:MM-HH:MM</c> or <c>Mon:HH:MM-HH:MM</c>. Blanks around it and single digits are forgiven.</summary>
    /// <param name="text">The text.</param>
    /// <param name="window">The window.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out MaintenanceWindow? window)
    {
        window = null;
        if (text is null || text.Length > 64) return false;
        var halves = text.Trim().Trim('"').Split('-');
        if (halves.Length != 2) return false;
        var left = halves[0].Split(':');
        DayOfWeek? weekday = null;
        if (left.Length == 3)
        {
            var day = Array.IndexOf(Weekdays, left[0]);
            if (day < 0) return false;
            weekday = (DayOfWeek)day;
            left = left[1..];
        }
        if (!TryParseTime(left, out var start) || !TryParseTime(halves[1].Split(':'), out var end)) return false;
        window = new MaintenanceWindow(weekday, start, end);
        return true;
    }

    /// <summary>Whether a moment lies in the window.</summary>
    /// <param name="moment">The moment.</param>
    public bool Contains(DateTimeOffset moment)
    {
        var utc = moment.UtcDateTime;
        var time = new TimeOnly(utc.Hour, utc.Minute);
        if (!EndsOnNextDay) return IsOn(utc.DayOfWeek) && time >= Start && time <= End;
        return (IsOn(utc.DayOfWeek) && time >= Start) || (IsOn(utc.AddDays(-1).DayOfWeek) && time <= End);
    }

    /// <summary>The next moment at which the window opens, or the moment itself when it is open.</summary>
    /// <param name="moment">Where to start looking.</param>
    public DateTimeOffset NextOpening(DateTimeOffset moment)
    {
        if (Contains(moment)) return moment;
        var day = moment.UtcDateTime.Date;
        for (var ahead = 0; ; ahead++)
        {
            var opening = new DateTimeOffset(day.AddDays(ahead) + Start.ToTimeSpan(), TimeSpan.Zero);
            if (opening >= moment && IsOn(opening.DayOfWeek)) return opening;
        }
    }

    /// <summary>The window as the reference writes it: <c>HH:MM-HH:MM</c> or <c>Mon:HH:MM-HH:MM</c>.</summary>
    public override string ToString()
    {
        var times = $"{Start.Hour:00}:{Start.Minute:00}-{End.Hour:00}:{End.Minute:00}";
        return Weekday is { } day ? $"{Weekdays[(int)day]}:{times}" : times;
    }

    private static bool TryParseTime(string[] parts, out TimeOnly time)
    {
        time = default;
        if (parts.Length != 2 || !TryParseNumber(parts[0], 23, out var hour) || !TryParseNumber(parts[1], 59, out var minute)) return false;
        time = new TimeOnly(hour, minute);
        return true;
    }

    private static bool TryParseNumber(string text, int largest, out int number)
    {
        number = 0;
        return text.Length is 1 or 2 && text.All(char.IsAsciiDigit) && (number = int.Parse(text)) <= largest;
    }

    private bool IsOn(DayOfWeek day) => Weekday is null || Weekday == day;
}
