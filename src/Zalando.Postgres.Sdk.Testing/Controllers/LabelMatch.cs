using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Whether labels fit a selector as it stands in an object.</summary>
internal static class LabelMatch
{
    /// <summary>A <c>LabelSelector</c>: <c>matchLabels</c> and <c>matchExpressions</c>. An absent selector matches nothing, an empty one everything.</summary>
    public static bool Matches(JsonObject? selector, JsonObject? labels)
    {
        if (selector is null) return false;
        if (selector["matchLabels"] is JsonObject wanted && !MatchesMap(wanted, labels)) return false;
        foreach (var expression in selector.FindObjects("matchExpressions"))
        {
            var key = expression.FindText("key") ?? "";
            var value = labels.FindText(key);
            var listed = value is not null && expression["values"] is JsonArray values && values.Any(v => v?.ToString() == value);
            var fits = expression.FindText("operator") switch
            {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => value is not null,
                "DoesNotExist" => value is null,
                _ => false,
            };
            if (!fits) return false;
        }

        return true;
    }

    /// <summary>A plain map, as services have it: every pair must be there.</summary>
    public static bool MatchesMap(JsonObject wanted, JsonObject? labels) =>
        wanted.All(pair => labels.FindText(pair.Key) is { } value && value == pair.Value?.ToString());
}
