using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Turns the sections <c>databases</c>, <c>preparedDatabases</c> and <c>streams</c> of a manifest into databases with everything inside.</summary>
internal sealed class DesiredDatabasesBuilder(Postgresql manifest, OperatorSettings settings, DesiredRoles roles)
{
    private static readonly (DefaultPrivilegeTarget Target, Privilege[] Reader, Privilege[] Writer)[] Matrix =
    [
        (DefaultPrivilegeTarget.Tables, [Privilege.Select], [Privilege.Insert, Privilege.Update, Privilege.Delete]),
        (DefaultPrivilegeTarget.Sequences, [Privilege.Select], [Privilege.Usage, Privilege.Update]),
        (DefaultPrivilegeTarget.Functions, [Privilege.Execute], [Privilege.Execute]),
        (DefaultPrivilegeTarget.Types, [Privilege.Usage], [Privilege.Usage]),
    ];

    private readonly SortedDictionary<string, DesiredDatabase> _databases = new(StringComparer.Ordinal);
    private readonly List<Finding> _findings = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    public DesiredDatabases Build()
    {
        AddDatabases();
        foreach (var (name, definition) in PreparedDatabaseNames.Effective(manifest))
        {
            // Its roles are refused with the same name, and reported there.
            if (roles.Roles.GetValueOrDefault(name + "_owner")?.Origin == RoleOrigin.PreparedDatabase && RoleName.IsDatabaseName(name)) AddPrepared(name, definition);
        }

        if (manifest.Spec.Streams is { Count: > 0 }) AddPublications();
        return new()
        {
            Databases = _databases,
            RefusedPublications = _refused,
            LookupSchema = roles.Pooler is null ? null : PoolerNames.Schema(manifest.Spec, settings),
            Findings = _findings,
        };
    }

    private void AddDatabases()
    {
        foreach (var (name, owner) in (manifest.Spec.Databases ?? new Dictionary<string, string>()).OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            var field = $"spec.databases[{name}]";
            if (!RoleName.IsDatabaseName(name) || RoleName.WhyNotAnIdentifier(name) is not null)
                Warn("InvalidDatabaseName", field, name, $"the database \"{name}\" is left out: a name of a database has letters, digits and underscores, does not begin with a digit, and has at most {RoleName.MaximumBytes} bytes.");
            else if (name is "template0" or "template1") Warn("InvalidDatabaseName", field, name, $"the database \"{name}\" is left out: it belongs to PostgreSQL.");
            else if (string.IsNullOrEmpty(owner) || !roles.Roles.TryGetValue(owner, out var role) || role.SystemKey is not null)
                Warn("UnknownDatabaseOwner", field, owner, $"the database \"{name}\" is left out: its owner \"{owner}\" is no role of this cluster. Add it to spec.users; system users own no databases.");
            else _databases[name] = new() { Name = name, Owner = owner, FieldPath = field };
        }
    }

    private void AddPrepared(string database, PreparedDatabase definition)
    {
        var field = $"spec.preparedDatabases[{database}]";
        var owner = database + "_owner";
        var ownerUser = definition.DefaultUsers == true ? database + "_owner_user" : null;
        var privileges = new List<DefaultPrivilege>();
        var schemas = new List<DesiredSchema>();
        AddDefaults(privileges, owner, database, null);
        if (ownerUser is not null) AddDefaults(privileges, ownerUser, database, null);
        foreach (var (name, schema) in PreparedDatabaseNames.Schemas(definition).Where(s => RoleName.IsDatabaseName(s.Key)))
        {
            if (name.StartsWith("pg_", StringComparison.OrdinalIgnoreCase) || name.Equals("information_schema", StringComparison.OrdinalIgnoreCase))
            {
                Warn("InvalidSchemaName", $"{field}.schemas[{name}]", name, $"the schema \"{name}\" is left out: its name belongs to PostgreSQL.");
                continue;
            }

            var prefix = $"{database}_{name}";
            var withRoles = schema.DefaultRoles != false;
            var schemaOwner = withRoles ? prefix + "_owner" : owner;
            var schemaOwnerUser = withRoles && schema.DefaultUsers == true ? prefix + "_owner_user" : null;
            AddDefaults(privileges, schemaOwner, database, name);
            if (schemaOwnerUser is not null) AddDefaults(privileges, schemaOwnerUser, database, name);
            if (withRoles)
            {
                AddDefaults(privileges, owner, prefix, name);
                if (ownerUser is not null) AddDefaults(privileges, ownerUser, prefix, name);
                AddDefaults(privileges, schemaOwner, prefix, name);
                if (schemaOwnerUser is not null) AddDefaults(privileges, schemaOwnerUser, prefix, name);
            }
            else if (ownerUser is not null) AddDefaults(privileges, ownerUser, database, name);

            string[] users = withRoles
                ? [database + "_reader", database + "_writer", prefix + "_reader", prefix + "_writer"]
                : [database + "_reader", database + "_writer"];
            // The owner of public is the owner of the database, through a role of PostgreSQL's own.
            schemas.Add(new() { Name = name, Owner = name == "public" ? null : schemaOwner, UsableBy = users, FieldPath = $"{field}.schemas[{name}]" });
        }

        _databases[database] = new()
        {
            Name = database,
            Owner = _databases.GetValueOrDefault(database)?.Owner ?? owner,
            FieldPath = field,
            Schemas = schemas,
            DefaultPrivileges = privileges.Where(p => roles.Roles.ContainsKey(p.Creator) && roles.Roles.ContainsKey(p.Grantee)).Distinct().ToArray(),
            Extensions = Extensions(definition, field),
        };
    }

