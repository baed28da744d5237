using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Patroni's REST API. Every call goes to one member and ends by itself within a deadline.</summary>
/// <remarks>Addresses are those of members, for example <c>http://10.2.0.7:8008</c>; see <see cref="PatroniAddress"/>.
/// What Patroni refuses or does otherwise than asked is a value; a member that cannot be reached, denies access or answers nonsense is a
/// <see cref="PatroniException"/>.</remarks>
public interface IPatroniClient
{
    /// <summary>The members of the cluster with role, state and lag (<c>GET /cluster</c>), as old as one loop of the members.</summary>
    /// <param name="member">Any member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<PatroniCluster> GetClusterAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>What the member says of itself (<c>GET /patroni</c>).</summary>
    /// <param name="member">The member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<PatroniStatus> GetStatusAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>The dynamic configuration as it is stored, without defaults (<c>GET /config</c>).</summary>
    /// <param name="member">Any member; after a patch through another one the answer may be old for one loop.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The configuration; null when there is none yet.</returns>
    Task<JsonObject?> GetConfigurationAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>Changes keys of the dynamic configuration (<c>PATCH /config</c>): null removes a key, lists are replaced whole. Safe to repeat.</summary>
    /// <param name="member">Any member.</param>
    /// <param name="patch">The keys to change.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The whole new configuration.</returns>
    Task<JsonObject> PatchConfigurationAsync(Uri member, JsonObject patch, CancellationToken cancellationToken = default);

    /// <summary>Replaces the dynamic configuration or creates a missing one (<c>PUT /config</c>). There is no check for changes of others.</summary>
    /// <param name="member">Any member.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The new configuration.</returns>
    Task<JsonObject> ReplaceConfigurationAsync(Uri member, JsonObject configuration, CancellationToken cancellationToken = default);

    /// <summary>Makes another member the leader, now or later (<c>POST /switchover</c>).</summary>
    /// <param name="member">Any member.</param>
    /// <param name="request">Present leader, candidate, time.</param>
    /// <param name="cancellationToken">Ends the call; Patroni goes on.</param>
    /// <returns>What happened. Look at the cluster again whatever it says.</returns>
    Task<SwitchoverResult> SwitchoverAsync(Uri member, SwitchoverRequest request, CancellationToken cancellationToken = default);

    /// <summary>Makes a member the leader although there is none or it is not in the synchronous set (<c>POST /failover</c>). May lose commits.</summary>
    /// <param name="member">Any member.</param>
    /// <param name="candidate">Name of the new leader.</param>
    /// <param name="cancellationToken">Ends the call; Patroni goes on.</param>
    Task<SwitchoverResult> FailoverAsync(Uri member, string candidate, CancellationToken cancellationToken = default);

    /// <summary>Takes a scheduled switchover back (<c>DELETE /switchover</c>).</summary>
    /// <param name="member">Any member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether one was scheduled.</returns>
    Task<bool> CancelSwitchoverAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>Restarts PostgreSQL of the member, now or later (<c>POST /restart</c>).</summary>
    /// <param name="member">The member to restart.</param>
    /// <param name="request">Conditions, time limit, time.</param>
    /// <param name="cancellationToken">Ends the call; Patroni goes on.</param>
    Task<RestartResult> RestartAsync(Uri member, RestartRequest request, CancellationToken cancellationToken = default);

    /// <summary>Takes a scheduled restart of the member back (<c>DELETE /restart</c>).</summary>
    /// <param name="member">The member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether one was scheduled.</returns>
    Task<bool> CancelRestartAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>Reads the member's local configuration file again and reloads PostgreSQL (<c>POST /reload</c>). The dynamic configuration needs no reload.</summary>
    /// <param name="member">The member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task ReloadAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>Throws the member's data away and makes it again from the leader (<c>POST /reinitialize</c>). Goes on in the background.</summary>
    /// <param name="member">The replica.</param>
    /// <param name="request">Whether to cancel what runs, and where to copy from.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ReinitializeResult> ReinitializeAsync(Uri member, ReinitializeRequest request, CancellationToken cancellationToken = default);

    /// <summary>Asks one of the health paths, such as <see cref="HealthCheck.Primary"/>.</summary>
    /// <param name="member">The member.</param>
    /// <param name="check">What to ask.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Yes or no, with the member's status where Patroni sends it along.</returns>
    Task<HealthAnswer> CheckHealthAsync(Uri member, HealthCheck check, CancellationToken cancellationToken = default);

    /// <summary>The former timelines, oldest first (<c>GET /history</c>).</summary>
    /// <param name="member">Any member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<TimelineChange>> GetHistoryAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>Members and their addresses as the fail-safe mode knows them (<c>GET /failsafe</c>).</summary>
    /// <param name="member">Any member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Addresses by member name; null when the mode is off.</returns>
    Task<IReadOnlyDictionary<string, string>?> GetFailsafeMembersAsync(Uri member, CancellationToken cancellationToken = default);

    /// <summary>Patroni's metrics in Prometheus' text format (<c>GET /metrics</c>).</summary>
    /// <param name="member">The member.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<string> GetMetricsAsync(Uri member, CancellationToken cancellationToken = default);
}
