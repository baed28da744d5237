using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>Builds JSON from the parser's events. One instance reads one text.</summary>
internal sealed class YamlTreeReader
{
    private const string CoreTag = "tag:yaml.org,2002:";

    private readonly KubernetesYamlOptions _options;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly List<string> _path = [];
    private readonly Dictionary<string, (JsonNode? Node, int Size)> _anchors = new(StringComparer.Ordinal);
    private Dictionary<string, YamlPosition>? _positions;
    private int _aliased;

    public YamlTreeReader(string text, KubernetesYamlOptions options)
    {
        _options = options;
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
    }

    public List<KubernetesYamlDocument> ReadAll()
    {
        var documents = new List<KubernetesYamlDocument>();
        try
        {
            _parser.Consume<StreamStart>();
            while (!_parser.TryConsume<StreamEnd>(out _))
            {
                _parser.Consume<DocumentStart>();
                _anchors.Clear();
                _positions = _options.TrackPositions ? new Dictionary<string, YamlPosition>(StringComparer.Ordinal) : null;
                var start = PositionOf(Current);
                var empty = Current is Scalar { Value: "", Style: ScalarStyle.Plain, Tag.IsEmpty: true };
                var root = ReadNode("", 0, out _);
                _parser.Consume<DocumentEnd>();
                if (!empty) documents.Add(new KubernetesYamlDocument(root, start, _positions));
            }
        }
        catch (YamlException exception)
        {
            // Some faults of the scanner come without a place.
            var place = exception.Start is { Line: <= 1, Column: <= 1 } ? _scanner.CurrentPosition : exception.Start;
            throw new KubernetesYamlException(PositionOf(place), PathText(), Explain(exception.Message), exception);
        }

        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The parser's own way to fail at some broken texts.
            throw new KubernetesYamlException(PositionOf(_scanner.CurrentPosition), PathText(), "the text is not YAML from here on", exception);
        }

