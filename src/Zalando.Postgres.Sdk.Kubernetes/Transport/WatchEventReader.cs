using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Reads one line of a watch.</summary>
internal static class WatchEventReader
{
    /// <summary>How much of an object that is too large is kept to find its name.</summary>
    public const int PrefixLength = 4096;

    public static WatchEventType? TypeOf(string? text) => text switch
    {
        "ADDED" => WatchEventType.Added,
        "MODIFIED" => WatchEventType.Modified,
        "DELETED" => WatchEventType.Deleted,
        "BOOKMARK" => WatchEventType.Bookmark,
        "ERROR" => WatchEventType.Error,
        _ => null,
    };

    public static WatchEvent<T> Read<T>(in ReadOnlySequence<byte> line, ObjectContract<T> contract, string asked)
        where T : class
    {
        try
        {
            return ReadLine(ObjectReader.Over(line), contract, asked);
        }
        catch (Exception exception) when (ObjectReader.IsMisfit(exception))
        {
            return Broken<T>(line, new KubernetesApiException(0, null, $"{asked}: an event cannot be read: {exception.Message}", innerException: exception));
        }
    }

    /// <summary>An event whose line is beyond the limit.</summary>
    public static WatchEvent<T> TooLarge<T>(ReadOnlySpan<byte> prefix, int limit, string asked)
        where T : class
    {
        var raw = ObjectReader.ReadPrefix(prefix, out var type);
        var identity = ObjectIdentity.Of(raw);
        return new WatchEvent<T>
        {
            Type = WatchEventType.Unreadable,
            ReportedType = type,
            Raw = raw,
            ResourceVersion = identity.ResourceVersion,
            Error = new KubernetesApiException(0, null, $"{asked}: the event of {identity.Namespace}/{identity.Name ?? "(name unreadable)"} has more than {limit} bytes"),
        };
    }

    private static WatchEvent<T> ReadLine<T>(Utf8JsonReader reader, ObjectContract<T> contract, string asked)
        where T : class
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("an event is a JSON object");
        WatchEventType? type = null;
        string? typeText = null;
        Utf8JsonReader deferred = default;
        var isDeferred = false;
        WatchEvent<T>? result = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                typeText = reader.GetString();
                type = TypeOf(typeText) ?? throw new JsonException($"events of type {typeText} are not known");
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                if (type is { } known)
                {
                    result = ReadObject(ref reader, known, contract, asked);
                }
                else
                {
                    deferred = reader;
                    isDeferred = true;
                    reader.Skip();
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // The whole line must be JSON: a line that was cut in two must not count as an event.
        while (reader.Read())
        {
        }

        if (result is null && isDeferred && type is { } late) result = ReadObject(ref deferred, late, contract, asked);
        return result ?? throw new JsonException("an event has a type and an object");
    }

    private static WatchEvent<T> ReadObject<T>(ref Utf8JsonReader reader, WatchEventType type, ObjectContract<T> contract, string asked)
        where T : class
    {
        switch (type)
        {
            case WatchEventType.Error:
                var status = JsonSerializer.Deserialize(ref reader, KubernetesJsonContext.Default.Status) ?? new Status();
                return new WatchEvent<T> { Type = type, Error = ApiFailure.FromStatus(asked, status) };
            case WatchEventType.Bookmark:
                var bookmark = JsonNode.Parse(ref reader) as JsonObject;
                return new WatchEvent<T> { Type = type, ResourceVersion = ObjectIdentity.Of(bookmark).ResourceVersion };
            default:
                var value = ObjectReader.Read(ref reader, contract, asked, out var unreadable);
                if (value is not null) return new WatchEvent<T> { Type = type, Object = value, ResourceVersion = contract.Identify(value).ResourceVersion };
                return new WatchEvent<T>
                {
                    Type = WatchEventType.Unreadable,
                    ReportedType = type,
                    Raw = unreadable!.Raw,
                    Error = unreadable.Error,
                    ResourceVersion = ObjectIdentity.Of(unreadable.Raw).ResourceVersion,
                };
        }
    }

    private static WatchEvent<T> Broken<T>(in ReadOnlySequence<byte> line, KubernetesApiException error)
        where T : class
    {
        var prefix = line.Slice(0, Math.Min(line.Length, PrefixLength)).ToArray();
        var raw = ObjectReader.ReadPrefix(prefix, out var type);
        // No version: who resumes from the last good event gets the broken one again, and nothing is lost.
        return new WatchEvent<T> { Type = WatchEventType.Unreadable, ReportedType = type, Raw = raw, Error = error };
    }
}
