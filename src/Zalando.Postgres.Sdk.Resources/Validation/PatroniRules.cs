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
        if (patroni.MaximumLagOnFailover < 0) findings.Warn("spec.patroni.maximum_lag_on_failover", $"{patroni.MaximumLagOnFailover}", "patroni-lag", "must not be negative; it is ignored", "Write bytes, for example 33554432");
        foreach (var (name, value) in patroni.InitDb ?? new Dictionary<string, string>())
        {
            if (value is null) findings.Warn($"spec.patroni.initdb.{name}", null, "initdb", "has no value and is dropped", "Write \"true\" for a bare flag");
            else if (name.StartsWith('-')) findings.Error($"spec.patroni.initdb.{name}", value, "initdb", "must be written without leading dashes", $"Write {name.TrimStart('-')}");
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
            var least = type.StartsWith("include", StringComparison.Ordinal) ? 2 : type == "local" ? 4 : 5;
            if (!HbaTypes.Contains(type, StringComparer.Ordinal))
                findings.Error($"{path}[{i}]", line, "pg-hba", "must begin with local, host, hostssl, hostnossl, hostgssenc or hostnogssenc", "PostgreSQL refuses the whole file otherwise, and nobody can log in");
            else if (words.Length < least)
                findings.Error($"{path}[{i}]", line, "pg-hba", least == 4 ? "must have a database, a user and a method" : "must have a database, a user, an address and a method", "PostgreSQL refuses the whole file otherwise, and nobody can log in");
            else if (words[^1] == "trust" && type != "local")
                findings.Warn($"{path}[{i}]", line, "pg-hba-trust", "lets everybody in without a password", "Write scram-sha-256");
        }
        if (lines.Count > 0 && path.EndsWith("pg_hba", StringComparison.Ordinal) && !lines.Any(static l => l is not null && l.Contains("replication", StringComparison.Ordinal)))
            findings.Warn(path, null, "pg-hba-replication", "has no line for replication, so no replica can follow the primary", "Add: hostssl replication standby all scram-sha-256");
    }

    private static void CheckTimes(PatroniSection patroni, FindingCollector findings)
    {
        foreach (var (name, value, least) in new[] { ("ttl", patroni.Ttl, 20L), ("loop_wait", patroni.LoopWait, 1L), ("retry_timeout", patroni.RetryTimeout, 3L) })
        {
            if (value is not { } seconds) continue;
            if (seconds is < 0 or > uint.MaxValue) findings.Error($"spec.patroni.{name}", $"{seconds}", "patroni-time", "must be a number of seconds", $"Write at least {least}");
            else if (seconds > 0 && seconds < least) findings.Warn($"spec.patroni.{name}", $"{seconds}", "patroni-time", $"must be at least {least} seconds", "Patroni would put its default in place without a word");
        }
        var (ttl, loop, retry) = (Time(patroni.Ttl, 30), Time(patroni.LoopWait, 10), Time(patroni.RetryTimeout, 10));
        if ((patroni.Ttl ?? patroni.LoopWait ?? patroni.RetryTimeout) is not null && loop + (2 * (decimal)retry) > ttl)
            findings.Warn("spec.patroni.ttl", $"{ttl}", "patroni-times", $"must be at least loop_wait + 2 × retry_timeout ({loop} + 2 × {retry})", "Patroni would lower loop_wait, or the primary loses its lock while it retries");
    }

    private static long Time(long? value, long usual) => value is > 0 ? value.Value : usual;

    private static void CheckSynchronous(PostgresqlSpec spec, PatroniSection patroni, FindingCollector findings)
    {
        if (patroni.SynchronousModeStrict == true && patroni.SynchronousMode != true)
            findings.Warn("spec.patroni.synchronous_mode_strict", "true", "synchronous", "has no effect without synchronous_mode", "Write synchronous_mode: true");
        if (patroni.SynchronousNodeCount is not { } count) return;
        if (count is < 0 or > uint.MaxValue) findings.Error("spec.patroni.synchronous_node_count", $"{count}", "synchronous", "must not be negative", "Write the number of replicas a commit waits for");
        else if (patroni.SynchronousMode == true && spec.NumberOfInstances is { } instances && instances > 0 && count >= instances)
            findings.Warn("spec.patroni.synchronous_node_count", $"{count}", "synchronous", $"asks for more replicas than the cluster has ({instances - 1})", patroni.SynchronousModeStrict == true ? "All writes will hang; raise numberOfInstances" : "Raise numberOfInstances");
    }

    private static void CheckSlots(PatroniSection patroni, FindingCollector findings)
    {
        foreach (var (name, slot) in patroni.Slots ?? new Dictionary<string, IReadOnlyDictionary<string, string>?>())
        {
            var path = $"spec.patroni.slots.{name}";
            if (!NamePatterns.SlotName().IsMatch(name)) findings.Error(path, name, "slot-name", "must be a slot name: at most 63 lower-case letters, digits and '_'", "PostgreSQL refuses other names");
            var type = slot?.GetValueOrDefault("type");
            if (type is not ("physical" or "logical")) findings.Error($"{path}.type", type, "slot-type", "must be physical or logical", "Patroni ignores the slot otherwise");
            if (type != "logical") continue;
            foreach (var needed in new[] { "database", "plugin" })
            {
                if (string.IsNullOrEmpty(slot!.GetValueOrDefault(needed))) findings.Error($"{path}.{needed}", null, "slot-type", "is required for a logical slot", needed == "plugin" ? "pgoutput is built in" : "Write the database it belongs to");
            }
        }
    }
}
