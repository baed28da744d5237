using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Which settings of Patroni's dynamic configuration came from the manifest, so that those that leave it are taken back and no others.</summary>
/// <remarks>
/// The names stand in an annotation of the manifest. It is written when a cluster is made and whenever settings are sent, never for its own sake: a cluster
/// that is taken over keeps what it has, since nobody knows whether a setting that is not in its manifest was meant to stay.
/// </remarks>
internal static class ManagedSettings
{
    /// <summary>Before the name of a setting of Patroni itself; without it a name is one of PostgreSQL's.</summary>
    public const string PatroniPrefix = "patroni.";

    // What Patroni puts in force when its configuration says nothing (validated by it, so that members start): ttl to max_wal_senders of
    // https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
    private static readonly Dictionary<string, double> Defaults = new(StringComparer.Ordinal)
    {
        ["max_connections"] = 100, ["max_locks_per_transaction"] = 64, ["max_worker_processes"] = 8, ["max_prepared_transactions"] = 0, ["max_wal_senders"] = 10,
    };

    // PostgreSQL does not start with less of these than is in use: logical slots, slots, prepared transactions.
    private static readonly HashSet<string> NeverTakenBack = new(StringComparer.Ordinal) { "wal_level", "max_replication_slots", "max_prepared_transactions" };

    /// <summary>The value that is in force without the setting; not a number when it is none that must be ordered.</summary>
    public static double Default(string parameter) => Defaults.GetValueOrDefault(parameter, double.NaN);

    /// <summary>Sets to null what left the manifest.</summary>
    public static void TakeBack(ClusterContext context, JsonObject current, JsonObject patch, JsonObject parameters, List<ChangeReason> reasons)
    {
        var wanted = Wanted(context);
        foreach (var name in Noted(context).Where(n => !wanted.Contains(n)))
        {
            if (Find(current, name) is not { } value) continue;
            if (NeverTakenBack.Contains(name))
            {
                context.Inform(
                    "ParameterKept", Path(name),
                    $"{name} left the manifest and stays as it is, because PostgreSQL does not start with less than is in use. Write the value that it shall have", value.ToString());
                continue;
            }

            reasons.Add(new ChangeReason
            {
                FieldPath = Path(name), Old = Diff.ValueText.Of(value), Consequence = Consequence.Reload, Explanation = "it left the manifest: the default is in force again",
            });
            if (name.StartsWith(PatroniPrefix, StringComparison.Ordinal)) patch[name[PatroniPrefix.Length..]] = null;
            else parameters[name] = null;
        }
    }

    /// <summary>The annotation as it has to be before <paramref name="patch"/> is sent, as (old, new); null when it is right.</summary>
    public static (string? Old, string? New)? Note(ClusterContext context, JsonObject current, JsonObject patch)
    {
        var annotation = Annotation(context);
        // The lag alone may only undo the rounding of the reference's bootstrap configuration: no edit of anybody.
        var sends = patch.ContainsKey("postgresql") || SettingsOfPatroni(context).Any(s => s.Name != "maximum_lag_on_failover" && patch.ContainsKey(s.Name));
        if (annotation is null && !sends) return null;
        var wanted = Wanted(context);
        // What has to go stays on the list until Patroni's configuration no longer has it.
        var list = List(wanted.Concat(Noted(context).Where(n => !wanted.Contains(n) && Find(current, n) is not null)));
        return list == annotation ? null : (annotation, list);
    }

    /// <summary>The annotation of a cluster that is about to be made; null when its manifest sets nothing or there is one.</summary>
    public static string? NoteOfNew(ClusterContext context) => Annotation(context) is null ? List(Wanted(context)) : null;

    private static string? List(IEnumerable<string> names) => string.Join(',', names.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : null;

    private static string? Annotation(ClusterContext context) => context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.ManagedParameters);

    private static IEnumerable<string> Noted(ClusterContext context) =>
        (Annotation(context)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []).Distinct(StringComparer.Ordinal);

    private static HashSet<string> Wanted(ClusterContext context)
    {
        var names = (context.Spec.Postgresql.Parameters ?? new Dictionary<string, string>()).Keys.Where(n => !SpiloConfiguration.IsLocal(n)).ToHashSet(StringComparer.Ordinal);
        // An event stream needs it, whoever wrote it first.
        if (context.Spec.Streams is { Count: > 0 } && Noted(context).Contains("wal_level", StringComparer.Ordinal)) names.Add("wal_level");
        foreach (var (name, value) in SettingsOfPatroni(context))
            if (value is > 0) names.Add(PatroniPrefix + name);
        return names;
    }

    private static (string Name, long? Value)[] SettingsOfPatroni(ClusterContext context)
    {
        var patroni = context.Spec.Patroni;
        return [("ttl", patroni?.Ttl), ("loop_wait", patroni?.LoopWait), ("retry_timeout", patroni?.RetryTimeout), ("maximum_lag_on_failover", patroni?.MaximumLagOnFailover)];
    }

    private static JsonNode? Find(JsonObject current, string name) =>
        name.StartsWith(PatroniPrefix, StringComparison.Ordinal) ? SettingOfPatroni(current, name[PatroniPrefix.Length..]) : current.Object("postgresql", "parameters")?[name];

    // The annotation is text that anybody with access to the manifest may write: it takes back nothing else.
    private static JsonNode? SettingOfPatroni(JsonObject current, string name) =>
        name is "ttl" or "loop_wait" or "retry_timeout" or "maximum_lag_on_failover" ? current[name] : null;

    private static string Path(string name) => name.StartsWith(PatroniPrefix, StringComparison.Ordinal) ? $"spec.{name}" : $"spec.postgresql.parameters[{name}]";
}
