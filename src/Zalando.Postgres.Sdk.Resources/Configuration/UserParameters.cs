using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>System users of every cluster and the rotation of passwords, as written; null means not written.</summary>
public sealed record UserParameters
{
    /// <summary>Name of the superuser: env <c>PGUSER_SUPERUSER</c>, its credentials Secret, operator DB login, logical backup login.</summary>
    /// <value><c>postgres</c>.</value>
    [JsonPropertyName("super_username")]
    public string? SuperUserName { get; init; }

    /// <summary>Name of the replication user: env <c>PGUSER_STANDBY</c>, its Secret, and <c>CLONE_USER</c> for base backup clones.</summary>
    /// <value><c>standby</c>.</value>
    [JsonPropertyName("replication_username")]
    public string? ReplicationUserName { get; init; }

    /// <summary>Roles granted to every database owner role (owners from <c>databases</c> and prepared databases). If the grant fails, membership in the other direction is revoked and the grant retried.</summary>
    /// <value>None.</value>
    [JsonPropertyName("additional_owner_roles")]
    public IReadOnlyList<string>? AdditionalOwnerRoles { get; init; }

    /// <summary>Rotates credentials in Secrets for manifest users and bootstrapped (prepared database) users that are not database owners. Per-cluster lists can opt in or out.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_password_rotation")]
    public bool? EnablePasswordRotation { get; init; }

    /// <summary>Days between rotations; also caps an already stored later rotation date.</summary>
    /// <value><c>90</c>.</value>
    [JsonPropertyName("password_rotation_interval")]
    public int? PasswordRotationInterval { get; init; }

    /// <summary>Days after which dated rotation users are dropped. Raised to 2 x interval with a warning when smaller.</summary>
    /// <value><c>120</c>; in a ConfigMap <c>180</c>; <c>180</c> when the group is absent.</value>
    [JsonPropertyName("password_rotation_user_retention")]
    public int? PasswordRotationUserRetention { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
