using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Config maps and secrets.</summary>
internal static partial class DataValidation
{
    private const int Limit = 1024 * 1024;
    private const string Immutable = "field is immutable when `immutable` is set";

    public static void ConfigMap(JsonObject map, JsonObject? old, FaultList faults)
    {
        var data = map.Object("data") ?? [];
        var binary = map.Object("binaryData") ?? [];
        var size = 0L;
        foreach (var (key, value) in data.OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            Key(key, faults);
            if (binary.ContainsKey(key)) faults.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            size += Encoding.UTF8.GetByteCount(value.Text() ?? "");
        }

        foreach (var (key, value) in binary.OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            Key(key, faults, "binaryData");
            size += Decoded(value);
        }

        if (size > Limit) faults.TooLong("[]", Limit);
        if (old?.Flag("immutable") != true) return;
        if (map.Flag("immutable") != true) faults.Forbidden("immutable", Immutable);
        if (!JsonNode.DeepEquals(map["data"], old["data"])) faults.Forbidden("data", Immutable);
        if (!JsonNode.DeepEquals(map["binaryData"], old["binaryData"])) faults.Forbidden("binaryData", Immutable);
    }

    public static void Secret(JsonObject secret, JsonObject? old, FaultList faults)
    {
        var data = secret.Object("data") ?? [];
        var size = 0L;
        foreach (var (key, value) in data.OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            Key(key, faults);
            size += Decoded(value);
        }

        if (size > Limit) faults.TooLong("data", Limit);
        foreach (var key in Needed(secret.Text("type")))
            if (!data.ContainsKey(key)) faults.Required($"data[{key}]");
        if (secret.Text("type") == "kubernetes.io/service-account-token" && secret.Object("metadata").Object("annotations").Text("kubernetes.io/service-account.name") is null or "")
            faults.Required("metadata.annotations[kubernetes.io/service-account.name]");
        if (old is null) return;
        if (secret.Text("type") != old.Text("type")) faults.Invalid("type", secret["type"], "field is immutable");
        if (old.Flag("immutable") != true) return;
        if (secret.Flag("immutable") != true) faults.Forbidden("immutable", Immutable);
        if (!JsonNode.DeepEquals(secret["data"], old["data"])) faults.Forbidden("data", Immutable);
    }

    private static string[] Needed(string? type) => type switch
    {
        "kubernetes.io/tls" => ["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
        "kubernetes.io/dockercfg" => [".dockercfg"],
        "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
        _ => [],
    };

    private static void Key(string key, FaultList faults, string field = "data")
    {
        var fault = key.Length > 253 ? "must be no more than 253 characters"
            : key is "." or ".." ? $"must not be '{key}'"
            : key.StartsWith("..", StringComparison.Ordinal) ? "must not start with '..'"
            : !KeyPattern().IsMatch(key) ? "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            : null;
        if (fault is not null) faults.Invalid($"{field}[{key}]", key, fault);
    }

    private static long Decoded(JsonNode? value) => (value.Text()?.TrimEnd('=').Length ?? 0) * 3L / 4;

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z")]
    private static partial Regex KeyPattern();
}
