using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Compares roles and databases as they have to be with the server's catalogue. Pure: nothing happens.</summary>
/// <remarks>Nothing is revoked or dropped because it is not in the manifest: extra roles, memberships, settings, privileges and databases stay.
/// Attributes are the exception: a role of ours has exactly those that its definition gives it.</remarks>
public static class DatabasePlanner
{
    /// <summary>Plans all changes of a server whose catalogue was observed; without one nothing.</summary>
    /// <param name="input">What is known.</param>
    public static DatabasePlan Plan(DatabasePlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Observed.Databases is not { } observed || !IsManaged(input.Manifest, input.Settings)) return new();
        var (roles, databases) = DesiredServer.Build(input);
        return SlotPlanner.Plan(input, databases, observed, Plan(input.Manifest, input.Settings, roles, databases, observed, input.Now));
    }

    /// <summary>Whether the operator looks after what is inside: not of standbys, of clusters without members, or when it is switched off.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    public static bool IsManaged(Postgresql manifest, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        var spec = manifest.Spec;
        return settings.Debug.EnableDatabaseAccess && spec.NumberOfInstances is not 0 && spec.Standby is null
            && spec.Env?.Any(e => e.Name?.StartsWith("STANDBY_", StringComparison.Ordinal) == true && !string.IsNullOrEmpty(e.Value)) != true;
    }

    /// <summary>Plans all changes of a server.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="roles">Roles as they have to be, with the passwords of their Secrets.</param>
    /// <param name="databases">Databases as they have to be.</param>
    /// <param name="observed">The server's catalogue.</param>
    /// <param name="now">The time, for the end of retentions.</param>
    public static DatabasePlan Plan(Postgresql manifest, OperatorSettings settings, DesiredRoles roles, DesiredDatabases databases, ObservedServer observed, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(databases);
        ArgumentNullException.ThrowIfNull(observed);
        if (roles.Findings.Concat(databases.Findings).Any(f => f.Severity == FindingSeverity.Error)) return new() { Findings = [.. roles.Findings, .. databases.Findings] };
        var changes = new ChangeList(manifest.Metadata.Namespace ?? "default");
        changes.Findings.AddRange(roles.Findings);
        changes.Findings.AddRange(databases.Findings);
        if (observed.IsInRecovery)
        {
            changes.Find(FindingSeverity.Information, "StandbyServer", "", null, "the server is a standby: roles and databases come from its primary.");
            return changes.ToPlan();
        }

        new RolePlanner(roles, observed, settings, StoredPassword.EncryptionOf(manifest), changes).Plan();
        foreach (var database in databases.Databases.Values) new SingleDatabasePlanner(roles, observed, changes).Plan(database);
        foreach (var database in observed.Databases.Values.Where(d => d.Contents is not null && databases.NeedsContentsOf(d)).OrderBy(d => d.Name, StringComparer.Ordinal))
            new SingleDatabasePlanner(roles, observed, changes).DropPublications(database.Name, databases, database.Contents!);
        PlanLookups(roles, databases, observed, changes);
        new RotatedRolePlanner(roles, observed, settings, now, changes).Plan();
        new ReclaimPlanner(manifest, databases, observed, changes).Plan();
        return changes.ToPlan();
    }

    private static void PlanLookups(DesiredRoles roles, DesiredDatabases databases, ObservedServer observed, ChangeList changes)
    {
        if (databases.LookupSchema is not { } schema || roles.Pooler is not { } pooler) return;
        var created = databases.Databases.Values.Where(d => d.Owner is not null && !observed.Databases.ContainsKey(d.Name))
            .Select(d => new ObservedDatabase { Name = d.Name, Owner = d.Owner!, Contents = ObservedContents.OfNewDatabase });
        foreach (var database in observed.Databases.Values.Concat(created).Where(d => d is { AllowsConnections: true, IsTemplate: false }).OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            if (database.Contents is not { } contents) continue;
            if (PoolerLookup.WhyOutdated(contents, schema, pooler.Name, roles.Superuser.Name) is not { } reason) continue;
            changes.Add(
                new InstallPoolerLookup
                {
                    Database = database.Name,
                    Schema = schema,
                    PoolerRole = pooler.Name,
                    Owner = roles.Superuser.Name,
                    SchemaExists = contents.Schemas.ContainsKey(schema),
                    FunctionExists = contents.Lookups.ContainsKey(schema),
                    Creators = schema == "public" ? [] : contents.Schemas.GetValueOrDefault(schema)?.CreatableBy.Order(StringComparer.Ordinal).ToArray() ?? [],
                },
                "spec.connectionPooler",
                null,
                $"{schema}.{PoolerLookup.FunctionName}(text)",
                Requester.Manifest,
                reason);
        }
    }
}
