namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Compares versions of stored objects. The API server writes them as whole numbers that only grow.</summary>
internal static class ResourceVersion
{
    /// <summary>Whether <paramref name="version"/> is older than <paramref name="than"/>. Versions that are no numbers are never older.</summary>
    public static bool IsOlder(string? version, string? than)
    {
        if (version is null || than is null || !IsNumber(version) || !IsNumber(than)) return false;
        var left = version.AsSpan().TrimStart('0');
        var right = than.AsSpan().TrimStart('0');
        return left.Length != right.Length ? left.Length < right.Length : left.SequenceCompareTo(right) < 0;
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
}
