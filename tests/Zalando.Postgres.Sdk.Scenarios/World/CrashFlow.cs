using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>Something that the operator is asked for, to be cut off everywhere by a <see cref="CrashSuite"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Begin">Asks for it.</param>
internal sealed record CrashFlow(string Name, Action<OperatorWorld> Begin)
{
    /// <summary>Whether the objects are as they have to be at the end.</summary>
    public required Func<OperatorWorld, bool> IsDone { get; init; }

    /// <summary>Makes the state before, which an operator brings about; null for an empty cluster.</summary>
    public Action<OperatorWorld>? Prepare { get; init; } = static world => world.Apply(OperatorWorld.Manifest());

    public Func<OperatorWorld, bool> IsPrepared { get; init; } = static world => world.IsRunning();

    /// <summary>What happens between the two operators.</summary>
    public Action<OperatorWorld>? Prepared { get; init; }

    /// <summary>What is there before anything else, and how Patroni behaves: in every world anew.</summary>
    public Action<OperatorWorld> Furnish { get; init; } = static _ => { };

    /// <summary>Somebody outside who goes on with what the operator has made possible: done again and again until the end.</summary>
    public Func<OperatorWorld, Task>? Meanwhile { get; init; }

    public OperatorParameters? Parameters { get; init; }

    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Whether the server has got all that it has to get.</summary>
    public Func<SimulatedPostgres, bool> HasEnded { get; init; } = static _ => true;

    /// <summary>What must hold whenever the operator has died, and at the end.</summary>
    public Action<OperatorWorld, SimulatedPostgres>? IsSound { get; init; }

    /// <summary>Whether the first lists of the watches and their openings are moments of death, too: they are the same for all flows.</summary>
    public bool CountsStart { get; init; }

    /// <summary>How often a pod of the name is made in all.</summary>
    public Func<string, int> LivesOf { get; init; } = static _ => 1;

    public int PatroniCalls { get; init; }

    /// <summary>Where a death in between may divide one call into several.</summary>
    public int MostPatroniCalls { get; init; }

    /// <summary>How many passwords the Secret of a name has had at the end.</summary>
    public Func<string, int> PasswordsOf { get; init; } = static _ => 1;

    /// <summary>Whether a change of the server may be made again after a death, because its outcome is kept elsewhere.</summary>
    public Func<string, bool> MayRepeat { get; init; } = static _ => false;

    /// <summary>How long it may take, in virtual time.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromHours(2);

    public Func<ReconcileEngineServices, OperatorWorld, ReconcileEngineServices> Plugins { get; init; } = static (services, _) => services;
}
