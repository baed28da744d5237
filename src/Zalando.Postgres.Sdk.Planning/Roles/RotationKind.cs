namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>What to do with the Secret of a role today.</summary>
public enum RotationKind
{
    /// <summary>Nothing: no rotation for this role, or not yet.</summary>
    None,

    /// <summary>The password stays; the date of the next rotation is written.</summary>
    Schedule,

    /// <summary>A new dated role with a new password takes over; the present one stays until its retention is over.</summary>
    NewRole,

    /// <summary>The role keeps its name and gets a new password.</summary>
    NewPassword,

    /// <summary>Rotation is off: the role gets a new password under its own name and the date is taken out.</summary>
    Reset,
}
