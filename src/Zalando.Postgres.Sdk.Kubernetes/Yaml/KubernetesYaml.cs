using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>YAML as the Kubernetes command line and API server read it, to and from JSON.</summary>
/// <remarks>
/// <para>Unquoted scalars follow YAML 1.1 as those programs do: <c>yes</c>, <c>no</c>, <c>on</c>, <c>off</c>, <c>y</c>, <c>n</c> are booleans,
/// <c>0755</c> and <c>0x1F</c> are integers, <c>1_000</c> is 1000; dates and <c>12:30</c> stay text. Keys become text.</para>
/// <para>Stricter than those programs on purpose: a key that is there twice is an error. More lenient: a key beside <c>&lt;&lt;</c> wins over
/// the merged one wherever it stands.</para>
/// </remarks>
public static class KubernetesYaml
{
    /// <summary>Reads all objects of a text; documents without content are left out.</summary>
    /// <param name="text">YAML with any number of documents, or JSON.</param>
    /// <returns>The documents in their order.</returns>
    /// <exception cref="KubernetesYamlException">The text is not YAML, or a document is not a mapping; with line and column.</exception>
    public static IReadOnlyList<JsonObject> Parse(string text)
    {
        var objects = new List<JsonObject>();
        foreach (var document in ParseDocuments(text, new KubernetesYamlOptions { TrackPositions = false }))
        {
            if (document.Root is null) continue;
            objects.Add(document.Root as JsonObject
                ?? throw new KubernetesYamlException(document.Start, "", "an object (apiVersion, kind, metadata, ...) is expected, not a list or a single value"));
        }

        return objects;
    }

    /// <summary>Reads all documents of a text, of whatever form, with the places of their fields.</summary>
    /// <param name="text">YAML with any number of documents, or JSON.</param>
    /// <param name="options">Limits; null for the usual ones.</param>
    /// <exception cref="KubernetesYamlException">The text is not YAML, or exceeds a limit; with line and column.</exception>
    public static IReadOnlyList<KubernetesYamlDocument> ParseDocuments(string text, KubernetesYamlOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= KubernetesYamlOptions.Default;
        if (text.Length > options.MaximumLength)
            throw new KubernetesYamlException(new YamlPosition(1, 1), "", $"the text has {text.Length} characters; at most {options.MaximumLength} are read");
        if (text.StartsWith('\ufeff')) text = text[1..];
        try
        {
            return new YamlTreeReader(text, options).ReadAll();
        }
        catch (KubernetesYamlException) when (TryReadJson(text, options, out var document))
        {
            // JSON is nearly a part of YAML; tabs between tokens are the usual exception.
            return [document];
        }
    }

    /// <summary>Writes a value as one YAML document: block style, keys in the given order, the same text for the same value, ending with a line feed.
    /// Reading it back gives the same JSON, also with readers of YAML 1.2.</summary>
    /// <param name="node">The value; null writes <c>null</c>.</param>
    public static string Write(JsonNode? node) => YamlWriter.Write(node);

    /// <summary>Writes several documents, separated by <c>---</c>.</summary>
    /// <param name="nodes">The values.</param>
    public static string WriteAll(IEnumerable<JsonNode?> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var text = new StringBuilder();
        foreach (var node in nodes)
        {
            if (text.Length > 0) text.Append("---\n");
            text.Append(YamlWriter.Write(node));
        }

        return text.ToString();
    }

    private static bool TryReadJson(string text, KubernetesYamlOptions options, out KubernetesYamlDocument document)
    {
        document = null!;
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..]) return false;
        try
        {
            var root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = options.MaximumDepth, AllowDuplicateProperties = false });
            document = new KubernetesYamlDocument(root, new YamlPosition(1, 1), null);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
