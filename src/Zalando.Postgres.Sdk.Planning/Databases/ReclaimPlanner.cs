using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Removes databases that are no longer in a manifest which says <c>databaseReclaimPolicy: Delete</c>.</summary>
/// <remarks>Only databases with our mark go, and the mark is given while a database is in the manifest and the policy says so: one that was there before,
/// was made by hand, or left the manifest before the policy changed, is never touched.</remarks>
internal sealed class ReclaimPlanner(Postgresql manifest, DesiredDatabases databases, ObservedServer observed, ChangeList changes)
{
    /// <summary>Comment of databases that go when the manifest no longer names them.</summary>
    public const string Mark = "postgres-operator: deleted when it leaves the manifest";

    private const string Maintenance = "postgres";
    private const string Field = "spec.databaseReclaimPolicy";

    public void Plan()
    {
        if (manifest.Spec.DatabaseReclaimPolicy != "Delete") return;
        foreach (var database in databases.Databases.Values.Where(d => d.Owner is not null))
        {
            if (database.Name == Maintenance || observed.Databases.GetValueOrDefault(database.Name) is { } present && (present.IsTemplate || !string.IsNullOrEmpty(present.Comment))) continue;
            changes.Add(new CommentOnDatabase { Database = Maintenance, Name = database.Name, Comment = Mark }, Field, null, Mark, Requester.Manifest, "marks a database that goes with its entry in the manifest");
        }

        // What the manifest names but cannot be followed has not left the manifest.
        var named = (manifest.Spec.Databases?.Keys ?? []).Concat(Roles.PreparedDatabaseNames.Effective(manifest).Select(d => d.Key))
            .Concat((manifest.Spec.Streams ?? []).Select(s => s.Database ?? "")).ToHashSet(StringComparer.Ordinal);
        foreach (var database in observed.Databases.Values.Where(d => d.Comment == Mark && !named.Contains(d.Name) && d is { IsTemplate: false, Name: not Maintenance }).OrderBy(d => d.Name, StringComparer.Ordinal))
            changes.Add(new DropDatabase { Database = Maintenance, Name = database.Name }, Field, database.Name, null, Requester.Manifest, "the database is no longer in the manifest, whose reclaim policy is Delete", Reversibility.Irreversible, Disruption.DataLoss);
    }
}
