using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Patroni;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>Patroni's REST API over the simulated Patroni of a world: what the operator asks for happens.</summary>
internal sealed class FakePatroniClient(SimulatedPatroni patroni, string cluster, Func<InterruptibleClient?>? process = null) : IPatroniClient
{
    /// <summary>What was asked for, in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Told of each restart, by the address of the member.</summary>
    public Action<string>? Restarted { get; set; }

    public Task<SwitchoverResult> SwitchoverAsync(Uri member, SwitchoverRequest request, CancellationToken cancellationToken = default) =>
        process?.Invoke() is { } counting ? counting.ElsewhereAsync("switchover", () => SwitchOver(request)) : SwitchOver(request);

    private Task<SwitchoverResult> SwitchOver(SwitchoverRequest request)
    {
        if (patroni.LeaderOf(OperatorWorld.Namespace, cluster) != request.Leader)
            return Task.FromResult(new SwitchoverResult { Outcome = SwitchoverOutcome.Refused, Text = "leader name does not match" });
        Log.Add($"switchover {request.Leader} -> {request.Candidate}");
        patroni.SwitchOver(OperatorWorld.Namespace, cluster, request.Candidate!);
        return Task.FromResult(new SwitchoverResult { Outcome = SwitchoverOutcome.Done, NewLeader = request.Candidate });
    }

    public Task<JsonObject> PatchConfigurationAsync(Uri member, JsonObject patch, CancellationToken cancellationToken = default) =>
        process?.Invoke() is { } counting ? counting.ElsewhereAsync("patch configuration", () => Patch(patch)) : Patch(patch);

    private Task<JsonObject> Patch(JsonObject patch)
    {
        Log.Add("patch " + patch.ToJsonString());
        return Task.FromResult(patroni.PatchConfiguration(OperatorWorld.Namespace, cluster, patch));
    }

    public Task<RestartResult> RestartAsync(Uri member, RestartRequest request, CancellationToken cancellationToken = default) =>
        process?.Invoke() is { } counting ? counting.ElsewhereAsync("restart", () => Restart(member)) : Restart(member);

    private Task<RestartResult> Restart(Uri member)
    {
        Log.Add("restart " + member.Host);
        Restarted?.Invoke(member.Host);
        return Task.FromResult(new RestartResult { Outcome = RestartOutcome.Done });
    }

    /// <summary>Told of each reinitialisation, by the address of the member.</summary>
    public Action<string>? Reinitialized { get; set; }

    public Task<ReinitializeResult> ReinitializeAsync(Uri member, ReinitializeRequest request, CancellationToken cancellationToken = default) =>
        process?.Invoke() is { } counting ? counting.ElsewhereAsync("reinitialize", () => Reinitialize(member)) : Reinitialize(member);

    private Task<ReinitializeResult> Reinitialize(Uri member)
    {
        Log.Add("reinitialize " + member.Host);
        Reinitialized?.Invoke(member.Host);
        return Task.FromResult(new ReinitializeResult(true, "reinitialize started"));
    }

    /// <summary>How often the members were asked who they are.</summary>
    public int Looks { get; private set; }

    public Task<PatroniCluster> GetClusterAsync(Uri member, CancellationToken cancellationToken = default)
    {
        Looks++;
        var leader = patroni.LeaderOf(OperatorWorld.Namespace, cluster);
        return leader is null ? throw new PatroniException("no route to host") : Task.FromResult(new PatroniCluster
        {
            Members =
            [
                .. patroni.MembersOf(OperatorWorld.Namespace, cluster).Select(m => new PatroniMember
                {
                    Name = m, Role = new(m == leader ? "leader" : "replica"), State = new(m == leader ? "running" : "streaming"), Lag = m == leader ? null : new ReplicationLag(0), Timeline = 1,
                }),
            ],
        });
    }

    /// <summary>The version that members say they run; null for a Patroni that does not answer.</summary>
    public Func<int?> ServerVersion { get; set; } = static () => 170004;

    public Task<PatroniStatus> GetStatusAsync(Uri member, CancellationToken cancellationToken = default) =>
        ServerVersion() is { } version ? Task.FromResult(new PatroniStatus { ServerVersion = version }) : throw new PatroniException("no route to host");

    public Task<JsonObject?> GetConfigurationAsync(Uri member, CancellationToken cancellationToken = default) => Task.FromResult(patroni.ConfigurationOf(OperatorWorld.Namespace, cluster));

    public Task<JsonObject> ReplaceConfigurationAsync(Uri member, JsonObject configuration, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<SwitchoverResult> FailoverAsync(Uri member, string candidate, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> CancelSwitchoverAsync(Uri member, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> CancelRestartAsync(Uri member, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task ReloadAsync(Uri member, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<HealthAnswer> CheckHealthAsync(Uri member, HealthCheck check, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<TimelineChange>> GetHistoryAsync(Uri member, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, string>?> GetFailsafeMembersAsync(Uri member, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<string> GetMetricsAsync(Uri member, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
