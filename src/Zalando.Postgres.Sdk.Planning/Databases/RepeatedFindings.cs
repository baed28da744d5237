namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Tells each thing once: what the validator has said of a field of a manifest, planning of roles and databases does not say again in other words.</summary>
public static class RepeatedFindings
{
    private static readonly Dictionary<string, string[]> SaidAs = new(StringComparer.Ordinal)
    {
        ["InvalidDatabaseName"] = ["DatabaseName"],
        ["InvalidExtension"] = ["ExtensionName", "ExtensionSchema"],
        ["InvalidRoleFlags"] = ["RoleFlag"],
        ["InvalidRoleName"] = ["RoleName", "RoleReserved"],
        ["InvalidSchemaName"] = ["SchemaName", "DefaultUsers"],
        ["PoolerUser"] = ["PoolerUser"],
        ["ProtectedRoleName"] = ["RoleProtected", "RoleSystem"],
        ["RoleDefinedTwice"] = ["RoleTwice"],
        ["SecretNamespace"] = ["SecretNamespace"],
        ["SharedSecret"] = ["SecretCollision"],
        ["UnknownDatabaseOwner"] = ["DatabaseOwner"],
    };

    /// <summary>The findings without those that were told already, in these words or in the validator's, at least as severe.</summary>
    /// <param name="findings">What there is to tell.</param>
    /// <param name="told">What was told.</param>
    public static IReadOnlyList<Finding> Without(IEnumerable<Finding> findings, IReadOnlyList<Finding> told)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(told);
        return [.. findings.Where(f => !told.Any(t => t == f || IsSame(t, f)))];
    }

    private static bool IsSame(Finding told, Finding finding) =>
        told.Severity >= finding.Severity && SaidAs.TryGetValue(finding.Code, out var codes) && codes.Contains(told.Code, StringComparer.Ordinal) && Plain(told.FieldPath) == Plain(finding.FieldPath);

    // Reasons of changes write keys in brackets, the validator after a dot.
    private static string Plain(string path) => path.Replace('[', '.').Replace("]", "", StringComparison.Ordinal);
}
