using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Values of Patroni's configuration, which keeps numbers, flags and texts as it was sent them.</summary>
internal static class PatroniValue
{
    /// <summary>A whole number, written as one or as a text; null for anything else.</summary>
    public static long? Whole(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue
            ? (long)number
            : long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var text) ? text : null
        : null;

    /// <summary>A number; not one for any other text.</summary>
    public static double Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    /// <summary>What PostgreSQL reads.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => value.ToString() }
        : node?.ToJsonString();
}
