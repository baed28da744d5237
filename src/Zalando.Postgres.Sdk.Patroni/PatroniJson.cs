using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Reads Patroni's documents field by field: a missing, null or oddly typed field is a missing one, never an error.</summary>
internal static class PatroniJson
{
    public static JsonNode? TryParse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static PatroniCluster Cluster(JsonObject json) => new()
    {
        Scope = Text(json["scope"]),
        Paused = Flag(json["pause"]),
        Members = json["members"] is JsonArray members
            ? members.OfType<JsonObject>().Where(m => Text(m["name"]) is { Length: > 0 }).Select(Member).OrderBy(m => m.Name, StringComparer.Ordinal).ToArray()
            : [],
        ScheduledSwitchover = json["scheduled_switchover"] is JsonObject scheduled && Time(scheduled["at"]) is { } at
            ? new() { At = at, From = Text(scheduled["from"]), To = Text(scheduled["to"]) }
            : null,
        Json = json,
    };

    public static PatroniStatus Status(JsonObject json)
    {
        var wal = json["xlog"] as JsonObject ?? [];
        var patroni = json["patroni"] as JsonObject ?? [];
        return new()
        {
            State = new(Text(json["state"]) ?? ""),
            Role = new(Text(json["role"]) ?? ""),
            Name = Text(patroni["name"]),
            Scope = Text(patroni["scope"]),
            PatroniVersion = Text(patroni["version"]),
            ServerVersion = (int?)Number(json["server_version"]),
            PostmasterStartTime = Time(json["postmaster_start_time"]),
            Timeline = Number(json["timeline"]),
            WalLocation = Number(wal["location"]),
            ReceivedLocation = Number(wal["received_location"]),
            ReplayedLocation = Number(wal["replayed_location"]),
            ReplayPaused = Flag(wal["paused"]),
            ReplicationState = Text(json["replication_state"]),
            IsSynchronousStandby = Flag(json["sync_standby"]),
            IsQuorumStandby = Flag(json["quorum_standby"]),
            PendingRestart = Flag(json["pending_restart"]),
            PendingRestartReason = Reasons(json["pending_restart_reason"]),
            ScheduledRestart = Time((json["scheduled_restart"] as JsonObject)?["schedule"]),
            Paused = Flag(json["pause"]),
            ClusterUnlocked = Flag(json["cluster_unlocked"]),
            FailsafeModeIsActive = Flag(json["failsafe_mode_is_active"]),
            WatchdogFailed = Flag(json["watchdog_failed"]),
            DatabaseSystemIdentifier = Text(json["database_system_identifier"]),
            StoreLastSeen = Number(json["dcs_last_seen"]) is > 0 and < 253402300799 and { } seen ? DateTimeOffset.FromUnixTimeSeconds(seen) : null,
            Replication = json["replication"] is JsonArray connections ? connections.OfType<JsonObject>().Select(Connection).ToArray() : [],
            Tags = json["tags"] as JsonObject is { } tags ? (JsonObject)tags.DeepClone() : [],
            Json = json,
        };
    }

    public static IReadOnlyList<TimelineChange> History(JsonArray history) => history.OfType<JsonArray>()
        .Where(entry => entry.Count >= 2 && Number(entry[0]) is not null && Number(entry[1]) is not null)
        .Select(entry => new TimelineChange
        {
            Timeline = Number(entry[0])!.Value,
            Position = Number(entry[1])!.Value,
            Reason = entry.Count > 2 ? Text(entry[2]) ?? "" : "",
            At = entry.Count > 3 ? Time(entry[3]) : null,
            NewLeader = entry.Count > 4 ? Text(entry[4]) : null,
        }).ToArray();

    /// <summary>A scalar as text; null for everything else.</summary>
    /// <param name="node">The node.</param>
    public static string? Text(JsonNode? node) => node is not JsonValue value ? null : value.TryGetValue(out string? text) ? text : value.ToJsonString();

    private static PatroniMember Member(JsonObject json) => new()
    {
        Name = Text(json["name"])!,
        Role = new(Text(json["role"]) ?? ""),
        State = new(Text(json["state"]) ?? ""),
        ApiUrl = Text(json["api_url"]),
        Host = Text(json["host"]),
        Port = (int?)Number(json["port"]),
        Timeline = Number(json["timeline"]),
        Lag = Lag(json["lag"]),
        ReceiveLag = Lag(json["receive_lag"]),
        ReplayLag = Lag(json["replay_lag"]),
        PendingRestart = Flag(json["pending_restart"]),
        PendingRestartReason = Reasons(json["pending_restart_reason"]),
        ScheduledRestart = Time((json["scheduled_restart"] as JsonObject)?["schedule"]),
        Tags = json["tags"] as JsonObject is { } tags ? (JsonObject)tags.DeepClone() : [],
        Json = json,
    };

    private static ReplicationConnection Connection(JsonObject json) => new()
    {
        UserName = Text(json["usename"]),
        ApplicationName = Text(json["application_name"]),
        ClientAddress = Text(json["client_addr"]),
        State = Text(json["state"]),
        SyncState = Text(json["sync_state"]),
        SyncPriority = (int?)Number(json["sync_priority"]),
    };

    private static Dictionary<string, PendingSetting> Reasons(JsonNode? node) =>
        (node as JsonObject ?? []).Where(r => r.Value is JsonObject)
            .ToDictionary(r => r.Key, r => new PendingSetting(Text(r.Value!["old_value"]), Text(r.Value!["new_value"])), StringComparer.Ordinal);

    // A text ("unknown") is a lag that nobody knows; a missing one belongs to a leader.
    private static ReplicationLag? Lag(JsonNode? node) => node is not JsonValue ? null : Number(node) is >= 0 and { } bytes ? new(bytes) : ReplicationLag.Unknown;

    private static long? Number(JsonNode? node)
    {
        if (node is not JsonValue value) return null;
        if (value.TryGetValue(out long number)) return number;
        return value.TryGetValue(out double real) && real is > -9e18 and < 9e18 ? (long)real : null;
    }

    private static bool Flag(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool flag) && flag;

    // Patroni 2 cut fractions and could append the name of a zone.
    private static DateTimeOffset? Time(JsonNode? node)
    {
        if (Text(node) is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        var blank = text.LastIndexOf(' ');
        return blank > 0 && DateTimeOffset.TryParse(text[..blank], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time) ? time : null;
    }
}
