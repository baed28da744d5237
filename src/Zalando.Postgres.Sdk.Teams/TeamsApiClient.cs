using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Teams;

/// <summary>The Teams API: <c>GET &lt;url&gt;/teams/&lt;team&gt;</c> with a bearer token.</summary>
public sealed class TeamsApiClient : ITeamDirectory, IDisposable
{
    private const int LongestAnswer = 4 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly TeamsApiOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a client.</summary>
    /// <param name="options">Address, token, deadline.</param>
    /// <param name="timeProvider">The clock of the deadline.</param>
    /// <param name="handler">The transport; null for one of its own. Redirects should not be followed: they would carry the token elsewhere.</param>
    public TeamsApiClient(TeamsApiOptions options, TimeProvider timeProvider, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _options = options;
        _time = timeProvider;
        _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, disposeHandler: handler is null) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <inheritdoc />
    public async Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(team);
        // These would be taken for steps in the address, and whatever is there for a team.
        if (team is "." or "..") return null;
        var token = "";
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var address = new Uri($"{_options.Url.AbsoluteUri.TrimEnd('/')}/teams/{Uri.EscapeDataString(team)}");
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            token = (await _options.Token(both.Token).ConfigureAwait(false)).Trim();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(LongestAnswer, both.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(both.Token).ConfigureAwait(false);
            // The API says 404 for a team that exists only here.
            if (response.StatusCode == HttpStatusCode.NotFound) return null;
            if (response.StatusCode != HttpStatusCode.OK) throw new TeamDirectoryException(Without(token, Explain(team, response.StatusCode, body))) { Status = response.StatusCode };
            return new(team, Members(team, body));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TeamDirectoryException($"team \"{team}\": no answer from {Address} within {_options.Timeout.TotalSeconds:0.###} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or NotSupportedException or FormatException)
        {
            throw new TeamDirectoryException($"team \"{team}\": {Address}: {Without(token, e.Message)}", token.Length >= 8 && e.ToString().Contains(token, StringComparison.Ordinal) ? null : e);
        }
    }

    // Without a user name and password that somebody wrote into it.
    private string Address => _options.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    // A server may repeat what it was sent. What is shorter is no secret and part of many words.
    private static string Without(string token, string text) => token.Length < 8 ? text : text.Replace(token, "***", StringComparison.Ordinal);

    private static string[] Members(string team, string body)
    {
        if (Parse(body, out var error) is not JsonObject json) throw new TeamDirectoryException($"team \"{team}\": could not parse team API response: {error ?? "it is no object"}") { Status = HttpStatusCode.OK };
        return json["member"] is JsonArray members
            ? members.OfType<JsonValue>().Select(m => m.TryGetValue(out string? name) ? name : "").Where(n => n.Length > 0).Distinct(StringComparer.Ordinal).ToArray()
            : [];
    }

    private static string Explain(string team, HttpStatusCode status, string body)
    {
        var text = $"team \"{team}\": team API query failed with status code {(int)status}";
        if (Parse(body, out var error) is not JsonObject json) return $"{text} and malformed response: {error ?? "it is no object"}";
        return json["error"] is { } message ? $"{text} and message: '{message.ToJsonString()}'" : text;
    }

    private static JsonNode? Parse(string body, out string? error)
    {
        error = null;
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException e)
        {
            error = e.Message;
            return null;
        }
    }
}
