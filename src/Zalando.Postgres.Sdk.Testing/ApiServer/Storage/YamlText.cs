using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>YAML in requests and answers. JSON is YAML too, and is read without a YAML parser.</summary>
internal static class YamlText
{
    /// <summary>Reads the first document.</summary>
    /// <exception cref="FormatException">Neither JSON nor YAML.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string>? duplicates = null)
    {
        var first = utf8.TrimStart(" \t\r\n"u8);
        if (first.Length > 0 && first[0] is (byte)'{' or (byte)'[')
        {
            try
            {
                return JsonText.Parse(utf8, duplicates);
            }
            catch (System.Text.Json.JsonException) when (first[0] is not (byte)'{')
            {
                // Flow YAML such as [a, b].
            }
        }

        try
        {
            var documents = KubernetesYaml.Parse(Encoding.UTF8.GetString(utf8));
            return documents.Count == 0 ? null : JsonText.Parse(JsonText.Write(documents[0]), duplicates);
        }
        catch (KubernetesYamlException e)
        {
            throw new FormatException("yaml: " + e.Message, e);
        }
    }

    /// <summary>Writes a document as the server does: keys in order.</summary>
    public static byte[] Write(JsonNode body) => Encoding.UTF8.GetBytes(KubernetesYaml.Write(Sorted(body)!));

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
