using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Values of well-known parameters that PostgreSQL cannot read: units of Kubernetes, words where a switch belongs.</summary>
internal static partial class ParameterForms
{
    private static readonly HashSet<string> Amounts = new(StringComparer.OrdinalIgnoreCase)
    {
        "shared_buffers", "work_mem", "maintenance_work_mem", "autovacuum_work_mem", "logical_decoding_work_mem", "effective_cache_size", "temp_buffers", "wal_buffers",
        "max_wal_size", "min_wal_size", "wal_keep_size", "max_slot_wal_keep_size", "temp_file_limit", "max_stack_depth", "log_rotation_size", "wal_skip_threshold",
    };

    private static readonly HashSet<string> Times = new(StringComparer.OrdinalIgnoreCase)
    {
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout", "checkpoint_timeout", "deadlock_timeout",
        "wal_sender_timeout", "wal_receiver_timeout", "authentication_timeout", "autovacuum_naptime", "log_min_duration_statement", "log_autovacuum_min_duration", "log_rotation_age",
        "max_standby_archive_delay", "max_standby_streaming_delay", "tcp_keepalives_idle", "tcp_keepalives_interval", "archive_timeout", "bgwriter_delay", "wal_writer_delay",
    };

    private static readonly HashSet<string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        "fsync", "full_page_writes", "autovacuum", "logging_collector", "log_checkpoints", "log_disconnections", "log_lock_waits", "hot_standby_feedback", "wal_log_hints",
        "jit", "track_io_timing", "track_activities", "track_counts", "ssl", "log_duration", "row_security", "synchronize_seqscans", "data_sync_retry", "restart_after_crash",
    };

    private static readonly HashSet<string> WholeNumbers = new(StringComparer.OrdinalIgnoreCase)
    {
        "max_parallel_workers", "max_parallel_workers_per_gather", "max_parallel_maintenance_workers", "autovacuum_max_workers", "superuser_reserved_connections",
        "effective_io_concurrency", "default_statistics_target", "max_logical_replication_workers", "max_sync_workers_per_subscription", "max_files_per_process",
    };

    /// <summary>What a value must be; null when it can be read or the parameter is not known here.</summary>
    internal static (string Rule, string Advice)? FaultOf(string name, string value)
    {
        if (Amounts.Contains(name) && !Amount().IsMatch(value))
            return ("must be a number with B, kB, MB, GB or TB, or without a unit", value.EndsWith('i') ? "PostgreSQL has no Ki, Mi and Gi; its MB are powers of 1024 already" : "For example 256MB");
        if (Times.Contains(name) && !Time().IsMatch(value)) return ("must be a number with us, ms, s, min, h or d, or without a unit", "For example 30s or 5min");
        if (Switches.Contains(name) && !IsSwitch(value)) return ("must be on or off", "Write on or off, in quotes");
        if (WholeNumbers.Contains(name) && !Whole().IsMatch(value)) return ("must be a whole number", "Write digits, in quotes");
        return null;
    }

    // PostgreSQL takes every beginning of these words that is not shared by two.
    private static bool IsSwitch(string value)
    {
        var text = value.Trim().ToLowerInvariant();
        if (text is "1" or "0" or "on") return true;
        if (text.Length == 0) return false;
        return "true".StartsWith(text, StringComparison.Ordinal) || "false".StartsWith(text, StringComparison.Ordinal) || "yes".StartsWith(text, StringComparison.Ordinal) || "no".StartsWith(text, StringComparison.Ordinal)
            || (text.Length > 1 && "off".StartsWith(text, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\s*[+-]?(0x[0-9a-fA-F]+|[0-9]+(\.[0-9]*)?)\s*(B|kB|MB|GB|TB)?\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Amount();

    [GeneratedRegex(@"^\s*[+-]?(0x[0-9a-fA-F]+|[0-9]+(\.[0-9]*)?)\s*(us|ms|s|min|h|d)?\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Time();

    [GeneratedRegex(@"^\s*[+-]?(0x[0-9a-fA-F]+|[0-9]+(\.[0-9]*)?)\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Whole();
}
