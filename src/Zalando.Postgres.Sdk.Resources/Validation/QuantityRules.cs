namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Texts that must be quantities.</summary>
internal static class QuantityRules
{
    /// <summary>Reports a text that is no quantity.</summary>
    internal static bool Check(string path, string text, FindingCollector findings, out Quantity quantity)
    {
        if (Quantity.TryParse(text, out quantity)) return true;
        var advice = text.EndsWith('K') ? $"Write \"{text[..^1]}Ki\" (1024), or use a larger unit" : "Examples: 500m, 2, 512Mi, 10Gi";
        findings.Error(path, text, "Quantity", "must be a quantity: a number with an optional suffix m, Ki, Mi, Gi, Ti, M, G, T", advice);
        return false;
    }
}