    private SortedDictionary<string, string> Extensions(PreparedDatabase definition, string field)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, schema) in definition.Extensions ?? new Dictionary<string, string>())
        {
            var path = $"{field}.extensions[{name}]";
            if (RoleName.WhyNotAnIdentifier(name) is { } reason) Warn("InvalidExtension", path, name, $"the extension is left out: {reason}.");
            else if (RoleName.WhyNotAnIdentifier(schema) is { } wrong) Warn("InvalidExtension", path, schema, $"the extension \"{name}\" is left out because of its schema: {wrong}.");
            // Scripts of extensions put the name of their schema into their own text; PostgreSQL refuses these characters only since its minor releases of 2023.
            else if (schema.AsSpan().IndexOfAny("\"$'\\") >= 0) Warn("InvalidExtension", path, schema, $"the extension \"{name}\" is left out because of its schema: the name holds a quote, a dollar sign or a backslash.");
            else result[name] = schema;
        }

        return result;
    }

    private void AddPublications()
    {
        foreach (var group in manifest.Spec.Streams!.Where(s => !string.IsNullOrEmpty(s.Database)).GroupBy(s => s.Database!, StringComparer.Ordinal))
        {
            var publications = group.Where(s => !string.IsNullOrEmpty(s.ApplicationId) && s.Tables is { Count: > 0 })
                .GroupBy(s => PublicationTable.PublicationName(group.Key, s.ApplicationId!), StringComparer.Ordinal)
                .Select(p => new DesiredPublication(p.Key, p.SelectMany(s => s.Tables!.Keys).Select(PublicationTable.Qualified).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray())
                {
                    FieldPath = Streams.StreamUse.FieldPath(manifest, p.Key),
                })
                .ToArray();
            foreach (var publication in publications)
            {
                if (group.Key is "template0" or "template1")
                    Refuse(publication, publication.FieldPath, group.Key, $"the publication \"{publication.Name}\" cannot be made: the database \"{group.Key}\" belongs to PostgreSQL.");
                else if (!PublicationTable.IsSlotName(publication.Name))
                    Refuse(publication, publication.FieldPath, publication.Name, $"the replication slot \"{publication.Name}\" cannot be made: such a name has at most 63 lower-case letters, digits and underscores. Choose another applicationId or database.");
                else if (publication.Tables.FirstOrDefault(t => !PublicationTable.IsValid(t)) is { } table)
                    Refuse(publication, Streams.StreamUse.FieldPath(manifest, publication.Name, $"\"{table}\""), table, $"the publication \"{publication.Name}\" cannot be made: \"{table}\" is no table. Write table or schema.table.");
            }

            var valid = publications.Where(p => !_refused.Contains(p.Name)).ToArray();
            if (!_databases.TryGetValue(group.Key, out var database)) database = new() { Name = group.Key, FieldPath = "spec.streams" };
            _databases[group.Key] = database with { Publications = valid };
        }
    }

    private void Refuse(DesiredPublication publication, string field, string value, string message)
    {
        _refused.Add(publication.Name);
        Warn("InvalidStream", field, value, message);
    }

    private void Warn(string code, string field, string? value, string message) =>
        _findings.Add(new() { Severity = FindingSeverity.Warning, Code = code, FieldPath = field, Value = value, Rule = message });

    private static void AddDefaults(List<DefaultPrivilege> privileges, string creator, string prefix, string? schema)
    {
        if (schema is null)
        {
            privileges.Add(new(creator, null, DefaultPrivilegeTarget.Schemas, prefix + "_reader", Privilege.Usage));
            privileges.Add(new(creator, null, DefaultPrivilegeTarget.Schemas, prefix + "_writer", Privilege.Usage));
        }

        foreach (var (target, reader, writer) in Matrix)
        {
            privileges.AddRange(reader.Select(p => new DefaultPrivilege(creator, schema, target, prefix + "_reader", p)));
            privileges.AddRange(writer.Select(p => new DefaultPrivilege(creator, schema, target, prefix + "_writer", p)));
        }
    }
}
