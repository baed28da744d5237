using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Statuses;

namespace Zalando.Postgres.Sdk.Reconciliation.Events;

/// <summary>Says in the text of an Event what was done. A few changes come with their reasons; many are put together, so that the text can be read to its end.</summary>
internal static class ChangeSummary
{
    private const int LongestDetailed = 400;
    private const int MostNames = 8;

    public static string Of(IEnumerable<PlannedChange> changes)
    {
        var all = changes.ToList();
        var detailed = string.Join("; ", all.Select(Detailed));
        return detailed.Length <= LongestDetailed
            ? detailed
            : string.Join("; ", all.Select(Brief).GroupBy(static b => b.What, StringComparer.Ordinal).Select(static g => $"{g.Key} {Names(g.Select(static b => b.Name))}"));
    }

    private static string Detailed(PlannedChange change)
    {
        var why = string.Join(", ", change.Reasons.Take(3).Select(static r => r.ToString()).Where(static r => r.Length > 0));
        // Statements say too much: who reads an Event wants to know what there is now.
        var what = change is ChangeDatabase && Brief(change) is var (verb, name) ? $"{verb} {name}" : $"{ClusterStatusBuilder.Verb(change)} {change.Target}";
        return why.Length == 0 ? what : $"{what} ({why})";
    }

    private static (string What, string Name) Brief(PlannedChange change) => change is ChangeDatabase { Change: var database }
        ? database switch
        {
            CreateRole role => ("create role", role.Role),
            AlterRole role => ("alter role", role.Role),
            SetRolePassword role => ("set password of role", role.Role),
            SetRoleSetting role => ("configure role", role.Role),
            CommentOnRole role => ("comment on role", role.Role),
            DropRole role => ("drop role", role.Role),
            RenameRole role => ("rename role", role.Role),
            GrantRole grant => ("add members to role", grant.Role),
            RevokeRole revoke => ("remove members from role", revoke.Role),
            CreateDatabase create => ("create database", create.Name),
            AlterDatabaseOwner owner => ("change owner of database", owner.Name),
            _ => ("change schemas, extensions, privileges or publications of database", database.Database),
        }
        : ($"{ClusterStatusBuilder.Verb(change)} {change.Target.Kind.ToLowerInvariant()}", change.Target.Name);

    private static string Names(IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.Ordinal).ToList();
        return all.Count <= MostNames ? string.Join(", ", all) : $"{string.Join(", ", all.Take(MostNames))} and {all.Count - MostNames} more";
    }
}
