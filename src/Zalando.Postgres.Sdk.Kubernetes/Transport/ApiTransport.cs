using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Telemetry;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Sends requests: one handler, a slot per request, a deadline per try and per call, retries where they cannot do harm.</summary>
internal sealed partial class ApiTransport : IDisposable
{
    private static readonly ResiliencePropertyKey<ApiRequest> RequestKey = new("request");
    private static readonly ResiliencePropertyKey<long> DeadlineKey = new("deadline");

    private readonly KubernetesClientConfiguration _configuration;
    private readonly KubernetesClientOptions _options;
    private readonly HttpMessageInvoker _invoker;
    private readonly RequestLanes _lanes;
    private readonly ResiliencePipeline<PooledBody?> _retries;
    private readonly TimeProvider _time;
    private readonly string _root;

    public ApiTransport(KubernetesClientConfiguration configuration, KubernetesClientOptions options)
    {
        _configuration = configuration;
        _options = options;
        _time = options.TimeProvider;
        _root = configuration.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _lanes = new RequestLanes(options.MaximumRequests, options.MaximumBackgroundRequests, options.ReservedRequests);
        CredentialHandler? credentials = null;
#pragma warning disable CA2000 // the invoker disposes the chain
        var inner = configuration.Handler ?? ConnectionHandler.Create(configuration, () => credentials?.CurrentCertificate);
        credentials = new CredentialHandler(configuration, inner, ownsInner: configuration.Handler is null);
        _invoker = new HttpMessageInvoker(credentials, disposeHandler: true);
#pragma warning restore CA2000
        _retries = new ResiliencePipelineBuilder<PooledBody?> { TimeProvider = _time }
            .AddRetry(new RetryStrategyOptions<PooledBody?>
            {
                MaxRetryAttempts = Math.Max(1, options.MaximumRetries),
                BackoffType = DelayBackoffType.Exponential,
                Delay = options.RetryDelay,
                UseJitter = true,
                Randomizer = options.Random,
                MaxDelay = TimeSpan.FromSeconds(10),
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is KubernetesApiException failure && ShallRetry(arguments.Context, failure)),
                DelayGenerator = static arguments => ValueTask.FromResult((arguments.Outcome.Exception as KubernetesApiException)?.RetryAfter),
                OnRetry = arguments =>
                {
                    var request = arguments.Context.Properties.GetValue(RequestKey, null!);
                    KubernetesTelemetry.Retries.Add(1, Tag("verb", request.Verb), Tag("resource", request.Kind.QualifiedName));
                    LogRetry(options.Logger, request.ToString(), arguments.AttemptNumber + 1, arguments.RetryDelay, arguments.Outcome.Exception!.Message);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Sends a request and reads the whole answer; null when there is no such object and the request allows that.</summary>
    public async Task<PooledBody?> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var status = "200";
        using var activity = StartActivity(request);
        using var deadline = new CancellationTokenSource(request.Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, linked.Token);
        context.Properties.Set(RequestKey, request);
        context.Properties.Set(DeadlineKey, started + (long)(request.Timeout.TotalSeconds * _time.TimestampFrequency));
        try
        {
            var body = await _retries.ExecuteAsync(static (context, self) => self.TryOnceAsync(context.Properties.GetValue(RequestKey, null!), context.CancellationToken), context, this)
                .ConfigureAwait(false);
            if (body is null) status = "404";
            return body;
        }
        catch (KubernetesApiException exception)
        {
            status = exception.StatusCode == 0 ? "none" : exception.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            status = "none";
            activity?.SetStatus(ActivityStatusCode.Error, "deadline");
            throw ApiFailure.TooLate(request.ToString(), request.Timeout, exception);
        }
        catch (OperationCanceledException)
        {
            status = "cancelled";
            throw;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
            activity?.SetTag("http.response.status_code", status);
            KubernetesTelemetry.RequestDurations.Record(_time.GetElapsedTime(started).TotalSeconds,
                Tag("verb", request.Verb), Tag("resource", request.Kind.QualifiedName), Tag("status", status));
        }
    }

    /// <summary>Opens a stream of JSON or text: a watch, a log. The answer's headers must come within the deadline of one try; the stream has none.</summary>
    public async Task<(HttpResponseMessage Response, Stream Body)> OpenAsync(ApiRequest request, bool expectsJson, CancellationToken cancellationToken)
    {
        using var activity = StartActivity(request);
        using var deadline = new CancellationTokenSource(_options.AttemptTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        HttpResponseMessage? response = null;
        var started = _time.GetTimestamp();
        var status = "none";
        try
        {
            using var message = Message(request);
            response = await _invoker.SendAsync(message, linked.Token).ConfigureAwait(false);
            status = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            LogWarnings(request, response);
            var stream = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && (!expectsJson || IsJson(response.Content.Headers.ContentType))) return (response, stream);
            // A body that does not end must not hold up the error that it describes.
            using var excerpt = await ReadExcerptAsync(stream, linked.Token).ConfigureAwait(false);
            throw Failure(request, response, excerpt.Span);
        }
        catch (Exception exception)
        {
            response?.Dispose();
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (cancellationToken.IsCancellationRequested) status = "cancelled";
            if (Translate(request, exception, _options.AttemptTimeout, cancellationToken) is { } translated) throw translated;
            throw;
        }
        finally
        {
            activity?.SetTag("http.response.status_code", status);
            KubernetesTelemetry.RequestDurations.Record(_time.GetElapsedTime(started).TotalSeconds,
                Tag("verb", request.Verb), Tag("resource", request.Kind.QualifiedName), Tag("status", status));
        }
    }

    /// <summary>Opens a web socket on the same connections, certificates, proxy and credentials as requests.</summary>
    public async Task<ClientWebSocket> OpenSocketAsync(string path, string query, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        var address = new UriBuilder($"{_root}{path}?{query}");
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        var asked = $"GET {path}";
        var socket = new ClientWebSocket();
        using var deadline = new CancellationTokenSource(_options.AttemptTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            foreach (var protocol in protocols) socket.Options.AddSubProtocol(protocol);
            socket.Options.SetRequestHeader("User-Agent", _options.UserAgent);
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(30);
            await socket.ConnectAsync(address.Uri, _invoker, linked.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception)
        {
            var code = (int)socket.HttpStatusCode;
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            switch (exception)
            {
                case OperationCanceledException:
                    throw ApiFailure.TooLate(asked, _options.AttemptTimeout, exception);
                case WebSocketException when code is not (0 or 101):
                    throw await ReasonAsync(asked, $"{_root}{path}?{query}", code, linked.Token).ConfigureAwait(false)
                        ?? new KubernetesApiException(code, null, $"{asked}: {code}: the server did not open a web socket", innerException: exception);
                case WebSocketException or HttpRequestException or KubernetesCredentialException:
                    throw ApiFailure.Unanswered(asked, exception);
                default:
                    throw;
            }
        }
    }

    // A refused web socket keeps its body to itself. Refusals for lack of rights or of the object are the same without the upgrade, and nothing runs without one.
    private async Task<KubernetesApiException?> ReasonAsync(string asked, string address, int code, CancellationToken cancellationToken)
    {
        if (code is not (401 or 403 or 404)) return null;
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(address));
            message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
            message.Headers.TryAddWithoutValidation("Accept", "application/json");
            using var response = await _invoker.SendAsync(message, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode != code) return null;
            using var body = await ReadExcerptAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return ApiFailure.ReadStatus(body.Span) is null
                ? null
                : ApiFailure.FromAnswer(asked, code, response.Content.Headers.ContentType?.MediaType, body.Span, response.Headers.RetryAfter, _time.GetUtcNow());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or KubernetesCredentialException)
        {
            return null;
        }
    }

    public void Dispose() => _invoker.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private static bool IsJson(MediaTypeHeaderValue? type) =>
        type?.MediaType is null || type.MediaType.EndsWith("json", StringComparison.OrdinalIgnoreCase);

    private static Activity? StartActivity(ApiRequest request)
    {
        var activity = KubernetesTelemetry.Activities.StartActivity($"kubernetes {request.Verb} {request.Kind.Plural}", ActivityKind.Client);
        activity?.SetTag("http.request.method", request.Method.Method).SetTag("url.path", request.Path);
        return activity;
    }

    private static async Task<PooledBody> ReadExcerptAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var slice = new LeadingStream(stream, 64 * 1024);
        return (await PooledBody.ReadAsync(slice, null, int.MaxValue, cancellationToken).ConfigureAwait(false))!;
    }

