using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Observation;

namespace Zalando.Postgres.Sdk.Reconciliation.History;

/// <summary>The history of a cluster as it is stored: a ConfigMap beside the cluster, one JSON document a line, oldest first, bounded.</summary>
public static class ClusterHistory
{
    /// <summary>How many entries are kept.</summary>
    public const int MostEntries = 200;

    /// <summary>How many bytes of entries are kept; a ConfigMap holds a megabyte.</summary>
    public const int MostBytes = 128 * 1024;

    /// <summary>Label of the ConfigMap, with the value <c>true</c>.</summary>
    public const string Label = "acid.zalan.do/history";

    /// <summary>Key of the entries in the ConfigMap's data.</summary>
    public const string Key = "entries";

    /// <summary>Name of the ConfigMap.</summary>
    /// <param name="cluster">Name of the cluster.</param>
    public static string NameOf(string cluster) => cluster + Planning.ClusterObjects.HistorySuffix;

    /// <summary>Reads the entries, oldest first. Lines that cannot be read are left out.</summary>
    /// <param name="configMap">The ConfigMap; null for none.</param>
    public static IReadOnlyList<HistoryEntry> Read(JsonObject? configMap)
    {
        var entries = new List<HistoryEntry>();
        foreach (var line in (configMap.Child("data").Text(Key) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, HistoryJsonContext.Default.HistoryEntry) is { } entry) entries.Add(entry);
            }
            catch (JsonException)
            {
                // Somebody has edited it; the other lines still tell something.
            }
        }

        return entries;
    }

    /// <summary>Writes entries, the newest that fit.</summary>
    /// <param name="entries">The entries, oldest first.</param>
    public static string Write(IReadOnlyList<HistoryEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var lines = entries.TakeLast(MostEntries).Select(e => JsonSerializer.Serialize(e, HistoryJsonContext.Default.HistoryEntry)).ToList();
        var size = lines.Sum(l => Encoding.UTF8.GetByteCount(l) + 1);
        var first = 0;
        while (size > MostBytes) size -= Encoding.UTF8.GetByteCount(lines[first++]) + 1;
        return string.Join('\n', lines.Skip(first));
    }
}
