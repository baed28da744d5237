namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Event streams.</summary>
internal static class StreamRules
{
    internal static void Check(PostgresqlSpec spec, FindingCollector findings)
    {
        if (spec.Streams is not { Count: > 0 } streams) return;
        if (spec.Postgresql.Parameters?.GetValueOrDefault("wal_level") is { } level && level != "logical")
            findings.Warn("spec.postgresql.parameters.wal_level", level, "StreamWalLevel", "is replaced by logical, which streams need", "Write logical");
        var applications = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < streams.Count; i++)
        {
            if (streams[i] is { } stream) CheckStream($"spec.streams[{i}]", stream, spec, applications, findings);
        }
    }

    private static void CheckStream(string path, EventStream stream, PostgresqlSpec spec, Dictionary<string, string> applications, FindingCollector findings)
    {
        foreach (var (name, value) in new[] { ("applicationId", stream.ApplicationId), ("database", stream.Database) })
        {
            if (string.IsNullOrEmpty(value)) findings.Error($"{path}.{name}", value, "Required", "is required", name == "database" ? "Write the source database" : "Write the application that owns the events");
        }
        if (!string.IsNullOrEmpty(stream.Database) && spec.Databases?.ContainsKey(stream.Database) != true && spec.PreparedDatabases?.ContainsKey(stream.Database) != true && stream.Database != "postgres")
            findings.Warn($"{path}.database", stream.Database, "StreamDatabase", "is no database of this manifest", "Add it to databases or preparedDatabases, or check the spelling");
        if (!string.IsNullOrEmpty(stream.Database) && !string.IsNullOrEmpty(stream.ApplicationId))
        {
            var slot = $"fes_{stream.Database}_{stream.ApplicationId.Replace('-', '_')}";
            if (!NamePatterns.SlotName().IsMatch(slot)) findings.ErrorIfNew($"{path}.applicationId", stream.ApplicationId, "SlotName", $"makes the slot name {slot}, which must be at most 63 lower-case letters, digits and '_'", "Shorten or rename the application or the database");
            else if (!applications.TryAdd(slot, stream.ApplicationId) && applications[slot] != stream.ApplicationId) findings.ErrorIfNew($"{path}.applicationId", stream.ApplicationId, "SlotName", $"shares its slot with {applications[slot]}, because '-' becomes '_'", "Rename one of the two");
        }
        if (stream.Tables is not { Count: > 0 }) findings.Error($"{path}.tables", null, "Required", "is required", "Name at least one table");
        foreach (var (name, table) in stream.Tables ?? new Dictionary<string, EventStreamTable?>())
        {
            if (string.IsNullOrEmpty(table?.EventType)) findings.Error($"{path}.tables.{name}.eventType", table?.EventType, "Required", "is required", "Write the type of the events");
            if (name.Split('.') is not ([{ Length: > 0 }] or [{ Length: > 0 }, { Length: > 0 }])) findings.ErrorIfNew($"{path}.tables.{name}", name, "StreamTable", "must be table or schema.table", "Further parts are dropped");
            else if (name != name.ToLowerInvariant()) findings.Warn($"{path}.tables.{name}", name, "StreamTable", "has upper-case letters, which the reference operator cannot handle", "Rename the table, or use a view");
        }
        foreach (var (name, _) in stream.Filter ?? new Dictionary<string, string>())
        {
            if (stream.Tables?.ContainsKey(name) != true) findings.Warn($"{path}.filter.{name}", null, "StreamFilter", "names no table of this stream, written the same way", "Use the same key as in tables");
        }
        if (stream.BatchSize is < 0 or > uint.MaxValue) findings.Error($"{path}.batchSize", $"{stream.BatchSize}", "StreamBatch", "must not be negative", "Delete the line to get the consumer's default");
        if (stream.Cpu is { } cpu) QuantityRules.Check($"{path}.cpu", cpu, findings, out _);
        if (stream.Memory is { } memory) QuantityRules.Check($"{path}.memory", memory, findings, out _);
    }
}
