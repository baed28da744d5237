namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>System users of every cluster and the rotation of passwords, with defaults filled in.</summary>
public sealed record UserSettings
{
    /// <summary>Name of the superuser: env <c>PGUSER_SUPERUSER</c>, its credentials Secret, operator DB login, logical backup login.</summary>
    /// <value><c>postgres</c>.</value>
    public required string SuperUserName { get; init; }

    /// <summary>Name of the replication user: env <c>PGUSER_STANDBY</c>, its Secret, and <c>CLONE_USER</c> for base backup clones.</summary>
    /// <value><c>standby</c>.</value>
    public required string ReplicationUserName { get; init; }

    /// <summary>Roles granted to every database owner role (owners from <c>databases</c> and prepared databases). If the grant fails, membership in the other direction is revoked and the grant retried.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> AdditionalOwnerRoles { get; init; }

    /// <summary>Rotates credentials in Secrets for manifest users and bootstrapped (prepared database) users that are not database owners. Per-cluster lists can opt in or out.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnablePasswordRotation { get; init; }

    /// <summary>Days between rotations; also caps an already stored later rotation date.</summary>
    /// <value><c>90</c>.</value>
    public required int PasswordRotationInterval { get; init; }

    /// <summary>Days after which dated rotation users are dropped. Raised to 2 x interval with a warning when smaller.</summary>
    /// <value><c>120</c>; in a ConfigMap <c>180</c>; <c>180</c> when the group is absent.</value>
    public required int PasswordRotationUserRetention { get; init; }

    internal static UserSettings Read(UserParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            SuperUserName = reader.Text("super_username", parameters?.SuperUserName),
            ReplicationUserName = reader.Text("replication_username", parameters?.ReplicationUserName),
            AdditionalOwnerRoles = reader.Texts("additional_owner_roles", parameters?.AdditionalOwnerRoles),
            EnablePasswordRotation = reader.Flag("enable_password_rotation", parameters?.EnablePasswordRotation),
            PasswordRotationInterval = reader.Integer("password_rotation_interval", parameters?.PasswordRotationInterval),
            PasswordRotationUserRetention = reader.Integer("password_rotation_user_retention", parameters?.PasswordRotationUserRetention),
        };
    }
}
