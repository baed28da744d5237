using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Patroni's REST API over HTTP, versions 3 and 4.</summary>
/// <remarks>Patroni reads bodies by <c>Content-Length</c> only, closes the connection after each answer, and sends errors as text or HTML.</remarks>
public sealed class PatroniClient : IPatroniClient, IDisposable
{
    private const int LongestAnswer = 4 * 1024 * 1024;
    private static readonly TimeSpan DefaultStartTimeout = TimeSpan.FromSeconds(300);

    private readonly HttpClient _http;
    private readonly PatroniClientOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes a client that opens its own connections.</summary>
    /// <param name="options">Certificates, password, deadlines.</param>
    /// <param name="timeProvider">The clock of deadlines and pauses.</param>
    public PatroniClient(PatroniClientOptions options, TimeProvider timeProvider)
        : this(options, timeProvider, Handler(options), disposeHandler: true)
    {
    }

    /// <summary>Makes a client over a transport of the caller, for example one that goes through the API server's pod proxy.</summary>
    /// <param name="options">Password and deadlines; certificates are the transport's business.</param>
    /// <param name="timeProvider">The clock of deadlines and pauses.</param>
    /// <param name="handler">The transport.</param>
    /// <param name="disposeHandler">Whether to dispose of it with the client.</param>
    public PatroniClient(PatroniClientOptions options, TimeProvider timeProvider, HttpMessageHandler handler, bool disposeHandler = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _options = options;
        _time = timeProvider;
        _http = new(handler, disposeHandler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <inheritdoc />
    public async Task<PatroniCluster> GetClusterAsync(Uri member, CancellationToken cancellationToken = default)
    {
        var answer = await ReadAsync(member, "/cluster", _options.StoreTimeout, cancellationToken).ConfigureAwait(false);
        return PatroniJson.Cluster(Object(answer));
    }

    /// <inheritdoc />
    public async Task<PatroniStatus> GetStatusAsync(Uri member, CancellationToken cancellationToken = default)
    {
        var answer = await ReadAsync(member, "/patroni", _options.ReadTimeout, cancellationToken).ConfigureAwait(false);
        return PatroniJson.Status(Object(answer));
    }

    /// <inheritdoc />
    public async Task<JsonObject?> GetConfigurationAsync(Uri member, CancellationToken cancellationToken = default)
    {
        // 502 says that there is no configuration; until 4.0.6 it was an empty object.
        var answer = await ReadAsync(member, "/config", _options.ReadTimeout, cancellationToken, HttpStatusCode.BadGateway).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.BadGateway ? null : Object(answer);
    }

    /// <inheritdoc />
    public async Task<JsonObject> PatchConfigurationAsync(Uri member, JsonObject patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return Object(await SendAsync(HttpMethod.Patch, member, "/config", patch, _options.StoreTimeout, cancellationToken).ConfigureAwait(false));
            }
            catch (PatroniException e) when (attempt < _options.Retries && e.Failure is PatroniFailure.Conflict or PatroniFailure.Unreachable)
            {
                await Task.Delay(_options.RetryDelay, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc />
    public async Task<JsonObject> ReplaceConfigurationAsync(Uri member, JsonObject configuration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Object(await SendAsync(HttpMethod.Put, member, "/config", configuration, _options.StoreTimeout, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc />
    public Task<SwitchoverResult> SwitchoverAsync(Uri member, SwitchoverRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = new JsonObject { ["leader"] = request.Leader };
        if (request.Candidate is not null) body["candidate"] = request.Candidate;
        if (request.ScheduledAt is { } at) body["scheduled_at"] = Iso(at);
        return ChangeLeaderAsync(member, "/switchover", body, request.Candidate, cancellationToken);
    }

    /// <inheritdoc />
    public Task<SwitchoverResult> FailoverAsync(Uri member, string candidate, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(candidate);
        return ChangeLeaderAsync(member, "/failover", new() { ["candidate"] = candidate }, candidate, cancellationToken);
    }

    /// <inheritdoc />
    public Task<bool> CancelSwitchoverAsync(Uri member, CancellationToken cancellationToken = default) => CancelAsync(member, "/switchover", cancellationToken);

    /// <inheritdoc />
    public async Task<RestartResult> RestartAsync(Uri member, RestartRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = new JsonObject();
        // The mere presence of the key means "only when pending".
        if (request.OnlyIfPending) body["restart_pending"] = true;
        if (request.Role is not null) body["role"] = request.Role;
        if (request.BelowVersion is not null) body["postgres_version"] = request.BelowVersion;
        if (request.Timeout is { } timeout) body["timeout"] = Math.Max(1, (long)Math.Ceiling(timeout.TotalSeconds));
        if (request.ScheduledAt is { } at) body["schedule"] = Iso(at);
        var deadline = request.ScheduledAt is not null ? _options.ReadTimeout : (request.Timeout ?? DefaultStartTimeout) + _options.RestartMargin;
        Answer answer;
        try
        {
            answer = await SendAsync(HttpMethod.Post, member, "/restart", body, deadline, cancellationToken, everyStatus: true).ConfigureAwait(false);
        }
        catch (PatroniException e) when (e.Failure == PatroniFailure.Timeout)
        {
            return new() { Outcome = RestartOutcome.Unknown, Text = e.Text };
        }

        Authorize(answer);
        return new() { Outcome = OutcomeOfRestart(answer), Text = answer.Text };
    }

    /// <inheritdoc />
    public Task<bool> CancelRestartAsync(Uri member, CancellationToken cancellationToken = default) => CancelAsync(member, "/restart", cancellationToken);

    /// <inheritdoc />
    public Task ReloadAsync(Uri member, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, member, "/reload", [], _options.ReadTimeout, cancellationToken);

    /// <inheritdoc />
    public async Task<ReinitializeResult> ReinitializeAsync(Uri member, ReinitializeRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = new JsonObject();
        if (request.Force) body["force"] = true;
        if (request.FromLeader) body["from_leader"] = true;
        var answer = await SendAsync(HttpMethod.Post, member, "/reinitialize", body, _options.StoreTimeout, cancellationToken, everyStatus: true).ConfigureAwait(false);
        Authorize(answer);
        return answer.Status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable ? new(answer.Status == HttpStatusCode.OK, answer.Text) : throw answer.Failed();
    }

    /// <inheritdoc />
    public async Task<HealthAnswer> CheckHealthAsync(Uri member, HealthCheck check, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(check);
        var answer = await SendAsync(HttpMethod.Get, member, check.Path, null, _options.HealthTimeout, cancellationToken, everyStatus: true).ConfigureAwait(false);
        Authorize(answer);
        if (answer.Status is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable)) throw answer.Failed();
        return new(answer.Status == HttpStatusCode.OK, PatroniJson.TryParse(answer.Text) is JsonObject status ? PatroniJson.Status(status) : null);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TimelineChange>> GetHistoryAsync(Uri member, CancellationToken cancellationToken = default)
    {
        var answer = await ReadAsync(member, "/history", _options.ReadTimeout, cancellationToken).ConfigureAwait(false);
        return PatroniJson.TryParse(answer.Text) is JsonArray history ? PatroniJson.History(history) : throw answer.Unreadable("a list");
    }

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, string>?> GetFailsafeMembersAsync(Uri member, CancellationToken cancellationToken = default)
    {
        var answer = await ReadAsync(member, "/failsafe", _options.ReadTimeout, cancellationToken, HttpStatusCode.BadGateway).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.BadGateway) return null;
        return Object(answer).Where(m => m.Value is JsonValue).ToDictionary(m => m.Key, m => PatroniJson.Text(m.Value) ?? "", StringComparer.Ordinal);
    }

    /// <inheritdoc />
    public async Task<string> GetMetricsAsync(Uri member, CancellationToken cancellationToken = default) =>
        (await ReadAsync(member, "/metrics", _options.ReadTimeout, cancellationToken).ConfigureAwait(false)).Text;

    private async Task<SwitchoverResult> ChangeLeaderAsync(Uri member, string path, JsonObject body, string? candidate, CancellationToken cancellationToken)
    {
        Answer answer;
        try
        {
            answer = await SendAsync(HttpMethod.Post, member, path, body, _options.SwitchoverTimeout, cancellationToken, everyStatus: true).ConfigureAwait(false);
        }
        catch (PatroniException e) when (e.Failure == PatroniFailure.Timeout)
        {
            return new() { Outcome = SwitchoverOutcome.Unknown, Text = e.Text };
        }

        Authorize(answer);
        var leader = PatroniText.NewLeader(answer.Text);
        var outcome = answer.Status switch
        {
            // The status is 200 too when somebody else was promoted.
            HttpStatusCode.OK => candidate is not null && leader is not null && leader != candidate ? SwitchoverOutcome.OtherLeader : SwitchoverOutcome.Done,
            HttpStatusCode.Accepted => SwitchoverOutcome.Scheduled,
            HttpStatusCode.BadRequest or HttpStatusCode.PreconditionFailed or HttpStatusCode.UnprocessableEntity => SwitchoverOutcome.Refused,
            HttpStatusCode.ServiceUnavailable => answer.Text.Contains("unknown", StringComparison.OrdinalIgnoreCase) ? SwitchoverOutcome.Unknown : SwitchoverOutcome.Failed,
            _ => throw answer.Failed(),
        };
        return new() { Outcome = outcome, NewLeader = answer.Status == HttpStatusCode.OK ? leader ?? candidate : null, Text = answer.Text };
    }

    private static RestartOutcome OutcomeOfRestart(Answer answer) => answer.Status switch
    {
        HttpStatusCode.OK => RestartOutcome.Done,
        HttpStatusCode.Accepted => RestartOutcome.Scheduled,
        HttpStatusCode.Conflict => RestartOutcome.Busy,
        HttpStatusCode.BadRequest => answer.Text.Contains("restart failed", StringComparison.OrdinalIgnoreCase) ? RestartOutcome.Failed : RestartOutcome.Refused,
        HttpStatusCode.UnprocessableEntity or HttpStatusCode.InternalServerError => RestartOutcome.Refused,
        HttpStatusCode.ServiceUnavailable when answer.Text.Contains("not satisfied", StringComparison.OrdinalIgnoreCase) => RestartOutcome.NotNeeded,
        HttpStatusCode.ServiceUnavailable when answer.Text.Contains("already in progress", StringComparison.OrdinalIgnoreCase) => RestartOutcome.Busy,
        HttpStatusCode.ServiceUnavailable when answer.Text.Contains("still starting", StringComparison.OrdinalIgnoreCase) => RestartOutcome.StillStarting,
        HttpStatusCode.ServiceUnavailable => RestartOutcome.Failed,
        _ => throw answer.Failed(),
    };

    private async Task<bool> CancelAsync(Uri member, string path, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Delete, member, path, null, _options.StoreTimeout, cancellationToken, everyStatus: true).ConfigureAwait(false);
        Authorize(answer);
        return answer.Status switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.NotFound => false,
            _ => throw answer.Failed(),
        };
    }

    // Reading changes nothing, so it is tried again.
    private async Task<Answer> ReadAsync(Uri member, string path, TimeSpan deadline, CancellationToken cancellationToken, HttpStatusCode? alsoAnAnswer = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var answer = await SendAsync(HttpMethod.Get, member, path, null, deadline, cancellationToken, everyStatus: true).ConfigureAwait(false);
                return answer.Status == HttpStatusCode.OK || answer.Status == alsoAnAnswer ? answer : throw answer.Failed();
            }
            catch (PatroniException e) when (attempt < _options.Retries && e.Failure is PatroniFailure.Unreachable or PatroniFailure.Unavailable)
            {
                await Task.Delay(_options.RetryDelay, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<Answer> SendAsync(
        HttpMethod method, Uri member, string path, JsonObject? body, TimeSpan deadline, CancellationToken cancellationToken, bool everyStatus = false)
    {
        ArgumentNullException.ThrowIfNull(member);
        var call = $"{method} {path}";
        using var timeout = new CancellationTokenSource(deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(member, path));
            request.Headers.ConnectionClose = true;
            if (_options.UserName is { } user)
                request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{_options.Password?.Invoke()}")));
            // Bytes have a known length; content that is streamed would be sent in chunks, which Patroni takes for an empty body.
            if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            var text = await TextAsync(response, both.Token).ConfigureAwait(false);
            var answer = new Answer(call, member, response.StatusCode, text);
            return everyStatus || response.IsSuccessStatusCode ? answer : throw answer.Failed();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PatroniException(PatroniFailure.Timeout, call, member, null, $"no answer within {deadline.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw new PatroniException(PatroniFailure.Unreachable, call, member, null, e.InnerException?.Message ?? e.Message, e);
        }
    }

    private static async Task<string> TextAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(LongestAnswer, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }

    private static JsonObject Object(Answer answer) => PatroniJson.TryParse(answer.Text) as JsonObject ?? throw answer.Unreadable("an object");

    private static void Authorize(Answer answer)
    {
        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) throw answer.Failed();
    }

    private static string Iso(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);

    private static SocketsHttpHandler Handler(PatroniClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        if (options.ClientCertificate is { } client) handler.SslOptions.ClientCertificates = [client];
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(options, certificate, chain, errors);
        return handler;
    }

    private static bool IsTrusted(PatroniClientOptions options, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return false;
        if (options.VerifyHostName && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        if (options.CertificateAuthorities is not { Count: > 0 } authorities) return !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (chain is not null) own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        using var copy = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(copy);
    }

    private readonly record struct Answer(string Call, Uri Member, HttpStatusCode Status, string Body)
    {
        public string Text => Body.Trim();

        public PatroniException Failed()
        {
            var failure = (int)Status switch
            {
                401 or 403 => PatroniFailure.Unauthorized,
                409 => PatroniFailure.Conflict,
                >= 400 and < 500 => PatroniFailure.Refused,
                _ => PatroniFailure.Unavailable,
            };
            return new(failure, Call, Member, Status, PatroniText.OfError(Text));
        }

        public PatroniException Unreadable(string expected) =>
            new(PatroniFailure.Unreadable, Call, Member, Status, $"the answer is not {expected}: {(Text.Length > 200 ? Text[..200] + "..." : Text)}");
    }
}
