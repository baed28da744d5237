using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning.Diff;

/// <summary>Values as they are shown in reasons.</summary>
internal static class ValueText
{
    private const int Longest = 300;
    private static readonly JsonSerializerOptions Readable = new(Json.PlanJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Words in names of variables whose literal values are credentials more often than not.
    private static readonly string[] SecretWords = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "PRIVATE", "ACCESS_KEY", "API_KEY", "ACCOUNT_KEY", "SAS", "PWD", "PASSPHRASE", "DSN"];

    public const string Hidden = "***";

    public static string? Of(JsonNode? value)
    {
        if (value is null) return null;
        var text = value is JsonValue scalar && scalar.TryGetValue(out string? plain) ? plain : Masked(value).ToJsonString(Readable);
        return text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest - 3), "...");
    }

    public static bool IsSecretName(string name) =>
        SecretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)) || name.EndsWith("KEY", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("KEY_ID", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there is a value to hide.</summary>
    public static bool HoldsSecret(JsonNode? node) => node switch
    {
        JsonObject item => IsSecretVariable(item) || item.Any(i => HoldsSecret(i.Value)),
        JsonArray list => list.Any(HoldsSecret),
        _ => false,
    };

    private static bool IsSecretVariable(JsonObject item) =>
        item["name"] is JsonValue name && name.TryGetValue(out string? text) && IsSecretName(text) && !IsNameOfFile(text) && item["value"] is not null;

    // Where a key is, not the key.
    private static bool IsNameOfFile(string name) => name.EndsWith("_FILE", StringComparison.Ordinal) || name == "CONNECTION_POOLER_CLIENT_TLS_KEY";

    // A whole list or object may hold variables: their values are hidden as in single reasons.
    public static JsonNode Masked(JsonNode value)
    {
        if (value is not (JsonObject or JsonArray)) return value;
        var copy = value.DeepClone();
        Mask(copy);
        return copy;
    }

    private static void Mask(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject item:
                if (IsSecretVariable(item)) item["value"] = Hidden;
                foreach (var (_, child) in item) Mask(child);
                break;
            case JsonArray list:
                foreach (var child in list) Mask(child);
                break;
        }
    }
}
