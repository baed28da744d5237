using System.Globalization;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Jobs;

/// <summary>A schedule of five fields (minute, hour, day of month, month, day of week) or a name such as <c>@daily</c> or <c>@every 1h</c>.</summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly bool[] _minutes;
    private readonly bool[] _hours;
    private readonly bool[] _days;
    private readonly bool[] _months;
    private readonly bool[] _weekdays;
    private readonly bool _anyDay;
    private readonly bool _anyWeekday;
    private readonly TimeSpan? _every;

    private CronSchedule(TimeSpan every)
    {
        _every = every;
        _minutes = _hours = _days = _months = _weekdays = [];
    }

    private CronSchedule(string[] fields)
    {
        _minutes = Field(fields[0], 0, 59, null);
        _hours = Field(fields[1], 0, 23, null);
        _days = Field(fields[2], 1, 31, null);
        _months = Field(fields[3], 1, 12, Months);
        _weekdays = Field(fields[4], 0, 6, Days);
        _anyDay = fields[2] is "*" or "?";
        _anyWeekday = fields[4] is "*" or "?";
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="FormatException">It is none; the message is the server's.</exception>
    public static CronSchedule Parse(string text)
    {
        if (text.Length == 0) throw new FormatException("empty spec string");
        if (text[0] == '@')
        {
            if (text.StartsWith("@every ", StringComparison.Ordinal))
                return new CronSchedule(Duration(text[7..]) ?? throw new FormatException($"failed to parse duration {text}: time: invalid duration \"{text[7..]}\""));
            return new CronSchedule(text switch
            {
                "@yearly" or "@annually" => ["0", "0", "1", "1", "*"],
                "@monthly" => ["0", "0", "1", "*", "*"],
                "@weekly" => ["0", "0", "*", "*", "0"],
                "@daily" or "@midnight" => ["0", "0", "*", "*", "*"],
                "@hourly" => ["0", "*", "*", "*", "*"],
                _ => throw new FormatException($"unrecognized descriptor: {text}"),
            });
        }

        var fields = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
            throw new FormatException($"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
        return new CronSchedule(fields);
    }

    /// <summary>The first time after <paramref name="time"/>; null when there is none within five years.</summary>
    public DateTimeOffset? Next(DateTimeOffset time, TimeZoneInfo zone)
    {
        if (_every is { } every) return time.AddTicks(every.Ticks - (time.Ticks % TimeSpan.TicksPerSecond));
        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        local = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified).AddMinutes(1);
        var end = local.AddYears(5);
        while (local < end)
        {
            if (!_months[local.Month]) local = new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
            else if (!IsDay(local)) local = local.Date.AddDays(1);
            else if (!_hours[local.Hour]) local = local.Date.AddHours(local.Hour + 1);
            else if (!_minutes[local.Minute]) local = local.AddMinutes(1);
            else if (zone.IsInvalidTime(local)) local = local.AddMinutes(1);
            else return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        }

        return null;
    }

    private bool IsDay(DateTime day)
    {
        var byDay = _days[day.Day];
        var byWeekday = _weekdays[(int)day.DayOfWeek];
        // When both are given, one of them is enough.
        return _anyDay || _anyWeekday ? byDay && byWeekday : byDay || byWeekday;
    }

    private static bool[] Field(string field, int minimum, int maximum, string[]? names)
    {
        var result = new bool[maximum + 1];
        foreach (var part in field.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var slash = part.Split('/');
            if (slash.Length > 2) throw new FormatException($"too many slashes: {part}");
            int start, end;
            var range = slash[0].Split('-');
            if (range.Length > 2) throw new FormatException($"too many hyphens: {part}");
            if (range[0] is "*" or "?")
            {
                (start, end) = (minimum, maximum);
            }
            else
            {
                start = Value(range[0], minimum, names);
                end = range.Length == 2 ? Value(range[1], minimum, names) : slash.Length == 2 ? maximum : start;
            }

            var step = 1;
            if (slash.Length == 2 && (!int.TryParse(slash[1], NumberStyles.None, CultureInfo.InvariantCulture, out step)))
                throw new FormatException($"failed to parse int from {slash[1]}: strconv.Atoi: parsing \"{slash[1]}\": invalid syntax");
            if (start < minimum) throw new FormatException($"beginning of range ({start}) below minimum ({minimum}): {part}");
            if (end > maximum) throw new FormatException($"end of range ({end}) above maximum ({maximum}): {part}");
            if (start > end) throw new FormatException($"beginning of range ({start}) beyond end of range ({end}): {part}");
            if (step == 0) throw new FormatException($"step of range should be a positive number: {part}");
            for (var i = start; i <= end; i += step) result[i] = true;
        }

        return result;
    }

    private static int Value(string text, int minimum, string[]? names)
    {
        if (names is not null && Array.IndexOf(names, text.ToLowerInvariant()) is >= 0 and var at) return at + minimum;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax");
    }

    private static TimeSpan? Duration(string text)
    {
        var total = TimeSpan.Zero;
        var number = "";
        var any = false;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                number += c;
                continue;
            }

            if (number.Length is 0 or > 9) return null;
            var amount = int.Parse(number, CultureInfo.InvariantCulture);
            switch (c)
            {
                case 'h': total += TimeSpan.FromHours(amount); break;
                case 'm': total += TimeSpan.FromMinutes(amount); break;
                case 's': total += TimeSpan.FromSeconds(amount); break;
                default: return null;
            }

            number = "";
            any = true;
        }

        return any && number.Length == 0 && total >= TimeSpan.FromSeconds(1) ? total : null;
    }
}
