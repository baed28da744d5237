using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Reads a page of a list item by item.</summary>
internal sealed class ListPageReader<T>(ObjectContract<T> contract, string asked)
    where T : class
{
    public List<T> Items { get; } = [];

    public List<UnreadableObject> Unreadable { get; } = [];

    public string ResourceVersion { get; private set; } = "";

    public string? Continue { get; private set; }

    /// <summary>Reads one page.</summary>
    /// <exception cref="JsonException">The page itself is broken.</exception>
    public void Read(ReadOnlySpan<byte> utf8)
    {
        var reader = ObjectReader.Over(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("a list is a JSON object");
        var isList = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                ReadMetadata(JsonNode.Parse(ref reader) as JsonObject);
                isList = true;
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartArray) ReadItems(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (!isList) throw new JsonException("a list has metadata");
    }

    private void ReadMetadata(JsonObject? metadata)
    {
        ResourceVersion = Text(metadata, "resourceVersion") ?? "";
        Continue = Text(metadata, "continue") is { Length: > 0 } token ? token : null;
    }

    private static string? Text(JsonObject? metadata, string field) => metadata?[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private void ReadItems(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var item = ObjectReader.Read(ref reader, contract, asked, out var unreadable);
            if (item is null)
            {
                Unreadable.Add(unreadable!);
                continue;
            }

            if (item is JsonObject json) NameKind(json);
            Items.Add(item);
        }
    }

    // In lists of built-in kinds the items leave their kind out.
    private void NameKind(JsonObject json)
    {
        if (!json.ContainsKey("kind")) json.Insert(0, "kind", contract.Kind.Kind);
        if (!json.ContainsKey("apiVersion")) json.Insert(0, "apiVersion", contract.Kind.ApiVersion);
    }
}
