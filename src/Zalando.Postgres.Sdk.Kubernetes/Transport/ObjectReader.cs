using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Reads objects out of UTF-8 JSON, once, one by one, so that one that does not fit its type costs only itself.</summary>
internal static class ObjectReader
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };

    public static Utf8JsonReader Over(ReadOnlySpan<byte> utf8) => new(utf8, ReaderOptions);

    public static Utf8JsonReader Over(in ReadOnlySequence<byte> utf8) => new(utf8, ReaderOptions);

    /// <summary>Reads the object that the reader stands before or on, and moves behind it, also when the object does not fit.</summary>
    /// <exception cref="JsonException">The JSON itself is broken.</exception>
    public static T? Read<T>(ref Utf8JsonReader reader, ObjectContract<T> contract, string asked, out UnreadableObject? unreadable)
        where T : class
    {
        unreadable = null;
        var start = reader;
        try
        {
            var value = JsonSerializer.Deserialize(ref reader, contract.JsonTypeInfo);
            if (value is not null) return value;
            unreadable = new UnreadableObject(null, ApiFailure.Unreadable(asked, new JsonException("null where an object was expected")));
            return null;
        }
        catch (Exception exception) when (IsMisfit(exception))
        {
            reader = start;
            var raw = ReadRaw(ref reader);
            unreadable = new UnreadableObject(raw, Misfit(asked, contract.Kind, ObjectIdentity.Of(raw), exception));
            return null;
        }
    }

    /// <summary>Whether a contract refused a value, as against a defect of ours or a broken transport.</summary>
    public static bool IsMisfit(Exception exception) =>
        exception is JsonException or FormatException or InvalidOperationException or NotSupportedException or ArgumentException or OverflowException;

    public static KubernetesApiException Misfit(string asked, KubernetesKind kind, ObjectIdentity identity, Exception exception)
    {
        var name = identity.Namespace is null ? identity.Name : $"{identity.Namespace}/{identity.Name}";
        return new KubernetesApiException(0, null, $"{asked}: {kind.Kind} {name ?? "(name unreadable)"} does not fit its type: {exception.Message}", innerException: exception);
    }

    /// <summary>What can be told of an object from the first bytes of its JSON: <c>apiVersion</c>, <c>kind</c>, name, namespace, uid and version; null when the name is not among them.</summary>
    public static JsonObject? ReadPrefix(ReadOnlySpan<byte> prefix, out WatchEventType? type)
    {
        type = null;
        var reader = new Utf8JsonReader(prefix, isFinalBlock: false, new JsonReaderState(ReaderOptions));
        var metadata = new JsonObject();
        var depthOfMetadata = -1;
        string? property = null;
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        property = reader.GetString();
                        break;
                    case JsonTokenType.StartObject:
                        if (property == "metadata" && depthOfMetadata < 0 && reader.CurrentDepth <= 2) depthOfMetadata = reader.CurrentDepth;
                        break;
                    case JsonTokenType.String when property == "type" && reader.CurrentDepth == 1:
                        type = WatchEventReader.TypeOf(reader.GetString());
                        break;
                    case JsonTokenType.String when reader.CurrentDepth == depthOfMetadata + 1 && depthOfMetadata >= 0
                        && property is "name" or "namespace" or "uid" or "resourceVersion":
                        metadata[property!] = reader.GetString();
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // What was read before the defect is worth as much as before.
        }

        return metadata.ContainsKey("name") ? new JsonObject { ["metadata"] = metadata } : null;
    }

    private static JsonObject? ReadRaw(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.None or JsonTokenType.PropertyName) reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            var start = reader;
            try
            {
                return JsonNode.Parse(ref reader) as JsonObject;
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                reader = start;
            }
        }

        reader.Skip();
        return null;
    }
}
