using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Diff;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Json;

/// <summary>Takes secret values out of bodies before anybody sees them.</summary>
public static class SecretMask
{
    /// <summary>What stands for a password.</summary>
    public const string Password = "<password>";

    /// <summary>The body as it may be shown: in Secrets every value of <c>data</c> and <c>stringData</c> is replaced, except user names and dates;
    /// elsewhere the values of variables whose names speak of secrets.</summary>
    /// <param name="kind">Kind of the object.</param>
    /// <param name="body">An object or a merge patch of one. It is not changed.</param>
    /// <returns>A masked copy, or <paramref name="body"/> itself when there is nothing to mask.</returns>
    public static JsonObject Mask(KubernetesKind kind, JsonObject body)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(body);
        if (kind.Group.Length != 0 || kind.Kind != "Secret") return ValueText.HoldsSecret(body) ? (JsonObject)ValueText.Masked(body) : body;
        var copy = (JsonObject)body.DeepClone();
        foreach (var section in new[] { "data", "stringData" })
        {
            if (copy[section] is not JsonObject data) continue;
            foreach (var key in data.Select(d => d.Key).ToArray())
            {
                if (data[key] is null || key is "username" or "nextRotation") continue;
                data[key] = section == "stringData" && key == "userlist.txt" ? UserList(data.Text(key) ?? "") : Password;
            }
        }

        return copy;
    }

    // Names stay readable: each line is a name and a password in quotes.
    private static string UserList(string text)
    {
        var result = new StringBuilder();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var end = line.IndexOf("\" \"", StringComparison.Ordinal);
            result.Append(end < 0 ? Password : line[..(end + 2)] + "\"" + Password + "\"").Append('\n');
        }

        return result.ToString();
    }
}
