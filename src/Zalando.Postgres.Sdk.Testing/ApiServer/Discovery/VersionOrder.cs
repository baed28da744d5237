namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>v2 before v1, and both before v1beta2, v1beta1, v1alpha1; other names last.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y) => Rank(x ?? "").CompareTo(Rank(y ?? ""));

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        if (!version.StartsWith('v')) return (-1, 0, 0);
        var at = version.IndexOfAny(['a', 'b'], 1);
        if (!int.TryParse(at < 0 ? version[1..] : version[1..at], out var major)) return (-1, 0, 0);
        if (at < 0) return (2, major, 0);
        var beta = version[at] == 'b';
        var minor = version[(at + (beta ? 4 : 5))..];
        return (beta ? 1 : 0, major, int.TryParse(minor, out var number) ? number : 0);
    }
}
