using System.Globalization;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>A set of characters, written as ranges of hexadecimal numbers.</summary>
internal sealed class CodePointSet
{
    private readonly int[] _first;
    private readonly int[] _last;

    public CodePointSet(string text)
    {
        var ranges = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split('-')).ToArray();
        _first = [.. ranges.Select(r => Hex(r[0]))];
        _last = [.. ranges.Select(r => Hex(r[^1]))];
    }

    public IEnumerable<int> All => _first.Zip(_last).SelectMany(r => Enumerable.Range(r.First, r.Second - r.First + 1));

    public bool Contains(int c)
    {
        var index = Array.BinarySearch(_first, c);
        if (index >= 0) return true;
        index = ~index - 1;
        return index >= 0 && c <= _last[index];
    }

    public static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
