using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Reconciliation.Teams;

/// <summary>Asks for the members of a cluster's teams: a directory of the host, or else the Teams API of the operator configuration. Answers are kept
/// for a while, and in an outage until it is over.</summary>
public sealed class TeamDirectories : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private readonly TimeSpan _budget;
    private readonly Func<CancellationToken, ValueTask<string>>? _token;
    private readonly HttpMessageHandler? _handler;
    private readonly ITeamDirectory? _own;
    private readonly string? _ownName;
    private readonly Lock _lock = new();
    private (string Url, ITeamDirectory Directory, TeamsApiClient Client)? _api;
    private volatile string _tokenOfSecret = "";

    /// <summary>Directories that ask the Teams API of the operator configuration, unless the host has a directory of its own.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="own">The host's directory; null for the Teams API.</param>
    /// <param name="token">Gives the token of the Teams API; null for the Secret that the operator configuration names.</param>
    /// <param name="handler">Transport to the Teams API; null for one of its own.</param>
    /// <param name="budget">How long the questions of one pass may take together; null for 20 s.</param>
    public TeamDirectories(
        TimeProvider time, ITeamDirectory? own = null, Func<CancellationToken, ValueTask<string>>? token = null, HttpMessageHandler? handler = null, TimeSpan? budget = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _token = token;
        _handler = handler;
        _budget = budget ?? TimeSpan.FromSeconds(20);
        _ownName = own?.GetType().Name;
        _own = own is null ? null : new CachedTeamDirectory(own, time, Lifetime, Patience);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock) _api?.Client.Dispose();
    }

    /// <summary>Asks about the teams whose members get roles in a cluster. Failures are findings.</summary>
    /// <param name="context">The cluster and what was observed of it: the Secret with the token is read from there.</param>
    /// <param name="graph">The PostgresTeam objects.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public async Task<TeamAnswers> AskAsync(PassContext context, TeamGraph graph, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(graph);
        if (!context.Settings.TeamsApi.EnableTeamsApi) return new();
        var teams = graph.TeamsOfCluster(context.Manifest.Spec.TeamId, context.Settings).Select(t => t.Team).Distinct(StringComparer.Ordinal).ToArray();
        if (DirectoryFor(context) is not { } directory)
        {
            return new()
            {
                Members = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal), Unanswered = teams,
                Findings = [Problem("teams_api_url", context.Settings.TeamsApi.TeamsApiUrl, "it is no address of http or https, so nobody can be asked for members of teams.")],
            };
        }

        var members = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var unanswered = new List<string>();
        var findings = new List<Finding>();
        using var deadline = new CancellationTokenSource(_budget, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        foreach (var team in teams)
        {
            try
            {
                // A directory that ignores its token must not hold the worker.
                if (await directory.FindAsync(team, both.Token).WaitAsync(both.Token).ConfigureAwait(false) is not { } found) continue;
                members[team] = found.Members;
                if (found.StaleBecause is { } reason) findings.Add(Problem("spec.teamId", team, $"the members of the team \"{team}\" are those of {found.AnsweredAt:u}: {reason}"));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                unanswered.Add(team);
                findings.Add(Problem("spec.teamId", team, $"team \"{team}\": the team directory{Named()} gave no answer in time."));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever a directory of the host throws stays with the teams of this cluster.
                unanswered.Add(team);
                findings.Add(Problem("spec.teamId", team, e is TeamDirectoryException ? e.Message : $"team \"{team}\": the team directory{Named()} failed: {e.Message}"));
            }
        }

        return new() { Members = members, Unanswered = unanswered, Findings = findings };
    }

    private ITeamDirectory? DirectoryFor(PassContext context)
    {
        if (_own is not null) return _own;
        var url = context.Settings.TeamsApi.TeamsApiUrl;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")) return null;
        _tokenOfSecret = TokenOf(context) ?? "";
        lock (_lock)
        {
            if (_api is { } present && present.Url == url) return present.Directory;
            _api?.Client.Dispose();
            var client = new TeamsApiClient(new() { Url = address, Token = _token ?? SecretTokenAsync }, _time, _handler);
            var directory = new CachedTeamDirectory(client, _time, Lifetime, Patience);
            _api = (url, directory, client);
            return directory;
        }
    }

    private ValueTask<string> SecretTokenAsync(CancellationToken cancellationToken) => _tokenOfSecret is { Length: > 0 } token
        ? ValueTask.FromResult(token)
        : throw new TeamDirectoryException("there is no token: the Secret oauth_token_secret_name needs the keys read-only-token-type (Bearer) and read-only-token-secret.");

    private static string? TokenOf(PassContext context)
    {
        if (context.Settings.Kubernetes.OauthTokenSecretName is not { } name) return null;
        return context.Observed.Find(KubernetesKinds.Secret, name.Namespace ?? context.OperatorNamespace, name.Name) is { } secret && SecretValues.Of(secret) is { } values && values.GetValueOrDefault("read-only-token-type") == "Bearer"
            ? values.GetValueOrDefault("read-only-token-secret")
            : null;
    }

    private string Named() => _ownName is null ? "" : " " + _ownName;

    private static Finding Problem(string field, string? value, string message) =>
        new() { Severity = FindingSeverity.Warning, Code = "TeamDirectory", FieldPath = field, Value = value, Rule = message };
}
