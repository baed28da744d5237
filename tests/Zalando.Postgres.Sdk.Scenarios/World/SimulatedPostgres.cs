using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>The server of one cluster: roles, memberships and databases as the typed changes make them. Each observation and each statement is a call at which the
/// operator may die.</summary>
internal sealed class SimulatedPostgres(Func<InterruptibleClient?> process) : IPostgresConnector
{
    private readonly Dictionary<string, ObservedContents> _contents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObservedRole> _roles = new(StringComparer.Ordinal)
    {
        ["postgres"] = new() { Name = "postgres", Attributes = RoleAttributes.LoginOnly with { Superuser = true } },
        // What the image makes.
        ["admin"] = new() { Name = "admin", Attributes = RoleAttributes.LoginOnly with { Login = false } },
        ["zalandos"] = new() { Name = "zalandos", Attributes = RoleAttributes.LoginOnly with { Login = false } },
    };

    private readonly HashSet<RoleGrant> _grants = [];
    private readonly Dictionary<string, ObservedDatabase> _databases = new(StringComparer.Ordinal)
    {
        ["postgres"] = new() { Name = "postgres", Owner = "postgres" },
    };

    /// <summary>Names of the publications in the database foo.</summary>
    public IReadOnlyCollection<string> Publications => [.. ContentsOf("foo").Publications.Keys];

    /// <summary>The roles.</summary>
    public IReadOnlyDictionary<string, ObservedRole> Roles => _roles;

    /// <summary>Memberships.</summary>
    public IReadOnlySet<RoleGrant> Grants => _grants;

    /// <summary>What is in a database.</summary>
    public ObservedContents ContentsOf(string database) => _contents.GetValueOrDefault(database) ?? ObservedContents.OfNewDatabase;

    /// <summary>A server with the same contents, for another process.</summary>
    public SimulatedPostgres Copy(Func<InterruptibleClient?> of)
    {
        var copy = new SimulatedPostgres(of);
        foreach (var (name, role) in _roles) copy._roles[name] = role;
        copy._grants.UnionWith(_grants);
        foreach (var (name, database) in _databases) copy._databases[name] = database;
        foreach (var (name, contents) in _contents) copy._contents[name] = contents;
        return copy;
    }

    /// <summary>What somebody does to a role by hand.</summary>
    public void Set(ObservedRole role) => _roles[role.Name] = role;

    /// <summary>Tables of a publication in the database foo.</summary>
    public IReadOnlyList<string> TablesOf(string publication) => ContentsOf("foo").Publications.GetValueOrDefault(publication)?.Tables ?? [];

    /// <summary>What was changed, in order; no change is made twice.</summary>
    public List<DatabaseChange> Log { get; } = [];

