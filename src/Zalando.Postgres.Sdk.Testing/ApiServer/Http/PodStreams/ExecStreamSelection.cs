using Microsoft.AspNetCore.Http;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Which streams a client asks for.</summary>
internal sealed record ExecStreamSelection(bool Input, bool Output, bool Error, bool Terminal)
{
    /// <summary>Reads the query of the request. A terminal has no error output of its own.</summary>
    public static ExecStreamSelection Of(IQueryCollection query) =>
        new(IsTrue(query["stdin"]), IsTrue(query["stdout"]), IsTrue(query["stderr"]) && !IsTrue(query["tty"]), IsTrue(query["tty"]));

    // As the real server reads flags: everything but nothing, "false" and "0". Python's client writes "True".
    private static bool IsTrue(string? value) => value is { Length: > 0 } and not "0" && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);
}
