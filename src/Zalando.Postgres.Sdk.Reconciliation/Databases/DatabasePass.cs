using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>One look at one server: observe, plan, change, and look again until nothing differs but what failed.</summary>
internal sealed class DatabasePass(PassContext context, DatabasePlanningInput input, DesiredServer desired, IPostgresServer server, Func<bool> isInterrupted)
{
    // What is made in one round may be looked into in the next: a database, then its schemas. More rounds would be a fight with somebody.
    private const int MostRounds = 4;

    private readonly DatabaseChangeExecutor _executor = new(server);
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Finding> _missing = new(StringComparer.Ordinal);
    private IReadOnlyList<Finding> _findings = [];
    private bool _isWaiting;
    private IReadOnlyList<PendingChange> _pending = [];
    private readonly Dictionary<string, ChangeResult> _heldBack = new(StringComparer.Ordinal);

    public List<PlannedChange> Made { get; } = [];

    /// <summary>What the owner should know.</summary>
    public IReadOnlyList<Finding> Findings => [.. _findings, .. _missing.Values];

    /// <summary>What waits for something else.</summary>
    public IReadOnlyList<PendingChange> Pending => _pending;

    /// <summary>Whether something waits for what is made elsewhere: a table, a restart, an object.</summary>
    public bool IsWaiting => _missing.Count > 0 || _isWaiting;

    /// <summary>The server as last seen.</summary>
    public ObservedServer? Observed { get; private set; }

    /// <summary>When the retention of the next rotated role is over; null for none.</summary>
    public DateTimeOffset? NextEndOfRetention { get; private set; }

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
            var todo = plan.Changes.Where(c => !_failures.ContainsKey(c.Change.ToString()) && !_heldBack.ContainsKey(c.Change.ToString()) && !_missing.ContainsKey(c.Change.ToString())).ToArray();
            if (todo.Length == 0)
            {
                if (plan.Slots is { } slots) await MakeSlotsAsync(slots, cancellationToken).ConfigureAwait(false);
                return;
            }

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
        _findings = plan.Findings;
        _pending = plan.Pending;
        NextEndOfRetention = plan.NextEndOfRetention;
        _isWaiting = plan.Pending.Count > 0 || plan.Findings.Any(f => f.FieldPath?.StartsWith("spec.streams", StringComparison.Ordinal) == true);
        return plan;
    }

    /// <summary>Makes one change, as far as the policies let it.</summary>
    public Task<ChangeResult> MakeAsync(PlannedChange change, CancellationToken cancellationToken)
    {
        var executor = change is ChangeDatabase ? _executor : null;
        if (context.Make is { } make) return make(change, executor, cancellationToken);
        return executor is null
            ? Task.FromResult(new ChangeResult(change, ChangeOutcome.HeldBack, "Nothing here can change what is outside of the database."))
            : executor.ExecuteAsync(context, change, cancellationToken);
    }

    private async Task MakeSlotsAsync(PatchPatroniConfiguration slots, CancellationToken cancellationToken)
    {
        var result = await MakeAsync(slots, cancellationToken).ConfigureAwait(false);
        _isWaiting = true;
        if (result.Outcome is ChangeOutcome.Done or ChangeOutcome.InProgress) Made.Add(slots);
        else if (result.Outcome == ChangeOutcome.HeldBack) _heldBack[slots.Target.ToString()] = result;
        else _failures[slots.Target.ToString()] = result.Message ?? "Patroni did not take the replication slots of the streams.";
    }

    // The tables of a stream are made by their application, in its own time: until then its stream waits, and nothing has failed.
    private Finding? MissingTable(ChangeDatabase change, DatabaseException? failure) =>
        change.Change is CreatePublication or AlterPublication && failure is { SqlState: "42P01" or "3F000" }
            ? new Finding { Severity = FindingSeverity.Warning, Code = "MissingTable", FieldPath = StreamUse.FieldPath(context.Manifest, PublicationOf(change), failure.Message), Value = change.Target.Name, Rule = $"the stream waits for its tables: {failure.Message}" }
            : null;

    private static string PublicationOf(ChangeDatabase change) => change.Change switch { CreatePublication create => create.Publication, AlterPublication alter => alter.Publication, _ => "" };

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
            if (MissingTable(change, _executor.LastFailure) is { } missing) _missing[change.Change.ToString()] = missing;
            else if (result.Outcome == ChangeOutcome.HeldBack) _heldBack[change.Change.ToString()] = result;
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
