namespace Zalando.Postgres.Sdk.Testing.Patroni;

/// <summary>An answer that a test gives instead of the fake's own.</summary>
/// <param name="Status">Status code; 0 closes the connection without an answer, -1 never answers.</param>
/// <param name="Body">Body.</param>
/// <param name="ContentType">Its type; null sends a status line without any header, as Patroni does for some paths.</param>
public sealed record FakePatroniAnswer(int Status, string Body = "", string? ContentType = "text/html")
{
    /// <summary>Closes the connection without an answer.</summary>
    public static FakePatroniAnswer Broken { get; } = new(0);

    /// <summary>Never answers.</summary>
    public static FakePatroniAnswer Silent { get; } = new(-1);
}
