namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>A membership: a role is granted to another one.</summary>
/// <param name="Role">The role whose privileges the member gets.</param>
/// <param name="Member">The member.</param>
/// <param name="WithAdmin">Whether the member may grant the role to others.</param>
public readonly record struct RoleGrant(string Role, string Member, bool WithAdmin)
{
    /// <summary><c>reader to writer</c>.</summary>
    public override string ToString() => WithAdmin ? $"{Role} to {Member} with admin option" : $"{Role} to {Member}";
}
