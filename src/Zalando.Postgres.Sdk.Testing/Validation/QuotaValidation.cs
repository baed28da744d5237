using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Limit ranges and resource quotas.</summary>
internal static class QuotaValidation
{
    public static void LimitRange(JsonObject range, FaultList faults)
    {
        var limits = (range.Object("spec").Array("limits") ?? []).OfType<JsonObject>().ToArray();
        var types = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < limits.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"spec.limits[{i}]");
            var type = limits[i].Text("type") ?? "";
            if (type.Length == 0) faults.Required(at + ".type");
            else if (!types.Add(type)) faults.Duplicate(at + ".type", type);
            if (type == "Pod")
            {
                foreach (var field in (ReadOnlySpan<string>)["default", "defaultRequest"])
                {
                    if (limits[i].Object(field) is { Count: > 0 }) faults.Forbidden($"{at}.{field}", "may not be specified when `type` is 'Pod'");
                }
            }

            Ordered(limits[i], "min", "max", "min value {0} is greater than max value {1}", at, faults);
            Ordered(limits[i], "min", "defaultRequest", "min value {0} is greater than default request value {1}", at, faults);
            Ordered(limits[i], "defaultRequest", "max", "default request value {0} is greater than max value {1}", at, faults);
            Ordered(limits[i], "defaultRequest", "default", "default request value {0} is greater than default limit value {1}", at, faults);
            Ordered(limits[i], "default", "max", "default value {0} is greater than max value {1}", at, faults);
        }
    }

    public static void Quota(JsonObject quota, FaultList faults)
    {
        foreach (var (name, amount) in quota.Object("spec").Object("hard") ?? [])
        {
            if (Quantity.TryParse(amount.Text() ?? amount?.ToJsonString() ?? "", out var parsed) && parsed.CompareTo(Quantity.Parse("0")) < 0) faults.Invalid($"spec.hard[{name}]", amount, "must be greater than or equal to 0");
        }
    }

    private static void Ordered(JsonObject limit, string lower, string upper, string text, string at, FaultList faults)
    {
        foreach (var (name, amount) in limit.Object(lower) ?? [])
        {
            if (!limit.Object(upper).TryQuantity(name, out var most) || !limit.Object(lower).TryQuantity(name, out var least) || least.CompareTo(most) <= 0) continue;
            faults.Invalid($"{at}.{lower}[{name}]", amount, string.Format(CultureInfo.InvariantCulture, text, least, most));
        }
    }

    private static bool TryQuantity(this JsonObject? map, string name, out Quantity quantity)
    {
        quantity = default!;
        return map is not null && map.TryGetPropertyValue(name, out var value) && Quantity.TryParse(value.Text() ?? value?.ToJsonString() ?? "", out quantity);
    }
}
