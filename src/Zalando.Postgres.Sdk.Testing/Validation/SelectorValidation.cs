using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Label selectors.</summary>
internal static class SelectorValidation
{
    /// <summary>Reports the faults of a selector; whether it had any.</summary>
    public static bool Validate(JsonObject? selector, string field, FaultList faults)
    {
        var before = faults.Faults.Count;
        NameValidation.Labels(selector.Object("matchLabels"), field + ".matchLabels", faults);
        var expressions = selector.Array("matchExpressions") ?? [];
        for (var i = 0; i < expressions.Count; i++)
        {
            if (expressions[i] is not JsonObject expression) continue;
            var path = string.Create(CultureInfo.InvariantCulture, $"{field}.matchExpressions[{i}]");
            switch (expression.Text("operator"))
            {
                case "In" or "NotIn":
                    if (expression.Array("values") is not { Count: > 0 }) faults.Required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist":
                    if (expression.Array("values") is { Count: > 0 }) faults.Forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                default:
                    faults.Invalid(path + ".operator", expression.Text("operator") ?? "", "not a valid selector operator");
                    break;
            }

            foreach (var fault in LabelSyntax.KeyFaults(expression.Text("key") ?? "")) faults.Invalid(path + ".key", expression.Text("key") ?? "", fault);
        }

        return faults.Faults.Count > before;
    }
}
