using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Manifests;

/// <summary>Reads the files that <c>-f</c> names.</summary>
public static class ManifestFiles
{
    private const long LargestFile = 16 * 1024 * 1024;

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>The texts of all files; directories are searched for .yaml, .yml and .json files, in alphabetical order.</summary>
    /// <param name="names">Files, directories, or <c>-</c>.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="CommandException">A file is missing, too large, or no text.</exception>
    public static async Task<IReadOnlyList<(string Name, string Text)>> ReadTextsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        var texts = new List<(string, string)>();
        foreach (var name in Expand(names)) texts.Add((name, await ReadTextAsync(name, cancellationToken).ConfigureAwait(false)));
        return texts;
    }

    /// <summary>The files that names stand for, in alphabetical order within a directory.</summary>
    /// <param name="names">Files, directories, or <c>-</c>.</param>
    /// <exception cref="CommandException">A name stands for nothing.</exception>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.SelectMany(Expand)];
    }

    /// <summary>The text of one file.</summary>
    /// <param name="name">The file, or <c>-</c>.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="CommandException">It is too large or no text.</exception>
    public static async Task<string> ReadTextAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (name != "-") return await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        var buffer = new char[64 * 1024];
        var text = new StringBuilder();
        while (await Console.In.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (text.Append(buffer, 0, read).Length > LargestFile) throw new CommandException("-: is larger than 16 MiB, which no manifest is");
        }

        return text.ToString();
    }

    /// <summary>Reads all files and the documents in them.</summary>
    /// <param name="names">Files, directories, or <c>-</c>.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="CommandException">A file cannot be read, or is no YAML; with line and column.</exception>
    public static async Task<IReadOnlyList<ManifestFile>> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var files = new List<ManifestFile>();
        foreach (var (name, text) in await ReadTextsAsync(names, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                files.Add(new ManifestFile(name, text, KubernetesYaml.ParseDocuments(text)));
            }
            catch (KubernetesYamlException exception)
            {
                throw new CommandException($"{name}:{exception.Position.Line}:{exception.Position.Column}: {exception.Problem}");
            }
        }
        return files;
    }

    /// <summary>The objects of a document, with the path of each in it: lists of kind <c>List</c> are opened.</summary>
    /// <param name="document">The document.</param>
    public static IEnumerable<(JsonObject Manifest, string Path)> ObjectsOf(KubernetesYamlDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Root is not JsonObject root) yield break;
        if (root["items"] is not JsonArray items || root["kind"]?.GetValueKind() != System.Text.Json.JsonValueKind.String || !((string)root["kind"]!).EndsWith("List", StringComparison.Ordinal))
        {
            yield return (root, "");
            yield break;
        }
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is JsonObject item) yield return (item, $"items[{i}]");
        }
    }

    private static IEnumerable<string> Expand(string name)
    {
        if (name == "-" || File.Exists(name)) return [name];
        if (!Directory.Exists(name)) throw new CommandException($"{name}: there is no such file or directory");
        var files = Directory.EnumerateFiles(name, "*", SearchOption.AllDirectories).Where(static f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new CommandException($"{name}: holds no .yaml, .yml or .json file");
    }

    private static async Task<string> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (new FileInfo(name).Length > LargestFile) throw new CommandException($"{name}: is larger than 16 MiB, which no manifest is");
        try
        {
            return await File.ReadAllTextAsync(name, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), cancellationToken).ConfigureAwait(false);
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException($"{name}: is no UTF-8 text");
        }
    }
}
