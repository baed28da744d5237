using System.Collections.Frozen;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Protobuf;

/// <summary>Field numbers, names and types of the messages that clients send (from <c>protobuf-fields.txt</c>, made by <c>eng/protobuf-fields</c>).</summary>
internal static class MessageShapes
{
    private static readonly Lazy<FrozenDictionary<string, FrozenDictionary<int, Field>>> All = new(Read);

    public static FrozenDictionary<int, Field>? Find(string message) => All.Value.GetValueOrDefault(message);

    private static FrozenDictionary<string, FrozenDictionary<int, Field>> Read()
    {
        using var stream = typeof(MessageShapes).Assembly.GetManifestResourceStream("protobuf-fields.txt") ?? throw new InvalidOperationException("protobuf-fields.txt is not embedded.");
        using var reader = new StreamReader(stream);
        var messages = new Dictionary<string, FrozenDictionary<int, Field>>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0) continue;
            messages[line[..colon]] = line[(colon + 2)..].Split("; ").Select(ReadField).ToFrozenDictionary(static f => f.Number, static f => f);
        }

        return messages.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static Field ReadField(string text)
    {
        var parts = text.Split(' ', 3);
        var inline = parts[1].StartsWith('!');
        var type = parts[2];
        var map = type.StartsWith("map ", StringComparison.Ordinal);
        var list = type.StartsWith("[]", StringComparison.Ordinal);
        return new Field(int.Parse(parts[0], CultureInfo.InvariantCulture), inline ? parts[1][1..] : parts[1], map ? type[4..] : list ? type[2..] : type, inline, list, map);
    }

    /// <summary>One field of a message.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Name">Its name in JSON.</param>
    /// <param name="Type">A scalar, or the name of a message.</param>
    /// <param name="IsInline">Whether its fields stand in the parent in JSON.</param>
    /// <param name="IsList">Whether it may stand many times.</param>
    /// <param name="IsMap">Whether it is a map from text to <paramref name="Type"/>.</param>
    internal readonly record struct Field(int Number, string Name, string Type, bool IsInline, bool IsList, bool IsMap);
}
