using System.Globalization;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>Values such as <c>1</c> or <c>25%</c>.</summary>
internal static class IntOrPercent
{
    /// <summary>The number that a value stands for, of a total; null when it is neither number nor percentage.</summary>
    public static int? Of(JsonNode? value, int total, bool roundUp)
    {
        if (value is null) return null;
        if (value.FindNumber() is { } number) return number;
        var text = value.FindText() ?? "";
        if (!text.EndsWith('%') || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)) return null;
        var exact = (long)percent * total;
        return (int)(roundUp ? (exact + 99) / 100 : exact / 100);
    }

    public static bool IsPercent(JsonNode? value) => value.FindText()?.EndsWith('%') == true;
}
