using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Reads Kubernetes objects from files and directories.</summary>
public static class ObjectFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>All objects of some files, directories (with those below them) or standard input; lists are taken apart.</summary>
    /// <param name="paths">Files, directories, or <c>-</c>.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="CommandException">A path does not exist or is no YAML; the message names it.</exception>
    public static async Task<IReadOnlyList<JsonObject>> ReadAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var objects = new List<JsonObject>();
        foreach (var path in paths)
        {
            if (path == "-")
            {
                Add(objects, "standard input", await Console.In.ReadToEndAsync(cancellationToken).ConfigureAwait(false));
                continue;
            }

            foreach (var file in Expand(path))
                Add(objects, file, await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false));
        }

        return objects;
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new CommandException($"{path} does not exist.");
        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal);
    }

    private static void Add(List<JsonObject> objects, string source, string text)
    {
        try
        {
            foreach (var item in KubernetesYaml.Parse(text)) AddItem(objects, item);
        }
        catch (Exception e) when (e is KubernetesYamlException or JsonException)
        {
            throw new CommandException($"{source}: {e.Message}");
        }
    }

    private static void AddItem(List<JsonObject> objects, JsonObject item)
    {
        if (item["items"] is JsonArray items && item["kind"] is JsonValue kind && kind.TryGetValue(out string? name) && name.EndsWith("List", StringComparison.Ordinal))
        {
            foreach (var element in items)
                if (element is JsonObject entry) AddItem(objects, (JsonObject)entry.DeepClone());
        }
        else if (item.Count > 0)
        {
            objects.Add(item);
        }
    }
}
