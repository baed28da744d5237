using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Observes roles and databases through the super user, plans, changes what differs, and rotates passwords that are due.</summary>
/// <remarks>It executes exactly what <see cref="DatabasePlanner"/> plans, the part of the plan that <see cref="ClusterPlanner"/> shows when the catalogue was
/// observed. A change that the server refuses does not hold up the others.</remarks>
public sealed class DatabaseReconciler : IDatabaseReconciler
{
    // Nobody tells of a table that is made.
    private static readonly TimeSpan WhileStreamsWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WhileTeamsAreUnanswered = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SourceBudget = TimeSpan.FromSeconds(20);

    private readonly IPostgresConnector _connector;
    private readonly ICredentialSource? _credentials;
    private readonly TeamDirectories? _teams;
    private readonly TimeProvider _time;
    private readonly Func<byte[]> _passwordBytes;

    /// <summary>Makes one.</summary>
    /// <param name="connector">How to reach the primary.</param>
    /// <param name="credentials">Where the super user's password comes from; null for its Secret.</param>
    /// <param name="teams">Who knows the members of teams; null for nobody: then roles of persons are left as they are.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="passwordBytes">Fresh bytes for the passwords of a pass; null for the cryptographic generator.</param>
    public DatabaseReconciler(
        IPostgresConnector connector, ICredentialSource? credentials = null, TeamDirectories? teams = null, TimeProvider? time = null, Func<byte[]>? passwordBytes = null)
    {
        ArgumentNullException.ThrowIfNull(connector);
        _connector = connector;
        _credentials = credentials;
        _teams = teams;
        _time = time ?? TimeProvider.System;
        _passwordBytes = passwordBytes ?? (static () => RandomNumberGenerator.GetBytes(32));
    }

    /// <inheritdoc />
    public bool IsManaged(PassContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return DatabasePlanner.IsManaged(context.Manifest, context.Settings);
    }

    /// <inheritdoc />
    public string Fingerprint(PassContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(context.Manifest.Spec, PostgresJsonContext.Default.PostgresqlSpec));
        foreach (var (key, value) in context.Observed.Objects.Where(o => o.Key.Kind is "Secret" or "ConfigMap").OrderBy(o => o.Key.ToString(), StringComparer.Ordinal))
        {
            // Patroni's ConfigMaps carry no data; those of the infrastructure roles do.
            if (value["data"] is not JsonObject data) continue;
            hash.AppendData(Encoding.UTF8.GetBytes(key.ToString()));
            hash.AppendData(Encoding.UTF8.GetBytes(data.ToJsonString()));
        }

