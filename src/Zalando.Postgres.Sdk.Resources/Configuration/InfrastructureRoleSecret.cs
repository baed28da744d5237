using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>A Secret that defines roles for all clusters.</summary>
public sealed record InfrastructureRoleSecret
{
    /// <summary>The Secret, as <c>name</c> or <c>namespace/name</c>. Without a namespace: the operator's; in a ConfigMap <c>default</c>.</summary>
    [JsonPropertyName("secretname")]
    public string? SecretName { get; init; }

    /// <summary>Key that holds the role's name. Default: none, then <c>defaultuservalue</c> counts.</summary>
    [JsonPropertyName("userkey")]
    public string? UserKey { get; init; }

    /// <summary>Key that holds the password. Required.</summary>
    [JsonPropertyName("passwordkey")]
    public string? PasswordKey { get; init; }

    /// <summary>Key that holds the one role it is a member of. Default: none.</summary>
    [JsonPropertyName("rolekey")]
    public string? RoleKey { get; init; }

    /// <summary>Name of the role when the key is missing. Default: none.</summary>
    [JsonPropertyName("defaultuservalue")]
    public string? DefaultUserValue { get; init; }

    /// <summary>The role it is a member of when the key is missing. Default: none.</summary>
    [JsonPropertyName("defaultrolevalue")]
    public string? DefaultRoleValue { get; init; }

    /// <summary>Key that holds a YAML description of the role. Default: none.</summary>
    [JsonPropertyName("details")]
    public string? Details { get; init; }

    /// <summary>Whether the Secret has numbered keys (<c>user1</c>, <c>password1</c>, <c>inrole1</c>, ...). Default: false.</summary>
    [JsonPropertyName("template")]
    public bool? Template { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
