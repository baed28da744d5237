namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Normalization form KC of Unicode.</summary>
internal static class CompatibilityComposition
{
    // Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
    private const int SyllableBase = 0xAC00;
    private const int LeadingBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailingBase = 0x11A7;
    private const int LeadingCount = 19;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;
    private const int SyllableCount = LeadingCount * VowelCount * TrailingCount;

    public static List<int> Of(IEnumerable<int> text)
    {
        var tables = SaslPrepTables.Instance;
        var characters = new List<int>();
        foreach (var c in text) Decompose(tables, c, characters);
        Order(tables, characters);
        return Compose(tables, characters);
    }

    private static void Decompose(SaslPrepTables tables, int c, List<int> into)
    {
        var syllable = c - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            into.Add(LeadingBase + (syllable / (VowelCount * TrailingCount)));
            into.Add(VowelBase + (syllable % (VowelCount * TrailingCount) / TrailingCount));
            if (syllable % TrailingCount > 0) into.Add(TrailingBase + (syllable % TrailingCount));
        }
        else if (tables.DecompositionOf(c) is { } parts) into.AddRange(parts);
        else into.Add(c);
    }

    // Marks between two starters are sorted by their class; equal ones keep their order.
    private static void Order(SaslPrepTables tables, List<int> characters)
    {
        for (var i = 1; i < characters.Count; i++)
        {
            var current = tables.ClassOf(characters[i]);
            if (current == 0) continue;
            for (var j = i; j > 0 && tables.ClassOf(characters[j - 1]) > current; j--) (characters[j - 1], characters[j]) = (characters[j], characters[j - 1]);
        }
    }

    private static List<int> Compose(SaslPrepTables tables, List<int> characters)
    {
        var result = new List<int>(characters.Count);
        var starter = -1;
        var lastClass = -1;
        foreach (var c in characters)
        {
            var current = tables.ClassOf(c);
            if (starter >= 0 && (lastClass < current || lastClass == -1) && Pair(tables, result[starter], c) is { } composed)
            {
                result[starter] = composed;
                continue;
            }

            if (current == 0)
            {
                starter = result.Count;
                lastClass = -1;
            }
            else lastClass = current;
            result.Add(c);
        }

        return result;
    }

    private static int? Pair(SaslPrepTables tables, int first, int second)
    {
        if (first - LeadingBase is >= 0 and < LeadingCount && second - VowelBase is >= 0 and < VowelCount)
            return SyllableBase + ((((first - LeadingBase) * VowelCount) + (second - VowelBase)) * TrailingCount);
        if (first - SyllableBase is >= 0 and < SyllableCount && (first - SyllableBase) % TrailingCount == 0 && second - TrailingBase is > 0 and < TrailingCount)
            return first + (second - TrailingBase);
        return tables.CompositionOf(first, second);
    }
}
