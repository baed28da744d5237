using System.Globalization;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>PostgreSQL's version and parameters, as far as PostgreSQL or Patroni would refuse or silently replace them.</summary>
internal static class VersionAndParameterRules
{
    private static readonly string[] Versions = ["14", "15", "16", "17", "18"];

    // Patroni takes these from its own configuration only, and puts its default in place of a smaller value.
    private static readonly Dictionary<string, long> PatroniMinimums = new(StringComparer.OrdinalIgnoreCase)
    {
        ["max_connections"] = 25, ["max_wal_senders"] = 3, ["max_replication_slots"] = 4, ["max_worker_processes"] = 2, ["max_prepared_transactions"] = 0, ["max_locks_per_transaction"] = 32,
    };

    private static readonly HashSet<string> OwnedByPatroni = new(StringComparer.OrdinalIgnoreCase)
    {
        "listen_addresses", "port", "cluster_name", "data_directory", "hba_file", "ident_file", "config_file", "external_pid_file",
        "primary_conninfo", "primary_slot_name", "promote_trigger_file", "standby_mode",
    };

    // Parameter and the first major version that refuses to start with it (release notes of PostgreSQL).
    private static readonly Dictionary<string, int> RemovedIn = new(StringComparer.OrdinalIgnoreCase)
    {
        ["wal_keep_segments"] = 13, ["operator_precedence_warning"] = 14, ["vacuum_cleanup_index_scale_factor"] = 14, ["stats_temp_directory"] = 15,
        ["promote_trigger_file"] = 16, ["vacuum_defer_cleanup_age"] = 16, ["force_parallel_mode"] = 16,
        ["db_user_namespace"] = 17, ["old_snapshot_threshold"] = 17, ["trace_recovery_messages"] = 17,
    };

    // Parameter and the first major version that knows it.
    private static readonly Dictionary<string, int> AddedIn = new(StringComparer.OrdinalIgnoreCase)
    {
        ["recovery_prefetch"] = 15, ["log_startup_progress_interval"] = 15, ["reserved_connections"] = 16, ["vacuum_buffer_usage_limit"] = 16, ["scram_iterations"] = 16, ["debug_parallel_query"] = 16,
        ["transaction_timeout"] = 17, ["summarize_wal"] = 17, ["wal_summary_keep_time"] = 17, ["io_combine_limit"] = 17, ["sync_replication_slots"] = 17, ["synchronized_standby_slots"] = 17, ["allow_alter_system"] = 17, ["event_triggers"] = 17,
        ["io_method"] = 18, ["io_workers"] = 18, ["io_max_concurrency"] = 18, ["autovacuum_worker_slots"] = 18, ["autovacuum_vacuum_max_threshold"] = 18, ["idle_replication_slot_timeout"] = 18, ["max_active_replication_origins"] = 18, ["log_lock_failures"] = 18,
    };

