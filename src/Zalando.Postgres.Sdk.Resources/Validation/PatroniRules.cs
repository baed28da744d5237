namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Settings of Patroni that it would refuse, change, or read otherwise than meant.</summary>
internal static class PatroniRules
{
    private static readonly string[] HbaTypes = ["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc", "include", "include_if_exists", "include_dir"];

    internal static void Check(PostgresqlSpec spec, FindingCollector findings)
    {
        if (spec.Patroni is not { } patroni) return;
        CheckTimes(patroni, findings);
        CheckSynchronous(spec, patroni, findings);
        CheckSlots(patroni, findings);
        CheckHba("spec.patroni.pg_hba", patroni.PgHba, findings);
        if (patroni.MaximumLagOnFailover < 0) findings.Warn("spec.patroni.maximum_lag_on_failover", $"{patroni.MaximumLagOnFailover}", "PatroniLag", "must not be negative; it is ignored", "Write bytes, for example 33554432");
        foreach (var (name, value) in patroni.InitDb ?? new Dictionary<string, string>())
        {
            if (value is null) findings.Warn($"spec.patroni.initdb.{name}", null, "Initdb", "has no value and is dropped", "Write \"true\" for a bare flag");
            else if (name.StartsWith('-')) findings.ErrorIfNew($"spec.patroni.initdb.{name}", value, "Initdb", "must be written without leading dashes", $"Write {name.TrimStart('-')}");
        }
    }

    /// <summary>Lines of pg_hba.conf.</summary>
    internal static void CheckHba(string path, IReadOnlyList<string>? lines, FindingCollector findings)
    {
        if (lines is null) return;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i] ?? "";
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;
            var type = words[0];
            var shown = line.Contains("passw", StringComparison.OrdinalIgnoreCase) || line.Contains("secret", StringComparison.OrdinalIgnoreCase) ? null : line;
            var least = type.StartsWith("include", StringComparison.Ordinal) ? 2 : type == "local" ? 4 : 5;
            if (!HbaTypes.Contains(type, StringComparer.Ordinal))
                findings.ErrorIfNew($"{path}[{i}]", shown, "PgHba", "must begin with local, host, hostssl, hostnossl, hostgssenc or hostnogssenc", "PostgreSQL refuses the whole file otherwise, and nobody can log in");
            else if (words.Length < least)
                findings.ErrorIfNew($"{path}[{i}]", shown, "PgHba", least == 4 ? "must have a database, a user and a method" : "must have a database, a user, an address and a method", "PostgreSQL refuses the whole file otherwise, and nobody can log in");
            else if (words[^1] == "trust" && type != "local")
                findings.Warn($"{path}[{i}]", shown, "PgHbaTrust", "lets everybody in without a password", "Write scram-sha-256");
        }
        if (lines.Count > 0 && path.EndsWith("pg_hba", StringComparison.Ordinal) && !lines.Any(static l => l is not null && l.Contains("replication", StringComparison.Ordinal)))
            findings.Warn(path, null, "PgHbaReplication", "has no line for replication, so no replica can follow the primary", "Add: hostssl replication standby all scram-sha-256");
    }

    private static void CheckTimes(PatroniSection patroni, FindingCollector findings)
    {
        foreach (var (name, value, least) in new[] { ("ttl", patroni.Ttl, 20L), ("loop_wait", patroni.LoopWait, 1L), ("retry_timeout", patroni.RetryTimeout, 3L) })
        {
            if (value is not { } seconds) continue;
            if (seconds is < 0 or > uint.MaxValue) findings.Error($"spec.patroni.{name}", $"{seconds}", "PatroniTime", "must be a number of seconds", $"Write at least {least}");
            else if (seconds > 0 && seconds < least) findings.Warn($"spec.patroni.{name}", $"{seconds}", "PatroniTime", $"must be at least {least} seconds", "Patroni would put its default in place without a word");
        }
        var (ttl, loop, retry) = (Time(patroni.Ttl, 30), Time(patroni.LoopWait, 10), Time(patroni.RetryTimeout, 10));
        if ((patroni.Ttl ?? patroni.LoopWait ?? patroni.RetryTimeout) is not null && loop + (2 * (decimal)retry) > ttl)
            findings.Warn("spec.patroni.ttl", $"{ttl}", "PatroniTimes", $"must be at least loop_wait + 2 × retry_timeout ({loop} + 2 × {retry})", "Patroni would lower loop_wait, or the primary loses its lock while it retries");
    }

    private static long Time(long? value, long usual) => value is > 0 ? value.Value : usual;

    private static void CheckSynchronous(PostgresqlSpec spec, PatroniSection patroni, FindingCollector findings)
    {
        if (patroni.SynchronousModeStrict == true && patroni.SynchronousMode != true)
            findings.Warn("spec.patroni.synchronous_mode_strict", "true", "Synchronous", "has no effect without synchronous_mode", "Write synchronous_mode: true");
        if (patroni.SynchronousNodeCount is not { } count) return;
        if (count is < 0 or > uint.MaxValue) findings.Error("spec.patroni.synchronous_node_count", $"{count}", "Synchronous", "must not be negative", "Write the number of replicas a commit waits for");
        else if (patroni.SynchronousMode == true && spec.NumberOfInstances is { } instances && instances > 0 && count >= instances)
            findings.Warn("spec.patroni.synchronous_node_count", $"{count}", "Synchronous", $"asks for more replicas than the cluster has ({instances - 1})", patroni.SynchronousModeStrict == true ? "All writes will hang; raise numberOfInstances" : "Raise numberOfInstances");
    }

    private static void CheckSlots(PatroniSection patroni, FindingCollector findings)
    {
        foreach (var (name, slot) in patroni.Slots ?? new Dictionary<string, IReadOnlyDictionary<string, string>?>())
        {
            var path = $"spec.patroni.slots.{name}";
            if (!NamePatterns.SlotName().IsMatch(name)) findings.ErrorIfNew(path, name, "SlotName", "must be a slot name: at most 63 lower-case letters, digits and '_'", "PostgreSQL refuses other names");
            var type = slot?.GetValueOrDefault("type");
            if (type is not ("physical" or "logical")) findings.ErrorIfNew($"{path}.type", type, "SlotType", "must be physical or logical", "Patroni ignores the slot otherwise");
            if (type != "logical") continue;
            foreach (var needed in new[] { "database", "plugin" })
            {
                if (string.IsNullOrEmpty(slot!.GetValueOrDefault(needed))) findings.ErrorIfNew($"{path}.{needed}", null, "SlotType", "is required for a logical slot", needed == "plugin" ? "pgoutput is built in" : "Write the database it belongs to");
            }
        }
    }
}