    /// <summary>What there is, as text to compare.</summary>
    public IReadOnlyList<string> Contents =>
    [
        .. _roles.Values.Select(r => $"role {r.Name} {r.Attributes} {string.Join(',', r.Settings.Select(s => $"{s.Key}={s.Value}"))}").Order(StringComparer.Ordinal),
        .. _grants.Select(g => "grant " + g).Order(StringComparer.Ordinal),
        .. _contents.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => Describe(c.Key, c.Value)),
        .. _databases.Values.Select(d => $"database {d.Name} of {d.Owner}").Order(StringComparer.Ordinal),
    ];

    public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password) => new Server(this);

    private async Task<T> CallAsync<T>(string what, Func<T> call)
    {
        if (process() is not { } counting) return call();
        try
        {
            return await counting.ElsewhereAsync(what, () => Task.FromResult(call()));
        }
        catch (KubernetesApiException e)
        {
            // A fault that was meant for any call: a server says it in its own way.
            throw new DatabaseException(DatabaseFailure.Unreachable, null, "10.0.0.1:5432: " + e.Message);
        }
    }

    // As a server keeps it, with fewer iterations than any server would take.
    private static RolePassword? Stored(RolePassword? password) =>
        password is null ? null : new RolePassword(ScramVerifier.Create(password.Reveal(), new byte[ScramVerifier.SaltLength], iterations: 1).Reveal());

    private bool Apply(DatabaseChange change)
    {
        Log.Add(change);
        switch (change)
        {
            case CreateRole role:
                _roles.Add(role.Role, new ObservedRole { Name = role.Role, Attributes = role.Attributes, StoredPassword = Stored(role.Password) });
                break;
            case AlterRole role:
                _roles[role.Role] = _roles[role.Role] with { Attributes = role.Attributes };
                break;
            case SetRolePassword role:
                _roles[role.Role] = _roles[role.Role] with { StoredPassword = Stored(role.Password) };
                break;
            case SetRoleSetting role:
                _roles[role.Role] = _roles[role.Role] with { Settings = new Dictionary<string, string>(_roles[role.Role].Settings) { [role.Name] = string.Join(", ", role.Values) } };
                break;
            case CommentOnRole role:
                _roles[role.Role] = _roles[role.Role] with { Comment = role.Comment };
                break;
            case GrantRole grant:
                _grants.Add(new RoleGrant(grant.Role, grant.Member, grant.WithAdmin));
                break;
            case RevokeRole revoke:
                _grants.RemoveWhere(g => g.Role == revoke.Role && g.Member == revoke.Member);
                break;
            case CreateDatabase database:
                _databases.Add(database.Name, new ObservedDatabase { Name = database.Name, Owner = database.Owner });
                break;
            case AlterDatabaseOwner database:
                _databases[database.Name] = _databases[database.Name] with { Owner = database.Owner };
                break;
            case RenameRole rename:
                _roles.Remove(rename.Role, out var renamed);
                _roles.Add(rename.NewName, renamed! with { Name = rename.NewName });
                foreach (var grant in _grants.Where(g => g.Role == rename.Role || g.Member == rename.Role).ToArray())
                {
                    _grants.Remove(grant);
                    _grants.Add(new RoleGrant(grant.Role == rename.Role ? rename.NewName : grant.Role, grant.Member == rename.Role ? rename.NewName : grant.Member, grant.WithAdmin));
                }

                break;
            case DropRole drop:
                Assert.True(_roles.Remove(drop.Role));
                _grants.RemoveWhere(g => g.Role == drop.Role || g.Member == drop.Role);
                break;
            case CommentOnDatabase database:
                _databases[database.Name] = _databases[database.Name] with { Comment = database.Comment };
                break;
            default:
                _contents[change.Database] = Inside(ContentsOf(change.Database), change);
                break;
        }

        return true;
    }

    private static ObservedContents Inside(ObservedContents contents, DatabaseChange change)
    {
        switch (change)
        {
            case CreateSchema schema:
                return contents with { Schemas = With(contents.Schemas, schema.Schema, new ObservedSchema { Name = schema.Schema, Owner = schema.Owner }) };
            case AlterSchemaOwner schema:
                return contents with { Schemas = With(contents.Schemas, schema.Schema, contents.Schemas[schema.Schema] with { Owner = schema.Owner }) };
            case GrantSchemaUsage usage:
                var usable = contents.Schemas[usage.Schema];
                return contents with { Schemas = With(contents.Schemas, usage.Schema, usable with { UsableBy = usable.UsableBy.Concat(usage.Grantees).ToHashSet(StringComparer.Ordinal) }) };
            case GrantDefaultPrivileges grant:
                return contents with
                {
                    DefaultPrivileges = contents.DefaultPrivileges.Concat(grant.Privileges.Select(p => new DefaultPrivilege(grant.Creator, grant.Schema, grant.Target, grant.Grantee, p))).ToHashSet(),
                };
            case CreateExtension extension:
                return contents with { Extensions = With(contents.Extensions, extension.Extension, new ObservedExtension(extension.Schema, true)) };
            case InstallPoolerLookup lookup:
                var source = lookup.ToSql().Select(s => s.Template).First(t => t.Contains("$lookup$", StringComparison.Ordinal)).Split("$lookup$")[1];
                return contents with
                {
                    Schemas = With(contents.Schemas, lookup.Schema, new ObservedSchema { Name = lookup.Schema, Owner = lookup.Owner, UsableBy = new HashSet<string> { lookup.PoolerRole } }),
                    Lookups = With(contents.Lookups, lookup.Schema, new ObservedLookup
                    {
                        Owner = lookup.Owner, Source = source, SecurityDefiner = true, ReturnsSet = true, Settings = ["search_path=pg_catalog, pg_temp"], CallableBy = new HashSet<string> { lookup.PoolerRole },
                    }),
                };
            case CreatePublication publication:
                return contents with { Publications = With(contents.Publications, publication.Publication, new ObservedPublication("postgres", publication.Tables)) };
            case AlterPublication publication:
                return contents with { Publications = With(contents.Publications, publication.Publication, new ObservedPublication("postgres", publication.Tables)) };
            case DropPublication publication:
                Assert.Contains(publication.Publication, contents.Publications.Keys);
                return contents with { Publications = contents.Publications.Where(p => p.Key != publication.Publication).ToDictionary(StringComparer.Ordinal) };
            default:
                throw new NotSupportedException($"The simulated server knows no {change.GetType().Name}.");
        }
    }

    private static Dictionary<string, T> With<T>(IReadOnlyDictionary<string, T> values, string key, T value) => new(values, StringComparer.Ordinal) { [key] = value };

    private static IEnumerable<string> Describe(string database, ObservedContents contents) =>
    [
        .. contents.Schemas.Values.Select(s => $"schema {database}.{s.Name} of {s.Owner} for {string.Join(',', s.UsableBy.Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal),
        .. contents.DefaultPrivileges.Select(p => $"default privilege in {database}: {p}").Order(StringComparer.Ordinal),
        .. contents.Extensions.Select(e => $"extension {database}.{e.Key} in {e.Value.Schema}").Order(StringComparer.Ordinal),
        .. contents.Lookups.Keys.Select(l => $"lookup {database}.{l}"),
        .. contents.Publications.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"publication {database}.{p.Key}: {string.Join(", ", p.Value.Tables)}"),
    ];

    private sealed class Server(SimulatedPostgres postgres) : IPostgresServer
    {
        public Task<ObservedServer> ObserveAsync(Func<ObservedDatabase, bool> lookInto, CancellationToken cancellationToken = default) => postgres.CallAsync("observe databases", () => new ObservedServer
        {
            Version = 170000,
            Roles = new Dictionary<string, ObservedRole>(postgres._roles, StringComparer.Ordinal),
            Grants = postgres._grants.ToHashSet(),
            Databases = postgres._databases.ToDictionary(d => d.Key, d => lookInto(d.Value) ? d.Value with { Contents = postgres.ContentsOf(d.Key) } : d.Value, StringComparer.Ordinal),
        });

        public Task ApplyAsync(DatabaseChange change, CancellationToken cancellationToken = default) => postgres.CallAsync("sql " + change.GetType().Name, () => postgres.Apply(change));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