    internal static void Check(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "spec.postgresql.version";
        var version = spec.Postgresql.Version;
        if (version is null) findings.Error(path, null, "Required", "is required", "Write the major version, for example \"18\"");
        else if (!Versions.Contains(version, StringComparer.Ordinal)) findings.ErrorIfNew(path, version, "Version", $"must be one of {string.Join(", ", Versions)}", "Clusters of older versions are upgraded one supported version at a time");
        else if (settings.MajorVersionUpgrade.Mode == "full" && Number(version) < Number(settings.MajorVersionUpgrade.MinimalMajorVersion))
            findings.Warn(path, version, "Version", $"is below minimal_major_version, so the operator will upgrade the cluster to {settings.MajorVersionUpgrade.TargetMajorVersion}", "Write the new version to decide for yourself when that happens");
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in spec.Postgresql.Parameters ?? new Dictionary<string, string>())
        {
            CheckParameter(name, value, (int)Number(version), findings);
            if (!seen.TryAdd(name, name)) findings.Warn($"spec.postgresql.parameters.{name}", null, "ParameterTwice", $"stands there as {seen[name]} too; PostgreSQL compares names without case, and one of the two is lost", "Delete one of the two");
        }
        CheckSharedBuffers(spec, findings);
    }

    private static void CheckParameter(string name, string? value, int version, FindingCollector findings)
    {
        var path = $"spec.postgresql.parameters.{name}";
        if (!NamePatterns.ParameterName().IsMatch(name))
        {
            findings.ErrorIfNew(path, null, "ParameterName", "is no parameter name of PostgreSQL: letters, digits, '_', '$', and dots between parts", "Check the spelling");
            return;
        }
        if (value is null)
        {
            findings.Warn(path, null, "ParameterValue", "has no value and is dropped", "Write a value in quotes, or delete the line");
            return;
        }
        if (value.AsSpan().ContainsAny('\0', '\n', '\r')) findings.ErrorIfNew(path, null, "ParameterValue", "must be one line", "Remove the line break");
        if (RemovedIn.TryGetValue(name, out var removed) && version >= removed)
            findings.ErrorIfNew(path, value, "ParameterRemoved", $"was removed in PostgreSQL {Math.Max(removed, 13)}, so Patroni drops it, or the server does not start", "Delete the line");
        else if (AddedIn.TryGetValue(name, out var added) && version > 0 && version < added)
            findings.ErrorIfNew(path, value, "ParameterUnknown", $"comes with PostgreSQL {added}, so Patroni drops it, or the server does not start", "Delete the line, or raise the version");
        else if (OwnedByPatroni.Contains(name))
            findings.Warn(path, Shown(name, value), "ParameterPatroni", "is set by Patroni, which ignores this value", "Delete the line");
        if (PatroniMinimums.TryGetValue(name, out var minimum) && (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < minimum))
            findings.Warn(path, value, "ParameterMinimum", $"must be a whole number of {minimum} or more; Patroni would put its default in place without a word", "Raise it");
        if (ParameterForms.FaultOf(name, value) is { } fault) findings.ErrorIfNew(path, value, "ParameterForm", fault.Rule, fault.Advice);
        switch (name.ToLowerInvariant())
        {
            case "wal_level" when value is not ("replica" or "logical" or "hot_standby"):
                findings.Warn(path, value, "WalLevel", "must be replica or logical; Patroni puts its default in place of anything else", "Write logical for logical replication, or delete the line");
                break;
            case "hot_standby" when value is not ("on" or "true" or "yes" or "1"):
                findings.Warn(path, value, "HotStandby", "must be on; Patroni puts on in place of anything else", "Delete the line");
                break;
            case "password_encryption" when value is not ("md5" or "scram-sha-256"):
                findings.ErrorIfNew(path, value, "PasswordEncryption", "must be scram-sha-256 or md5", "scram-sha-256 is the secure choice");
                break;
            case "password_encryption" when value == "md5":
                findings.Warn(path, value, "PasswordEncryption", "makes the operator store weak password hashes", "Write scram-sha-256 once no client needs md5");
                break;
            case "fsync" or "full_page_writes" when value is "off" or "false" or "no" or "0":
                findings.Warn(path, value, "Durability", "can destroy the data in a crash", "Delete the line");
                break;
        }
    }

    // Connection strings may hold passwords.
    private static string? Shown(string name, string value) => name.Contains("conninfo", StringComparison.OrdinalIgnoreCase) ? null : value;

    private static void CheckSharedBuffers(PostgresqlSpec spec, FindingCollector findings)
    {
        if (spec.Postgresql.Parameters?.GetValueOrDefault("shared_buffers") is not { } text || !ParameterBytes.TryParse(text, 8192, out var buffers)) return;
        var limitText = spec.Resources?.Limits?.Memory;
        if (!Quantity.TryParse(limitText, out var limit) || limit.Nanos.IsZero) return;
        if (buffers * 1_000_000_000 >= limit.Nanos)
            findings.ErrorIfNew("spec.postgresql.parameters.shared_buffers", text, "SharedBuffers", $"must be smaller than spec.resources.limits.memory ({limitText}), or the container is killed at start", "A quarter of the memory is usual");
    }

    private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
