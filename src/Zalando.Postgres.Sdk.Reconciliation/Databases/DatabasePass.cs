using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>One look at one server: observe, plan, change, and look again until nothing differs but what failed.</summary>
internal sealed class DatabasePass(PassContext context, DatabasePlanningInput input, DesiredServer desired, IPostgresServer server, Func<bool> isInterrupted)
{
    // What is made in one round may be looked into in the next: a database, then its schemas. More rounds would be a fight with somebody.
    private const int MostRounds = 4;

    private readonly DatabaseChangeExecutor _executor = new(server);
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChangeResult> _heldBack = new(StringComparer.Ordinal);

    public List<PlannedChange> Made { get; } = [];

    public IReadOnlyList<Finding> Findings { get; private set; } = [];

    /// <summary>The server as last seen.</summary>
    public ObservedServer? Observed { get; private set; }

    public bool IsInterrupted { get; private set; }

    /// <summary>What the server refused, in its words.</summary>
    public IReadOnlyCollection<string> Failures => _failures.Values;

    public IReadOnlyList<ChangeResult> HeldBack => [.. _heldBack.Values];

    /// <summary>Looks and changes until nothing differs but what failed.</summary>
    /// <exception cref="DatabaseException">The server cannot be asked.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MostRounds; round++)
        {
            if (isInterrupted())
            {
                IsInterrupted = true;
                return;
            }

            var plan = await PlanAsync(cancellationToken).ConfigureAwait(false);
            var todo = plan.Changes.Where(c => !_failures.ContainsKey(c.Change.ToString()) && !_heldBack.ContainsKey(c.Change.ToString())).ToArray();
            if (todo.Length == 0) return;
            await MakeAsync(todo, isLast: round == MostRounds, cancellationToken).ConfigureAwait(false);
            if (IsInterrupted) return;
        }

        Observed = null;
    }

    /// <summary>Looks at the server and plans; changes nothing.</summary>
    public async Task<DatabasePlan> PlanAsync(CancellationToken cancellationToken)
    {
        Observed = await server.ObserveAsync(desired.Databases.NeedsContentsOf, cancellationToken).ConfigureAwait(false);
        var plan = DatabasePlanner.Plan(input with { Observed = input.Observed with { Databases = Observed } });
        Findings = plan.Findings;
        return plan;
    }

    /// <summary>Makes one change, as far as the policies let it.</summary>
    public Task<ChangeResult> MakeAsync(PlannedChange change, CancellationToken cancellationToken)
    {
        var executor = change is ChangeDatabase ? _executor : null;
        if (context.Make is { } make) return make(change, executor, cancellationToken);
        return executor is null
            ? Task.FromResult(new ChangeResult(change, ChangeOutcome.HeldBack, "Nothing here can change Secrets."))
            : executor.ExecuteAsync(context, change, cancellationToken);
    }

    private async Task MakeAsync(IReadOnlyList<ChangeDatabase> changes, bool isLast, CancellationToken cancellationToken)
    {
        var blocked = new BlockedNames();
        foreach (var change in changes)
        {
            if (isInterrupted())
            {
                IsInterrupted = true;
                return;
            }

            if (blocked.Blocks(change.Change)) continue;
            var result = await MakeAsync(change, cancellationToken).ConfigureAwait(false);
            if (result.Outcome == ChangeOutcome.Done)
            {
                Made.Add(change);
                continue;
            }

            blocked.Add(change.Change);
            if (result.Outcome == ChangeOutcome.HeldBack) _heldBack[change.Change.ToString()] = result;
            // Somebody else was there first: the next look shows what is left to do.
            else if (result.Outcome != ChangeOutcome.Stale || isLast) _failures[change.Change.ToString()] = result.Message ?? change.Change.ToString();
            if (_executor.LastFailure is { Failure: DatabaseFailure.Unreachable or DatabaseFailure.Unauthorized } gone)
            {
                // Roles are changed from the maintenance database; without it there is nothing to go on with.
                if (change.Change.Database == "postgres") throw gone;
                blocked.AddDatabase(change.Change.Database);
            }
        }
    }
}
