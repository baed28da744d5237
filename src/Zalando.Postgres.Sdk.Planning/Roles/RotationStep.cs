namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>The next step of the rotation of one role's password. The state is in its Secret, so that the work survives the operator.</summary>
/// <remarks>First the Secret gets the next password beside the present one, then the database gets it, and when the database has it, it takes the
/// place of the present one. Whoever reads the Secret can log in nearly all the time, and the operator always.</remarks>
public sealed record RotationStep
{
    /// <summary>The role.</summary>
    public required DesiredRole Role { get; init; }

    /// <summary>The change of its Secret.</summary>
    public required PatchObject Change { get; init; }

    /// <summary>What the database needs to have before the change may be made; null when nothing.</summary>
    public SecretCredentials? Needs { get; init; }

    /// <summary>The change of the Secret that gives the rotation up when the database refuses it; null when there is nothing to give up.</summary>
    public PatchObject? GiveUp { get; init; }
}
