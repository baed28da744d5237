using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Names and labels inside of objects.</summary>
internal static class NameValidation
{
    /// <summary>Keys and values of labels, wherever they stand.</summary>
    public static void Labels(JsonObject? labels, string field, FaultList faults)
    {
        foreach (var (key, value) in Sorted(labels))
        {
            foreach (var fault in LabelSyntax.KeyFaults(key)) faults.Invalid(field, key, fault);
            if (value.Text() is { } text && LabelSyntax.ValueFault(text) is { } valueFault) faults.Invalid(field, text, valueFault);
        }
    }

    /// <summary>The fault of a name in DNS form; null for a good one.</summary>
    public static string? SubdomainFault(string name) =>
        name.Length > 253 ? "must be no more than 253 characters" : LabelSyntax.IsSubdomain(name) ? null : LabelSyntax.SubdomainFault;

    public static string? LabelFault(string name) =>
        name.Length > 63 ? "must be no more than 63 characters"
        : name.Contains('.', StringComparison.Ordinal) && LabelSyntax.IsSubdomain(name) ? "must not contain dots"
        : LabelSyntax.IsLabel(name) ? null : LabelSyntax.LabelFault;

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Sorted(JsonObject? map) =>
        map is null ? [] : map.OrderBy(static p => p.Key, StringComparer.Ordinal);
}
