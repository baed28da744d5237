using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Durations as they stand in queries: <c>1h30m</c>, <c>0.5s</c>.</summary>
internal static partial class GoDuration
{
    public static bool IsValid(string text) => Form().IsMatch(text);

    [GeneratedRegex(@"\A[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+\z")]
    private static partial Regex Form();
}
