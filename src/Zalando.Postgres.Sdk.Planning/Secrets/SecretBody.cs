using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Secrets;

/// <summary>Secrets as they are compared with stored ones.</summary>
internal static class SecretBody
{
    /// <summary>The desired secret in the form the server stores, with what the stored one decides taken from there.</summary>
    public static JsonObject ForComparison(ClusterContext context, JsonObject desired, JsonObject current)
    {
        var copy = (JsonObject)desired.DeepClone();
        if (copy["stringData"] is JsonObject texts)
        {
            var knowsPasswords = !context.Observed.List(KubernetesKinds.Secret, null).Any(s => s.Text("data", "password") is { Length: > 0 } password && Text(password).Length == 0);
            copy.Remove("stringData");
            var data = new JsonObject();
            foreach (var (key, value) in texts)
            {
                var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes((string?)value ?? ""));
                var stored = current.Text("data", key);
                if (key != "userlist.txt")
                {
                    data[key] = encoded;
                    continue;
                }

                // Passwords that could not be read cannot be compared; then the list is left as it is, as long as it has the right users.
                var same = knowsPasswords ? SameLines(encoded, stored) : SameNames(encoded, stored);
                data[key] = same ? stored : encoded;
            }

            copy["data"] = data;
            return copy;
        }

        // A stored password that cannot be read cannot be compared; it stays.
        if (copy["data"] is JsonObject secret && current.Text("data", "password") is { Length: > 0 } password && Text(password).Length == 0) secret["password"] = password;
        // While a rotated user is in the secret, its name is the secret's business.
        if (copy["data"] is JsonObject own && current.Text("data", "username") is { Length: > 0 } user && IsRotated(own.Text("username"), user)) own["username"] = user;
        return copy;
    }

    // The order of users in a pooler's list has no meaning, and stored lists have any.
    private static bool SameLines(string left, string? right) => right is not null && (left == right || Lines(left).SetEquals(Lines(right)));

    private static bool SameNames(string left, string? right) =>
        right is not null && Lines(left).Select(Name).ToHashSet(StringComparer.Ordinal).SetEquals(Lines(right).Select(Name));

    private static string Name(string line) => line.IndexOf("\" \"", StringComparison.Ordinal) is > 0 and var end ? line[..end] : line;

    private static HashSet<string> Lines(string encoded) => Text(encoded).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    private static bool IsRotated(string? original, string current)
    {
        var (role, user) = (Text(original ?? ""), Text(current));
        return user.Length == role.Length + 6 && user.StartsWith(role, StringComparison.Ordinal) && user.AsSpan(role.Length).IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static string Text(string encoded)
    {
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
