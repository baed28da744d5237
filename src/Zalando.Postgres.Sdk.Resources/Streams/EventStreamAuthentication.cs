using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>The Secret with the consumer's credentials.</summary>
public sealed record EventStreamAuthentication
{
    /// <summary>Kind of the authentication, <c>DatabaseAuthenticationSecret</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>Name of the Secret.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Key of the user name, <c>username</c>.</summary>
    [JsonPropertyName("userKey")]
    public string? UserKey { get; init; }

    /// <summary>Key of the password, <c>password</c>.</summary>
    [JsonPropertyName("passwordKey")]
    public string? PasswordKey { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
