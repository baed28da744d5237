using System.Globalization;

namespace Zalando.Postgres.Operator;

/// <summary>Asks the operator of the same pod for its health. The health port listens on loopback only, where the kubelet's own HTTP probes do not
/// reach it; an <c>exec</c> probe of the pod runs this instead.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether the arguments ask for a probe and not for the operator.</summary>
    public static bool IsWanted(IReadOnlyList<string> arguments) => arguments.Count > 0 && arguments[0] == "probe";

    /// <summary>Prints the answer of the operator.</summary>
    /// <returns>The exit code: 0 healthy, 1 unhealthy or no answer, 64 when the arguments are wrong.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, int port)
    {
        if (arguments is not ["probe", "live" or "ready"])
        {
            await Console.Error.WriteLineAsync("usage: probe live|ready").ConfigureAwait(false);
            return 64;
        }

        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{arguments[1]}z"))).ConfigureAwait(false);
            Console.WriteLine(await answer.Content.ReadAsStringAsync().ConfigureAwait(false));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"The operator does not answer on port {port.ToString(CultureInfo.InvariantCulture)}: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }
}