        foreach (var team in (context.Observed.PostgresTeams ?? []).OrderBy(t => $"{t.Metadata.Namespace}/{t.Metadata.Name}", StringComparer.Ordinal))
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(team.Spec, PostgresJsonContext.Default.PostgresTeamSpec));
        // What decides on the replication slots of event streams.
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Observed.EventStreams} {context.Observed.Patroni?.Configuration?["slots"]?.ToJsonString()}"));
        foreach (var key in context.Observed.Objects.Keys.Where(k => k.Kind == FabricEventStream.Descriptor.Kind).OrderBy(k => k.ToString(), StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key} {context.Observed.Objects[key]["spec"]?.ToJsonString()}"));
        hash.AppendData([(byte)(context.Observed.PostgresTeams is null ? 0 : 1)]);
        hash.AppendData(BitConverter.GetBytes(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(context.Settings)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc />
    public async Task<DatabaseReport> ReconcileAsync(PassContext context, Func<bool> isInterrupted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(isInterrupted);
        var answers = _teams is null ? new TeamAnswers() : await _teams.AskAsync(context, TeamGraph.From(context.Observed.PostgresTeams ?? []), cancellationToken).ConfigureAwait(false);
        var input = new DatabasePlanningInput
        {
            Manifest = context.Manifest,
            Settings = context.Settings,
            Observed = context.Observed,
            Roles = RoleSources.Read(context.Settings, context.Observed, context.OperatorNamespace, answers, out var findings),
            Now = _time.GetUtcNow(),
        };
        var desired = DesiredServer.Build(input);
        var superuser = desired.Roles.Superuser;
        if (_credentials is null && superuser.Password is null)
            return new DatabaseReport { Findings = findings, Failure = $"The Secret {superuser.SecretNamespace}/{superuser.SecretName} with the super user's password does not exist or is empty." };
        var (report, isUnauthorized) = await ReconcileAsync(context, input, desired, superuser.Password, isInterrupted, cancellationToken).ConfigureAwait(false);
        // A rotation that was cut off between database and Secret: the server may have the next password already.
        if (isUnauthorized && superuser.NextPassword is { } next)
            (report, _) = await ReconcileAsync(context, input, desired, next, isInterrupted, cancellationToken).ConfigureAwait(false);
        report = report with { Findings = RepeatedFindings.Without([.. findings, .. report.Findings], context.Plan.Findings) };
        if (answers.Unanswered.Count == 0) return report;
        return report with
        {
            Trouble = string.Join("; ", answers.Findings.Select(f => f.Rule)),
            LookAgainAfter = report.LookAgainAfter is { } sooner && sooner < WhileTeamsAreUnanswered ? sooner : WhileTeamsAreUnanswered,
        };
    }

    private async Task<(DatabaseReport Report, bool IsUnauthorized)> ReconcileAsync(
        PassContext context, DatabasePlanningInput input, DesiredServer desired, RolePassword? password, Func<bool> isInterrupted, CancellationToken cancellationToken)
    {
        var superuser = desired.Roles.Superuser.Name;
        // Asked before anything is connected, so that its own deadline counts and its own name is told.
        var (secret, unanswered) = await PasswordAsync(context, superuser, password, cancellationToken).ConfigureAwait(false);
        if (secret is null) return (new DatabaseReport { Failure = unanswered }, false);
        if (_connector.Connect(context, superuser, _ => ValueTask.FromResult(secret.Reveal())) is not { } server)
            return (new DatabaseReport { Failure = "The primary has no address yet." }, false);
        await using var serverScope = server.ConfigureAwait(false);
        var pass = new DatabasePass(context, input, desired, server, isInterrupted);
        try
        {
            await pass.RunAsync(cancellationToken).ConfigureAwait(false);
            var refusals = pass.Findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => f.ToString()).ToList();
            var rotation = new RotationPass(context, input, desired, pass, next => LogInAsync(context, superuser, next, cancellationToken));
            if (!pass.IsInterrupted && refusals.Count == 0)
                await rotation.RunAsync(PasswordSeed.FromBytes(_passwordBytes()), isInterrupted, cancellationToken).ConfigureAwait(false);
            return (
                new DatabaseReport
                {
                    Changes = [.. pass.Made, .. rotation.Made],
                    Findings = pass.Findings,
                    Failure = Joined([.. refusals, .. pass.Failures, .. rotation.Failures]),
                    HeldBack = pass.HeldBack,
                    IsInterrupted = pass.IsInterrupted,
                    LookAgainAfter = pass.IsWaiting ? WhileStreamsWait : null,
                    NextDueAt = Earlier(RotationPlanner.NextAt(desired.Roles, context.Manifest.Spec, context.Settings, context.Observed), pass.NextEndOfRetention),
                    HasMoreToDo = rotation.HasMoreToDo,
                    Pending = pass.Pending,
                    StreamTables = pass.Observed is { } seen && desired.Databases.LooksForPublications ? StreamUse.TablesOf(seen) : null,
                },
                false);
        }
        catch (DatabaseException e)
        {
            return (new DatabaseReport { Changes = pass.Made, Findings = pass.Findings, Failure = Joined([e.Message, .. pass.Failures]) }, e.Failure == DatabaseFailure.Unauthorized);
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? first, DateTimeOffset? second) => first is null || second < first ? second ?? first : first;

    // A status is read by people: the first few say what is wrong.
    private static string? Joined(IReadOnlyCollection<string> failures)
    {
        const int most = 5;
        var distinct = failures.Distinct(StringComparer.Ordinal).ToArray();
        if (distinct.Length == 0) return null;
        return string.Join("; ", distinct.Take(most)) + (distinct.Length > most ? $"; and {distinct.Length - most} more" : "");
    }

    private async Task<string?> LogInAsync(PassContext context, string superuser, RolePassword password, CancellationToken cancellationToken)
    {
        if (_connector.Connect(context, superuser, _ => ValueTask.FromResult(password.Reveal())) is not { } server) return "The primary has no address any more.";
        await using var serverScope = server.ConfigureAwait(false);
        try
        {
            await server.ObserveAsync(static _ => false, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (DatabaseException e)
        {
            return e.Message;
        }
    }

    private async Task<(RolePassword? Password, string? Failure)> PasswordAsync(PassContext context, string superuser, RolePassword? password, CancellationToken cancellationToken)
    {
        password ??= new RolePassword("");
        if (_credentials is not { } source) return (password, null);
        using var deadline = new CancellationTokenSource(SourceBudget, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // A source that ignores its token must not hold the cluster.
            var found = await source.FindPasswordAsync(context.Plan.Cluster, superuser, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
            return (found is { } given ? new RolePassword(given.Reveal()) : password, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{source.GetType().Name}, the source of passwords, gave no password of \"{superuser}\" within {SourceBudget.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (null, $"{source.GetType().Name}, the source of passwords, failed for \"{superuser}\": {e.Message}");
        }
    }
}
