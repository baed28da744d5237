using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Plans one database and what is inside.</summary>
internal sealed class SingleDatabasePlanner(DesiredRoles roles, ObservedServer observed, ChangeList changes)
{
    private const string Maintenance = "postgres";

    public void Plan(DesiredDatabase database)
    {
        var contents = ObservedContents.OfNewDatabase;
        if (!observed.Databases.TryGetValue(database.Name, out var present))
        {
            if (database.Owner is null)
            {
                changes.Find(FindingSeverity.Warning, "MissingDatabase", database.FieldPath, database.Name, $"the database \"{database.Name}\" does not exist; its streams wait for it. Add it to spec.databases.");
                return;
            }

            changes.Add(new CreateDatabase { Database = Maintenance, Name = database.Name, Owner = database.Owner }, database.FieldPath, null, database.Owner, Requester.Manifest, "the database does not exist");
        }
        else
        {
            if (database.Owner is not null && present.Owner != database.Owner)
                changes.Add(new AlterDatabaseOwner { Database = Maintenance, Name = database.Name, Owner = database.Owner }, database.FieldPath, present.Owner, database.Owner, Requester.Manifest, "the database has another owner");
            if (present.Contents is null)
            {
                if (!database.NeedsContents) return;
                changes.Find(FindingSeverity.Warning, "DatabaseNotObserved", database.FieldPath, database.Name, $"the database \"{database.Name}\" could not be looked into{(present.AllowsConnections ? "" : ", it allows no connections")}{(present.Failure is null ? "" : ": " + present.Failure)}. What is inside it is left as it is.");
                return;
            }

            contents = present.Contents;
        }

        PlanSchemas(database, contents);
        PlanDefaultPrivileges(database, contents);
        PlanExtensions(database, contents);
        PlanPublications(database, contents);
    }

    private void PlanSchemas(DesiredDatabase database, ObservedContents contents)
    {
        foreach (var schema in database.Schemas)
        {
            contents.Schemas.TryGetValue(schema.Name, out var present);
            if (present is null)
            {
                changes.Add(new CreateSchema { Database = database.Name, Schema = schema.Name, Owner = schema.Owner ?? database.Owner! }, schema.FieldPath, null, schema.Owner, Requester.Manifest, "the schema does not exist");
            }
            else if (schema.Owner is not null && present.Owner != schema.Owner)
            {
                changes.Add(new AlterSchemaOwner { Database = database.Name, Schema = schema.Name, Owner = schema.Owner }, schema.FieldPath, present.Owner, schema.Owner, Requester.Manifest, "the schema has another owner");
            }

            var missing = schema.UsableBy.Where(r => present?.UsableBy.Contains(r) != true && roles.Roles.ContainsKey(r)).ToArray();
            if (missing.Length > 0)
                changes.Add(new GrantSchemaUsage { Database = database.Name, Schema = schema.Name, Grantees = missing }, schema.FieldPath, null, $"USAGE to {string.Join(", ", missing)}", Requester.Manifest, "roles may not use the schema");
        }
    }

    private void PlanDefaultPrivileges(DesiredDatabase database, ObservedContents contents)
    {
        foreach (var group in database.DefaultPrivileges.Where(p => !contents.DefaultPrivileges.Contains(p)).GroupBy(p => (p.Creator, p.Schema, p.Target, p.Grantee)))
        {
            var privileges = group.Select(p => p.Privilege).Order().ToArray();
            changes.Add(
                new GrantDefaultPrivileges { Database = database.Name, Creator = group.Key.Creator, Schema = group.Key.Schema, Target = group.Key.Target, Grantee = group.Key.Grantee, Privileges = privileges },
                group.Key.Schema is null ? database.FieldPath : $"{database.FieldPath}.schemas[{group.Key.Schema}]",
                null,
                $"{string.Join(", ", privileges).ToUpperInvariant()} on {group.Key.Target.ToString().ToLowerInvariant()} of {group.Key.Creator} to {group.Key.Grantee}",
                Requester.Manifest,
                "default privileges are missing");
        }
    }

    private void PlanExtensions(DesiredDatabase database, ObservedContents contents)
    {
        foreach (var (name, schema) in database.Extensions)
        {
            var field = $"{database.FieldPath}.extensions[{name}]";
            if (contents.Extensions.TryGetValue(name, out var present) && present.Schema == schema) continue;
            if (!contents.Schemas.ContainsKey(schema) && database.Schemas.All(s => s.Name != schema) && schema != "pg_catalog")
                changes.Find(FindingSeverity.Warning, "MissingSchema", field, schema, $"the extension \"{name}\" waits: the schema \"{schema}\" does not exist. Add it to the schemas of the database.");
            else if (present is null && observed.AvailableExtensions?.Contains(name) == false)
                changes.Find(FindingSeverity.Warning, "UnknownExtension", field, name, $"the extension \"{name}\" cannot be installed: the image does not bring it.");
            else if (present is null)
                changes.Add(new CreateExtension { Database = database.Name, Extension = name, Schema = schema }, field, null, schema, Requester.Manifest, "the extension is not installed");
            else if (present.Relocatable)
                changes.Add(new MoveExtension { Database = database.Name, Extension = name, Schema = schema }, field, present.Schema, schema, Requester.Manifest, "the extension is in another schema");
            else
                changes.Find(FindingSeverity.Warning, "FixedExtension", field, present.Schema, $"the extension \"{name}\" stays in the schema \"{present.Schema}\": it cannot be moved. Name that schema in the manifest.");
        }
    }

    private void PlanPublications(DesiredDatabase database, ObservedContents contents)
    {
        foreach (var publication in database.Publications ?? [])
        {
            var missing = publication.Tables.Select(t => t.Split('.')[0]).FirstOrDefault(s => !contents.Schemas.ContainsKey(s) && database.Schemas.All(d => d.Name != s));
            if (missing is not null)
            {
                changes.Find(FindingSeverity.Warning, "MissingSchema", publication.FieldPath, missing, $"the publication \"{publication.Name}\" waits: the schema \"{missing}\" does not exist in the database \"{database.Name}\". Create the tables of the stream.");
                continue;
            }

            if (!contents.Publications.TryGetValue(publication.Name, out var present))
                changes.Add(new CreatePublication { Database = database.Name, Publication = publication.Name, Tables = publication.Tables }, publication.FieldPath, null, string.Join(", ", publication.Tables), Requester.Manifest, "the publication does not exist");
            else if (!present.Tables.SequenceEqual(publication.Tables, StringComparer.Ordinal))
                changes.Add(new AlterPublication { Database = database.Name, Publication = publication.Name, Tables = publication.Tables }, publication.FieldPath, string.Join(", ", present.Tables), string.Join(", ", publication.Tables), Requester.Manifest, "the publication has other tables");
        }
    }

    /// <summary>Drops publications of streams that are gone.</summary>
    public void DropPublications(string database, DesiredDatabases desired, ObservedContents contents)
    {
        var wanted = desired.Databases.GetValueOrDefault(database)?.Publications ?? [];
        // Only what has exactly the shape of our names, the operator's role as owner, and publishes what ours publish can be ours.
        foreach (var (name, present) in contents.Publications.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith($"{PublicationTable.Prefix}{database}_", StringComparison.Ordinal) && present.Owner == roles.Superuser.Name && present.PublishesInsertsAndUpdates && wanted.All(p => p.Name != name) && !desired.RefusedPublications.Contains(name))
                changes.Add(new DropPublication { Database = database, Publication = name }, "spec.streams", string.Join(", ", present.Tables), null, Requester.Manifest, "no stream uses the publication any more");
        }
    }
}