    private async ValueTask<PooledBody?> TryOnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var waiting = _time.GetTimestamp();
        var priority = RequestPriorityScope.Current;
        using var slot = await _lanes.EnterAsync(priority, cancellationToken).ConfigureAwait(false);
        KubernetesTelemetry.SlotWaits.Record(_time.GetElapsedTime(waiting).TotalSeconds, Tag("priority", priority.ToString()));
        var limit = request.Timeout < _options.AttemptTimeout || request.Verb == "list" ? request.Timeout : _options.AttemptTimeout;
        using var deadline = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var message = Message(request);
            using var response = await _invoker.SendAsync(message, linked.Token).ConfigureAwait(false);
            LogWarnings(request, response);
            var stream = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var body = await PooledBody.ReadAsync(stream, response.Content.Headers.ContentLength, request.MaximumAnswer, linked.Token).ConfigureAwait(false)
                    ?? throw new KubernetesApiException((int)response.StatusCode, null, $"{request}: the answer has more than {request.MaximumAnswer} bytes");
                if (response.IsSuccessStatusCode && IsJson(response.Content.Headers.ContentType)) return body;
                using (body)
                {
                    var failure = Failure(request, response, body.Span);
                    // "404 page not found" without a Status means that the server does not serve the kind at all, which is no answer to "is it there?".
                    if (failure is { IsNotFound: true, Status: not null } && request.MayBeMissing) return null;
                    throw failure;
                }
            }
        }
        catch (Exception exception)
        {
            if (Translate(request, exception, limit, cancellationToken) is { } translated) throw translated;
            throw;
        }
    }

    private KubernetesApiException Failure(ApiRequest request, HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var code = (int)response.StatusCode;
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        return response.IsSuccessStatusCode
            ? ApiFailure.NotJson(request.ToString(), code, mediaType, body)
            : ApiFailure.FromAnswer(request.ToString(), code, mediaType, body, response.Headers.RetryAfter, _time.GetUtcNow());
    }

    private static KubernetesApiException? Translate(ApiRequest request, Exception exception, TimeSpan limit, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when !cancellationToken.IsCancellationRequested => ApiFailure.TooLate(request.ToString(), limit, exception),
        HttpRequestException or IOException or KubernetesCredentialException or System.Net.Sockets.SocketException => ApiFailure.Unanswered(request.ToString(), exception),
        _ => null,
    };

    private HttpRequestMessage Message(ApiRequest request)
    {
        var address = request.Query.Length == 0 ? _root + request.Path : $"{_root}{request.Path}?{request.Query}";
        var message = new HttpRequestMessage(request.Method, new Uri(address))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        return message;
    }

    private bool ShallRetry(ResilienceContext context, KubernetesApiException failure)
    {
        if (_options.MaximumRetries == 0 || context.CancellationToken.IsCancellationRequested || failure.InnerException is KubernetesCredentialException) return false;
        var request = context.Properties.GetValue(RequestKey, null!);
        var may = request.Retry switch
        {
            RetryKind.Never => false,
            RetryKind.Idempotent => failure.IsTransient,
            _ => failure.StatusCode == 429 || failure is { StatusCode: 503, RetryAfter: not null } || WasNeverSent(failure),
        };
        if (!may) return false;
        // A pause that the call would not survive is the caller's business.
        var left = context.Properties.GetValue(DeadlineKey, 0L) - _time.GetTimestamp();
        return failure.RetryAfter is not { } pause || pause.TotalSeconds * _time.TimestampFrequency < left;
    }

    private static bool WasNeverSent(KubernetesApiException failure) =>
        failure.InnerException is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
        };

    private void LogWarnings(ApiRequest request, HttpResponseMessage response)
    {
        if (!response.Headers.Contains("Warning")) return;
        foreach (var warning in response.Headers.Warning) LogWarning(_options.Logger, request.ToString(), warning.Text);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Request}: try {Attempt} failed, next one in {Pause}: {Problem}")]
    private static partial void LogRetry(ILogger logger, string request, int attempt, TimeSpan pause, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Request}: the server warns: {Warning}")]
    private static partial void LogWarning(ILogger logger, string request, string warning);
}
