using System.Collections.Frozen;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Tables of RFC 3454 and of Unicode normalization. The runtime's own are empty in a program with invariant globalization.</summary>
internal sealed class SaslPrepTables
{
    private readonly FrozenDictionary<int, int[]> _decompositions;
    private readonly FrozenDictionary<(int First, int Second), int> _compositions;
    private readonly FrozenDictionary<int, int> _classes;

    private SaslPrepTables(IReadOnlyDictionary<string, string> lines)
    {
        Nothing = new(lines["nothing"]);
        Space = new(lines["space"]);
        Prohibited = new(lines["prohibited"]);
        Unassigned = new(lines["unassigned"]);
        RightToLeft = new(lines["right-to-left"]);
        LeftToRight = new(lines["left-to-right"]);
        _decompositions = Words(lines["decomposition"]).Select(w => w.Split('=')).ToFrozenDictionary(w => CodePointSet.Hex(w[0]), w => w[1].Split('+').Select(CodePointSet.Hex).ToArray());
        _compositions = Words(lines["composition"]).Select(w => w.Split('+', '=')).ToFrozenDictionary(w => (CodePointSet.Hex(w[0]), CodePointSet.Hex(w[1])), w => CodePointSet.Hex(w[2]));
        var classes = new Dictionary<int, int>();
        foreach (var (name, text) in lines.Where(l => l.Key.StartsWith("class", StringComparison.Ordinal)))
        {
            var number = int.Parse(name.AsSpan("class".Length), CultureInfo.InvariantCulture);
            foreach (var c in new CodePointSet(text).All) classes[c] = number;
        }

        _classes = classes.ToFrozenDictionary();
    }

    /// <summary>The tables, read at the first password that needs them.</summary>
    public static SaslPrepTables Instance => Lazily.Value;

    public CodePointSet Nothing { get; }

    public CodePointSet Space { get; }

    public CodePointSet Prohibited { get; }

    public CodePointSet Unassigned { get; }

    public CodePointSet RightToLeft { get; }

    public CodePointSet LeftToRight { get; }

    private static Lazy<SaslPrepTables> Lazily { get; } = new(Read);

    /// <summary>The full compatibility decomposition of a character; null for itself.</summary>
    public int[]? DecompositionOf(int c) => _decompositions.GetValueOrDefault(c);

    public int? CompositionOf(int first, int second) => _compositions.TryGetValue((first, second), out var composed) ? composed : null;

    public int ClassOf(int c) => _classes.GetValueOrDefault(c);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static SaslPrepTables Read()
    {
        using var stream = typeof(SaslPrepTables).Assembly.GetManifestResourceStream("SaslPrepTables.txt")!;
        using var reader = new StreamReader(stream);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0) lines[line[..blank]] = line[(blank + 1)..];
        }

        return new(lines);
    }
}
