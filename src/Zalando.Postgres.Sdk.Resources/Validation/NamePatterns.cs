using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>What names may look like. None of the expressions can backtrack for long.</summary>
internal static partial class NamePatterns
{
    /// <summary>Longest identifier of PostgreSQL, in bytes.</summary>
    internal const int LongestIdentifier = 63;

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex ServiceName();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex ContainerName();

    [GeneratedRegex(@"^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex RoleName();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex DatabaseName();

    [GeneratedRegex("^[a-z0-9_]{1,63}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex SlotName();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex ParameterName();

    [GeneratedRegex("^([A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex LabelValue();
}
