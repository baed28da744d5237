using System.Diagnostics;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Sandbox.Processes;

/// <summary>The processes of the machine, read from <c>/proc</c>.</summary>
internal static class ProcessTree
{
    /// <summary>Ids of the direct children, lowest first.</summary>
    public static IReadOnlyList<int> Children(int parent) => [.. All().Where(p => p.Parent == parent).Select(p => p.Id).Order()];

    /// <summary>Ids of all that descends from a process.</summary>
    public static IReadOnlyList<int> Descendants(int ancestor)
    {
        var children = All().ToLookup(p => p.Parent, p => p.Id);
        var found = new List<int>();
        var look = new Queue<int>([ancestor]);
        while (look.TryDequeue(out var id))
        {
            foreach (var child in children[id])
            {
                found.Add(child);
                look.Enqueue(child);
            }
        }

        return found;
    }

    /// <summary>Kills a postmaster that was left behind in a data directory, because its supervisor was killed. True when there was one.</summary>
    public static bool KillLeftPostmaster(string dataDirectory)
    {
        try
        {
            var pidFile = Path.Combine(dataDirectory, "postmaster.pid");
            if (!File.Exists(pidFile) || !int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
            // The number may belong to somebody else by now: only a process that names our directory is ours.
            if (!File.ReadAllText($"/proc/{id}/cmdline").Split('\0').Contains(dataDirectory, StringComparer.Ordinal)) return false;
            using var process = Process.GetProcessById(id);
            process.Kill();
            return process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<(int Id, int Parent)> All()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(directory, "stat"));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            // "id (name that may hold anything) state parent ..."
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] != "Z" && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)) yield return (id, parent);
        }
    }
}
