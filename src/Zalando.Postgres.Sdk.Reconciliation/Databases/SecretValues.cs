using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Observation;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>The decoded values of a Secret.</summary>
internal static class SecretValues
{
    public static Dictionary<string, string>? Of(JsonObject? secret)
    {
        if (secret.Child("data") is not { } data) return null;
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, _) in data)
        {
            if (data.Text(key) is not { } encoded) continue;
            var bytes = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, bytes, out var length)) result[key] = Encoding.UTF8.GetString(bytes, 0, length);
        }

        return result;
    }
}