        return documents;
    }

    private ParsingEvent Current => _parser.Current ?? throw new KubernetesYamlException(new YamlPosition(1, 1), "", "the text ends in the middle of a value");

    private static YamlPosition PositionOf(ParsingEvent parsingEvent) => PositionOf(parsingEvent.Start);

    private static YamlPosition PositionOf(Mark mark) => new(Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));

    private static string Explain(string message)
    {
        var end = message.IndexOf("): ", StringComparison.Ordinal);
        return message.StartsWith('(') && end > 0 ? message[(end + 3)..] : message;
    }

    private JsonNode? ReadNode(string pointer, int depth, out int size)
    {
        var current = Current;
        if (depth > _options.MaximumDepth) throw Fail(current, $"nested deeper than {_options.MaximumDepth} levels");
        if (depth > 0 || pointer.Length == 0) _positions?.TryAdd(pointer, PositionOf(current));
        if (current is AnchorAlias alias)
        {
            _parser.MoveNext();
            return Expand(alias, out size);
        }

        var anchor = current is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        var node = current switch
        {
            Scalar scalar => ReadScalar(scalar, out size),
            SequenceStart => ReadSequence(pointer, depth, out size),
            MappingStart => ReadMapping(pointer, depth, out size),
            _ => throw Fail(current, "a value is expected here"),
        };
        if (anchor is not null) _anchors[anchor] = (node, size);
        return node;
    }

    private JsonNode? Expand(AnchorAlias alias, out int size)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
            throw Fail(alias, $"alias *{alias.Value.Value} names an anchor that is not there yet");
        size = anchored.Size;
        _aliased += size;
        if (_aliased > _options.MaximumAliasedNodes)
            throw Fail(alias, $"aliases expand to more than {_options.MaximumAliasedNodes} values; write the values out, or use fewer aliases");
        return anchored.Node?.DeepClone();
    }

    private JsonArray ReadSequence(string pointer, int depth, out int size)
    {
        _parser.MoveNext();
        var list = new JsonArray();
        size = 1;
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            _path.Add($"[{list.Count}]");
            list.Add(ReadNode(_positions is null ? "/" : $"{pointer}/{list.Count}", depth + 1, out var itemSize));
            size += itemSize;
            _path.RemoveAt(_path.Count - 1);
        }

        return list;
    }

    private JsonObject ReadMapping(string pointer, int depth, out int size)
    {
        _parser.MoveNext();
        var map = new JsonObject();
        List<JsonObject>? merged = null;
        size = 1;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyEvent = Current;
            if (keyEvent is Scalar { Value: "<<", Style: ScalarStyle.Plain })
            {
                _parser.MoveNext();
                CollectMerged(ReadNode($"{pointer}/<<", depth + 1, out var mergedSize), keyEvent, merged ??= []);
                size += mergedSize;
                continue;
            }

            var key = ReadKey(keyEvent, out var keySize);
            _path.Add(KeyText(key));
            if (map.ContainsKey(key)) throw Fail(keyEvent, "the key is there twice; keep one of the two");
            var childPointer = "/";
            if (_positions is not null)
            {
                childPointer = $"{pointer}/{KubernetesYamlDocument.Escape(key)}";
                // Where the key stands, not the value: that is where an editor should jump to.
                _positions[childPointer] = PositionOf(keyEvent);
            }

            map.Add(key, ReadNode(childPointer, depth + 1, out var valueSize));
            size += valueSize + keySize;
            _path.RemoveAt(_path.Count - 1);
        }

        if (merged is not null) Merge(map, merged);
        return map;
    }

    private string ReadKey(ParsingEvent keyEvent, out int size)
    {
        if (keyEvent is MappingStart or SequenceStart) throw Fail(keyEvent, "a mapping or list cannot be a key");
        var node = ReadNode("/", -1, out size);
        if (node is null) throw Fail(keyEvent, "null cannot be a key; quote it if text is meant");
        // As the command line does: a key is always text in JSON, so "yes:" becomes "true:" and "1:" becomes "1:".
        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node.ToJsonString();
    }

    private void CollectMerged(JsonNode? value, ParsingEvent keyEvent, List<JsonObject> merged)
    {
        switch (value)
        {
            case JsonObject map:
                merged.Add(map);
                break;
            case JsonArray list when list.All(item => item is JsonObject):
                merged.AddRange(list.Select(item => item!.AsObject()));
                break;
            default:
                throw Fail(keyEvent, "<< takes a mapping or a list of mappings");
        }
    }

    private static void Merge(JsonObject map, List<JsonObject> merged)
    {
        foreach (var source in merged)
        {
            foreach (var (key, value) in source) map.TryAdd(key, value?.DeepClone());
        }
    }

    private JsonNode? ReadScalar(Scalar scalar, out int size)
    {
        _parser.MoveNext();
        size = 1;
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? null : scalar.Tag.Value;
        if (tag is null) return scalar.Style == ScalarStyle.Plain && !scalar.Tag.IsNonSpecific ? ReadPlain(scalar) : JsonValue.Create(scalar.Value);
        switch (tag)
        {
            case CoreTag + "str":
                return JsonValue.Create(scalar.Value);
            case CoreTag + "binary":
                return ReadBinary(scalar);
            case CoreTag + "null" or CoreTag + "bool" or CoreTag + "int" or CoreTag + "float":
                var expected = tag[CoreTag.Length..];
                var meaning = YamlScalar.Resolve(scalar.Value, out var value);
                var fits = expected switch
                {
                    "null" => meaning == YamlScalar.Meaning.Null,
                    "bool" => meaning == YamlScalar.Meaning.Boolean,
                    "int" => meaning == YamlScalar.Meaning.Integer,
                    _ => value is not null && meaning is YamlScalar.Meaning.Float or YamlScalar.Meaning.Integer,
                };
                return fits ? value : throw Fail(scalar, $"the value is tagged !!{expected} and is none");
            default:
                return JsonValue.Create(scalar.Value);
        }
    }

    private JsonValue? ReadPlain(Scalar scalar)
    {
        var meaning = YamlScalar.Resolve(scalar.Value, out var value);
        return meaning switch
        {
            YamlScalar.Meaning.Text => JsonValue.Create(scalar.Value),
            YamlScalar.Meaning.Float when value is null => throw Fail(scalar, $"{scalar.Value} is a number that JSON does not have; quote it if text is meant"),
            _ => value,
        };
    }

    private JsonValue ReadBinary(Scalar scalar)
    {
        try
        {
            return JsonValue.Create(new UTF8Encoding(false, true).GetString(Convert.FromBase64String(scalar.Value)));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new KubernetesYamlException(PositionOf(scalar), PathText(), "the value is tagged !!binary and is not base64 of UTF-8 text", exception);
        }
    }

    private KubernetesYamlException Fail(ParsingEvent at, string problem) => new(PositionOf(at), PathText(), problem);

    private static string KeyText(string key) =>
        key.Length > 100 ? "." + key[..100] : key.AsSpan().IndexOfAny('.', '[', '/') >= 0 ? $"[{key}]" : "." + key;

    private string PathText() => string.Concat(_path).TrimStart('.');
}
