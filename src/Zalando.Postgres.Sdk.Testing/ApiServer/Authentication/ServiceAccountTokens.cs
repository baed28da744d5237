using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;

/// <summary>Tokens of service accounts: signed by this server only, worth something while the account (and the pod it is bound to) exists.</summary>
internal sealed class ServiceAccountTokens(ObjectStore store, TimeProvider time)
{
    public const string Audience = "https://kubernetes.default.svc.cluster.local";
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private long _issued;

    public (string Token, DateTimeOffset Expires) Issue(JsonObject account, IReadOnlyList<string> audiences, long seconds, JsonObject? bound)
    {
        var now = time.GetUtcNow();
        var expires = now.AddSeconds(seconds);
        var payload = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(static a => (JsonNode)JsonValue.Create(a))]),
            ["exp"] = expires.ToUnixTimeSeconds(), ["iat"] = now.ToUnixTimeSeconds(), ["nbf"] = now.ToUnixTimeSeconds(), ["iss"] = Audience,
            ["jti"] = Interlocked.Increment(ref _issued).ToString(),
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = account.Namespace(),
                ["serviceaccount"] = new JsonObject { ["name"] = account.Name(), ["uid"] = account.Uid() },
            },
            ["sub"] = $"system:serviceaccount:{account.Namespace()}:{account.Name()}",
        };
        if (bound is not null) payload["kubernetes.io"]!["pod"] = new JsonObject { ["name"] = bound.Name(), ["uid"] = bound.Uid() };
        var text = Encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"u8) + "." + Encode(JsonText.Write(payload));
        return (text + "." + Encode(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(text))), expires);
    }

    /// <summary>The account a token stands for; null when it is worth nothing.</summary>
    public RequestUser? Find(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3) return null;
        try
        {
            if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(parts[0] + "." + parts[1])), Decode(parts[2]))) return null;
            var payload = JsonText.ParseObject(Decode(parts[1]));
            if ((payload.Whole("exp") ?? 0) <= time.GetUtcNow().ToUnixTimeSeconds() || !payload.Array("aud").Texts().Contains(Audience)) return null;
            var claims = payload.Object("kubernetes.io");
            var namespaceName = claims.Text("namespace") ?? "";
            var account = claims.Object("serviceaccount");
            lock (store.Gate)
            {
                if (store.Get("serviceaccounts", new(namespaceName, account.Text("name") ?? ""))?.Value.Uid() != account.Text("uid")) return null;
                if (claims.Object("pod") is { } pod && store.Get("pods", new(namespaceName, pod.Text("name") ?? ""))?.Value.Uid() != pod.Text("uid")) return null;
            }

            return new RequestUser($"system:serviceaccount:{namespaceName}:{account.Text("name")}", account.Text("uid"),
                ["system:serviceaccounts", "system:serviceaccounts:" + namespaceName, "system:authenticated"]) { TokenId = payload.Text("jti") };
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidCastException)
        {
            return null;
        }
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Decode(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='));
    }
}
