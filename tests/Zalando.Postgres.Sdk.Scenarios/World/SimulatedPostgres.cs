using Zalando.Postgres.Sdk.Database;
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
    private readonly Dictionary<string, ObservedRole> _roles = new(StringComparer.Ordinal)
    {
        ["postgres"] = new() { Name = "postgres", Attributes = RoleAttributes.LoginOnly with { Superuser = true } },
    };

    private readonly HashSet<RoleGrant> _grants = [];
    private readonly Dictionary<string, ObservedDatabase> _databases = new(StringComparer.Ordinal)
    {
        ["postgres"] = new() { Name = "postgres", Owner = "postgres" },
    };

    private readonly SortedDictionary<string, ObservedPublication> _publications = new(StringComparer.Ordinal);

    /// <summary>Names of the publications, all in the database foo.</summary>
    public IReadOnlyCollection<string> Publications => _publications.Keys;

    /// <summary>What was changed, in order; no change is made twice.</summary>
    public List<DatabaseChange> Log { get; } = [];

    /// <summary>What there is, as text to compare.</summary>
    public IReadOnlyList<string> Contents =>
    [
        .. _roles.Values.Select(r => $"role {r.Name} {r.Attributes} {string.Join(',', r.Settings.Select(s => $"{s.Key}={s.Value}"))}").Order(StringComparer.Ordinal),
        .. _grants.Select(g => "grant " + g).Order(StringComparer.Ordinal),
        .. _publications.Select(p => $"publication {p.Key}: {string.Join(", ", p.Value.Tables)}"),
        .. _databases.Values.Select(d => $"database {d.Name} of {d.Owner}").Order(StringComparer.Ordinal),
    ];

    public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password) => new Server(this);

    private Task<T> CallAsync<T>(string what, Func<T> call) =>
        process() is { } counting ? counting.ElsewhereAsync(what, () => Task.FromResult(call())) : Task.FromResult(call());

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
            case CreatePublication publication:
                _publications.Add(publication.Publication, new ObservedPublication("postgres", publication.Tables));
                break;
            case AlterPublication publication:
                _publications[publication.Publication] = new ObservedPublication("postgres", publication.Tables);
                break;
            case DropPublication publication:
                Assert.True(_publications.Remove(publication.Publication));
                break;
            default:
                throw new NotSupportedException($"The simulated server knows no {change.GetType().Name}.");
        }

        return true;
    }

    private sealed class Server(SimulatedPostgres postgres) : IPostgresServer
    {
        public Task<ObservedServer> ObserveAsync(Func<ObservedDatabase, bool> lookInto, CancellationToken cancellationToken = default) => postgres.CallAsync("observe databases", () => new ObservedServer
        {
            Version = 170000,
            Roles = new Dictionary<string, ObservedRole>(postgres._roles, StringComparer.Ordinal),
            Grants = postgres._grants.ToHashSet(),
            Databases = postgres._databases.ToDictionary(d => d.Key, d => lookInto(d.Value) ? d.Value with { Contents = Contents(d.Key) } : d.Value, StringComparer.Ordinal),
        });

        private ObservedContents Contents(string database) => ObservedContents.OfNewDatabase with
        {
            Publications = new Dictionary<string, ObservedPublication>(database == "foo" ? postgres._publications : [], StringComparer.Ordinal),
        };

        public Task ApplyAsync(DatabaseChange change, CancellationToken cancellationToken = default) => postgres.CallAsync("sql " + change.GetType().Name, () => postgres.Apply(change));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
