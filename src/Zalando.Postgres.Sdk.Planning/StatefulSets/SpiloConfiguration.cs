using System.Globalization;
using System.Text;
using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Text of the variable <c>SPILO_CONFIGURATION</c>: what Patroni is started with.</summary>
internal static class SpiloConfiguration
{
    public const string Variable = "SPILO_CONFIGURATION";

    // Spilo sets these in its own local configuration, which wins over Patroni's dynamic one; so they cannot be changed through Patroni.
    private static readonly HashSet<string> LocalParameters = new(StringComparer.Ordinal)
    {
        "archive_command", "shared_buffers", "logging_collector", "log_destination", "log_directory", "log_filename", "log_file_mode",
        "log_rotation_age", "log_truncate_on_rotation", "ssl", "ssl_ca_file", "ssl_crl_file", "ssl_cert_file", "ssl_key_file",
        "shared_preload_libraries", "bg_mon.listen_address", "bg_mon.history_buckets", "pg_stat_statements.track_utility",
        "extwlist.extensions", "extwlist.custom_path",
    };

    private static readonly HashSet<string> InitDbFlags = new(StringComparer.Ordinal) { "data-checksums", "debug", "no-locale", "noclean", "nosync", "sync-only" };

    /// <summary>Whether a PostgreSQL parameter is set in the pod's environment (a change recreates pods) and not through Patroni.</summary>
    public static bool IsLocal(string parameter) => LocalParameters.Contains(parameter);

    public static string Build(ClusterContext context, string version)
    {
        var spec = context.Spec;
        var parameters = spec.Postgresql.Parameters ?? new Dictionary<string, string>();
        var local = parameters.Where(p => IsLocal(p.Key)).ToArray();
        var dynamic = parameters.Where(p => !IsLocal(p.Key)).ToArray();
        var text = new StringBuilder(512).Append("{\"postgresql\":{");
        var separator = "";
        if (!context.Settings.EnablePgVersionEnvVar)
        {
            text.Append("\"bin_dir\":").AppendText($"/usr/lib/postgresql/{version}/bin");
            separator = ",";
        }

        if (local.Length > 0)
        {
            text.Append(separator).Append("\"parameters\":").AppendMap(local);
            separator = ",";
        }

        if (spec.Patroni?.PgHba is { Count: > 0 } rules) AppendList(text.Append(separator).Append("\"pg_hba\":"), rules);
        text.Append("},\"bootstrap\":{\"initdb\":[");
        AppendInitDb(text, spec.Patroni?.InitDb);
        text.Append("],\"dcs\":{");
        AppendDynamic(text, context, dynamic);
        return text.Append("}}}").ToString();
    }

    private static void AppendList(StringBuilder text, IReadOnlyList<string> items)
    {
        text.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) text.Append(',');
            text.AppendText(items[i]);
        }

        text.Append(']');
    }

    private static void AppendInitDb(StringBuilder text, IReadOnlyDictionary<string, string>? options)
    {
        var items = new List<(string Key, string? Value)> { ("auth-host", "scram-sha-256"), ("auth-local", "trust") };
        foreach (var (key, value) in (options ?? new Dictionary<string, string>()).OrderBy(o => o.Key, Utf8Order.Instance))
        {
            var existing = items.FindIndex(i => i.Value is not null && i.Key == key);
            if (existing >= 0) items[existing] = (key, value);
            else if (items.Exists(i => i.Value is null && i.Key == value)) continue;
            else if (value == "true" && InitDbFlags.Contains(key)) items.Add((key, null));
            else items.Add((key, value));
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) text.Append(',');
            if (items[i].Value is { } value) text.Append('{').AppendText(items[i].Key).Append(':').AppendText(value).Append('}');
            else text.AppendText(items[i].Key);
        }
    }

    private static void AppendDynamic(StringBuilder text, ClusterContext context, KeyValuePair<string, string>[] parameters)
    {
        var patroni = context.Spec.Patroni;
        var separator = "";
        Number("ttl", patroni?.Ttl);
        Number("loop_wait", patroni?.LoopWait);
        Number("retry_timeout", patroni?.RetryTimeout);
        if (patroni?.MaximumLagOnFailover is > 0 and { } lag) Raw("maximum_lag_on_failover", AsSingle(lag));
        if (patroni?.SynchronousMode == true) Raw("synchronous_mode", "true");
        if (patroni?.SynchronousModeStrict == true) Raw("synchronous_mode_strict", "true");
        Number("synchronous_node_count", patroni?.SynchronousNodeCount);
        if (parameters.Length > 0)
        {
            text.Append(separator).Append("\"postgresql\":{\"parameters\":").AppendMap(parameters).Append('}');
            separator = ",";
        }

        if (patroni?.Slots is { Count: > 0 } slots)
        {
            text.Append(separator).Append("\"slots\":{");
            var between = "";
            foreach (var (name, slot) in slots.OrderBy(s => s.Key, Utf8Order.Instance))
            {
                text.Append(between).AppendText(name).Append(':');
                if (slot is null) text.Append("null");
                else text.AppendMap(slot);
                between = ",";
            }

            text.Append('}');
            separator = ",";
        }

        if ((patroni?.FailsafeMode ?? context.Settings.Patroni.EnablePatroniFailsafeMode) is { } failsafe) Raw("failsafe_mode", failsafe ? "true" : "false");

        void Number(string name, long? value)
        {
            if (value is not null and not 0) Raw(name, value.Value.ToString(CultureInfo.InvariantCulture));
        }

        void Raw(string name, string value)
        {
            text.Append(separator).Append('"').Append(name).Append("\":").Append(value);
            separator = ",";
        }
    }

    // Stored fleets carry the value rounded to a 32-bit float; the exact value goes to Patroni's own configuration.
    private static string AsSingle(long value) =>
        decimal.Parse(((float)value).ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture).ToString("0", CultureInfo.InvariantCulture);
}
