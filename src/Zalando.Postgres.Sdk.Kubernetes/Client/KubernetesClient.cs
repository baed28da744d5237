using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Transport;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>A client of one API server. Make one per server and keep it: all its calls share connections, slots and credentials. Safe for concurrent use.</summary>
/// <remarks>
/// Calls that may be repeated without harm (reads, replaces, merge and apply patches, deletes) are tried again after failures that may pass, within
/// their deadline; creates and JSON patches only when the server surely has not done them. <see cref="RequestPriorityScope"/> says which calls go first.
/// </remarks>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private readonly KubernetesClientOptions _options;
    private readonly ApiTransport _transport;

    /// <summary>A client for a server; connects with the first call.</summary>
    /// <param name="configuration">Where the server is and who calls.</param>
    /// <param name="options">How the client behaves; null for the defaults.</param>
    public KubernetesClient(KubernetesClientConfiguration configuration, KubernetesClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
        _options = options ?? new KubernetesClientOptions();
        _transport = new ApiTransport(configuration, _options);
    }

    /// <summary>Where the server is and who calls.</summary>
    public KubernetesClientConfiguration Configuration { get; }

    /// <inheritdoc />
    public Task<T?> GetAsync<T>(string? namespaceName, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => GetAsync(ObjectContract.Of<T>(), namespaceName, name, null, cancellationToken);

    /// <inheritdoc />
    public Task<JsonObject?> GetAsync(KubernetesKind kind, string? namespaceName, string name, CancellationToken cancellationToken) =>
        GetAsync(ObjectContract.Of(kind), namespaceName, name, null, cancellationToken);

    /// <inheritdoc />
    public Task<JsonObject?> GetAsync(KubernetesKind kind, string? namespaceName, string name, string? subresource, CancellationToken cancellationToken) =>
        GetAsync(ObjectContract.Of(kind), namespaceName, name, subresource, cancellationToken);

    /// <inheritdoc />
    public Task<KubernetesList<T>> ListAsync<T>(string? namespaceName, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => ListAsync(ObjectContract.Of<T>(), namespaceName, options, cancellationToken);

    /// <inheritdoc />
    public Task<KubernetesList<JsonObject>> ListAsync(KubernetesKind kind, string? namespaceName, ListOptions? options, CancellationToken cancellationToken) =>
        ListAsync(ObjectContract.Of(kind), namespaceName, options, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<KubernetesListPage<T>> ListPagesAsync<T>(string? namespaceName, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => ListPagesAsync(ObjectContract.Of<T>(), namespaceName, options, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<KubernetesListPage<JsonObject>> ListPagesAsync(KubernetesKind kind, string? namespaceName, ListOptions? options, CancellationToken cancellationToken) =>
        ListPagesAsync(ObjectContract.Of(kind), namespaceName, options, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? namespaceName, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => WatchAsync(ObjectContract.Of<T>(), namespaceName, options, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<WatchEvent<JsonObject>> WatchAsync(KubernetesKind kind, string? namespaceName, WatchOptions options, CancellationToken cancellationToken) =>
        WatchAsync(ObjectContract.Of(kind), namespaceName, options, cancellationToken);

    /// <inheritdoc />
    public Task<T> CreateAsync<T>(T value, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => CreateAsync(ObjectContract.Of<T>(), value, null, options, cancellationToken);

    /// <inheritdoc />
    public Task<JsonObject> CreateAsync(KubernetesKind kind, JsonObject value, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        CreateAsync(ObjectContract.Of(kind), value, subresource, options, cancellationToken);

    /// <inheritdoc />
    public Task<T> ReplaceAsync<T>(T value, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => ReplaceAsync(ObjectContract.Of<T>(), value, subresource, options, cancellationToken);

    /// <inheritdoc />
    public Task<JsonObject> ReplaceAsync(KubernetesKind kind, JsonObject value, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        ReplaceAsync(ObjectContract.Of(kind), value, subresource, options, cancellationToken);

    /// <inheritdoc />
    public Task<T> PatchAsync<T>(string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => PatchAsync(ObjectContract.Of<T>(), namespaceName, name, patch, subresource, options, cancellationToken);

    /// <inheritdoc />
    public Task<JsonObject> PatchAsync(KubernetesKind kind, string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken) =>
        PatchAsync(ObjectContract.Of(kind), namespaceName, name, patch, subresource, options, cancellationToken);

    /// <inheritdoc />
    public Task<bool> DeleteAsync<T>(string? namespaceName, string name, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<T> => DeleteAsync(T.Descriptor, namespaceName, name, options, cancellationToken);

    /// <inheritdoc />
    public async Task<bool> DeleteAsync(KubernetesKind kind, string? namespaceName, string name, DeleteOptions? options, CancellationToken cancellationToken)
    {
        var request = Request("delete", HttpMethod.Delete, kind, kind.ObjectPath(namespaceName, CheckName(name)), RetryKind.Idempotent) with
        {
            MayBeMissing = true,
            Body = options is null ? null : JsonSerializer.SerializeToUtf8Bytes(options, KubernetesJsonContext.Default.DeleteOptions),
        };
        using var body = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return body is not null;
    }

    /// <inheritdoc />
    public async Task DeleteCollectionAsync(KubernetesKind kind, string? namespaceName, ListOptions selection, DeleteOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(selection);
        var request = Request("deletecollection", HttpMethod.Delete, kind, kind.CollectionPath(namespaceName), RetryKind.Idempotent) with
        {
            Query = new QueryText().Add("labelSelector", selection.LabelSelector).Add("fieldSelector", selection.FieldSelector).ToString(),
            Body = options is null ? null : JsonSerializer.SerializeToUtf8Bytes(options, KubernetesJsonContext.Default.DeleteOptions),
            Timeout = _options.ListPageTimeout,
            MaximumAnswer = _options.MaximumPageSize,
        };
        using var answer = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<bool> OffersAsync(KubernetesKind kind, string? subresource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var path = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.Group}/{kind.Version}";
        var request = Request("get", HttpMethod.Get, kind, path, RetryKind.Idempotent) with { MaximumAnswer = _options.MaximumPageSize };
        var wanted = subresource is null ? kind.Plural : $"{kind.Plural}/{subresource}";
        try
        {
            using var body = (await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false))!;
            return Parse(body, KubernetesJsonContext.Default.JsonObject, request)["resources"] is JsonArray resources
                && resources.Any(r => r is JsonObject offered && offered["name"] is JsonValue name && name.TryGetValue(out string? text) && text == wanted);
        }
        catch (KubernetesApiException e) when (e.StatusCode == 404)
        {
            // A group that the server does not know is a page that it does not have.
            return false;
        }
    }

    /// <inheritdoc />
    public async Task<ExecResult> ExecAsync(
        string namespaceName, string podName, string container, IReadOnlyList<string> command, ExecOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        options ??= new ExecOptions();
        var query = new QueryText();
        foreach (var word in command) query.Add("command", word);
        query.Add("container", container).Add("stdin", options.Input is not null).Add("stdout", true).Add("stderr", true);
        var path = KubernetesKinds.Pod.ObjectPath(namespaceName, CheckName(podName), "exec");
        var limit = options.Timeout ?? _options.CallTimeout;
        using var deadline = new CancellationTokenSource(limit, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var socket = await _transport.OpenSocketAsync(path, query.ToString(), ExecSession.Protocols, linked.Token).ConfigureAwait(false);
            return await new ExecSession(socket, options, $"GET {path}").RunAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw ApiFailure.TooLate($"GET {path}", limit, exception);
        }
    }

    /// <inheritdoc />
    public async Task<Stream> OpenPortAsync(string namespaceName, string podName, int port, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        var path = KubernetesKinds.Pod.ObjectPath(namespaceName, CheckName(podName), "portforward");
        var query = new QueryText().Add("ports", port).ToString();
        return new ForwardedPortStream(await _transport.OpenSocketAsync(path, query, ForwardedPortStream.Protocols, cancellationToken).ConfigureAwait(false), $"GET {path}?{query}");
    }

    /// <inheritdoc />
    public async Task<Stream> OpenLogAsync(string namespaceName, string podName, string? container, LogOptions? options, CancellationToken cancellationToken)
    {
        options ??= new LogOptions();
        var query = new QueryText().Add("container", container).Add("follow", options.Follow).Add("previous", options.Previous)
            .Add("tailLines", options.TailLines).Add("limitBytes", options.LimitBytes);
        var request = Request("get", HttpMethod.Get, KubernetesKinds.Pod, KubernetesKinds.Pod.ObjectPath(namespaceName, CheckName(podName), "log"), RetryKind.Never) with
        {
            Query = query.ToString(),
            Accept = "*/*",
        };
        var (response, body) = await _transport.OpenAsync(request, expectsJson: false, cancellationToken).ConfigureAwait(false);
        return new ResponseStream(response, body);
    }

    /// <summary>Closes all connections. Calls that still run fail.</summary>
    public void Dispose() => _transport.Dispose();

    private static string CheckName(string name) =>
        string.IsNullOrEmpty(name) ? throw new ArgumentException("an object has a name; an empty one would address the whole collection", nameof(name)) : name;

    private static (string? Namespace, string Name) Address<T>(ObjectContract<T> contract, T value)
        where T : class
    {
        var identity = contract.Identify(value);
        if (string.IsNullOrEmpty(identity.Name)) throw new ArgumentException($"the {contract.Kind.Kind} has no metadata.name", nameof(value));
        return (Scope(contract.Kind, identity.Namespace), identity.Name);
    }

    private static string? Scope(KubernetesKind kind, string? namespaceName) => kind.Namespaced switch
    {
        true when string.IsNullOrEmpty(namespaceName) => throw new ArgumentException($"a {kind.Kind} lives in a namespace, and metadata.namespace is empty"),
        true => namespaceName,
        _ => null,
    };

    private static T Parse<T>(PooledBody body, JsonTypeInfo<T> typeInfo, ApiRequest request)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, typeInfo) ?? throw new JsonException("null");
        }
        catch (Exception exception) when (ObjectReader.IsMisfit(exception))
        {
            throw ApiFailure.Unreadable(request.ToString(), exception);
        }
    }

    private static ReadOnlyMemory<byte> Serialize(JsonNode body)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(bytes)) body.WriteTo(writer);
        return bytes.WrittenMemory;
    }

    private ApiRequest Request(string verb, HttpMethod method, KubernetesKind kind, string path, RetryKind retry) => new()
    {
        Verb = verb,
        Method = method,
        Kind = kind,
        Path = path,
        Retry = retry,
        Timeout = _options.CallTimeout,
        MaximumAnswer = _options.MaximumObjectSize,
    };

    private string WriteQuery(WriteOptions? options, bool mayForce) => new QueryText()
        .Add("fieldManager", options?.FieldManager ?? _options.FieldManager)
        .Add("dryRun", options?.DryRun == true ? "All" : null)
        .Add("fieldValidation", options?.FieldValidation)
        .Add("force", mayForce && options?.Force == true)
        .ToString();

    private async Task<T?> GetAsync<T>(ObjectContract<T> contract, string? namespaceName, string name, string? subresource, CancellationToken cancellationToken)
        where T : class
    {
        var path = contract.Kind.ObjectPath(Scope(contract.Kind, namespaceName), CheckName(name), subresource);
        var request = Request("get", HttpMethod.Get, contract.Kind, path, RetryKind.Idempotent) with { MayBeMissing = true };
        using var body = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return body is null ? null : Parse(body, contract.JsonTypeInfo, request);
    }

    private async Task<KubernetesList<T>> ListAsync<T>(ObjectContract<T> contract, string? namespaceName, ListOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        var items = new List<T>();
        var unreadable = new List<UnreadableObject>();
        var version = "";
        await foreach (var page in ListPagesAsync(contract, namespaceName, options, cancellationToken).ConfigureAwait(false))
        {
            items.AddRange(page.Items);
            unreadable.AddRange(page.Unreadable);
            version = page.ResourceVersion;
        }

        return new KubernetesList<T>(items, version) { Unreadable = unreadable };
    }

    private async IAsyncEnumerable<KubernetesListPage<T>> ListPagesAsync<T>(
        ObjectContract<T> contract, string? namespaceName, ListOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        options ??= new ListOptions();
        string? next = null;
        do
        {
            var query = new QueryText()
                .Add("labelSelector", options.LabelSelector)
                .Add("fieldSelector", options.FieldSelector)
                .Add("limit", options.PageSize > 0 ? options.PageSize : null)
                .Add("continue", next)
                // A continue token already says which version.
                .Add("resourceVersion", next is null && options.ResourceVersion is { Length: > 0 } version ? version : null)
                .Add("resourceVersionMatch", next is null && options.ResourceVersion is { Length: > 0 } exact && exact != "0" ? "Exact" : null);
            var request = Request("list", HttpMethod.Get, contract.Kind, contract.Kind.CollectionPath(namespaceName), RetryKind.Idempotent) with
            {
                Query = query.ToString(),
                Timeout = _options.ListPageTimeout,
                MaximumAnswer = _options.MaximumPageSize,
            };
            var page = await ReadPageAsync(contract, request, cancellationToken).ConfigureAwait(false);
            next = page.Continue;
            yield return new KubernetesListPage<T>(page.Items, page.ResourceVersion, page.Unreadable, next is null);
        }
        while (next is not null);
    }

    private async Task<ListPageReader<T>> ReadPageAsync<T>(ObjectContract<T> contract, ApiRequest request, CancellationToken cancellationToken)
        where T : class
    {
        using var body = (await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false))!;
        var page = new ListPageReader<T>(contract, request.ToString());
        try
        {
            page.Read(body.Span);
        }
        catch (JsonException exception)
        {
            throw ApiFailure.Unreadable(request.ToString(), exception);
        }

        return page;
    }

    private async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ObjectContract<T> contract, string? namespaceName, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        var spread = _options.LongestWatch - _options.ShortestWatch;
        var asked = options.Timeout ?? _options.ShortestWatch + spread * _options.Random();
        var query = new QueryText()
            .Add("watch", true)
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .Add("resourceVersion", options.ResourceVersion)
            .Add("allowWatchBookmarks", options.AllowBookmarks)
            .Add("timeoutSeconds", (long)Math.Max(1, Math.Ceiling(asked.TotalSeconds)));
        var request = Request("watch", HttpMethod.Get, contract.Kind, contract.Kind.CollectionPath(namespaceName), RetryKind.Never) with { Query = query.ToString() };

        var limit = asked + _options.WatchGrace;
        using var deadline = new CancellationTokenSource(limit, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var (response, body) = await _transport.OpenAsync(request, expectsJson: true, cancellationToken).ConfigureAwait(false);
        using (response)
        {
            var events = WatchStream.ReadAsync(body, contract, request.ToString(), _options.MaximumObjectSize, linked.Token).ConfigureAwait(false).GetAsyncEnumerator();
            try
            {
                while (true)
                {
                    try
                    {
                        if (!await events.MoveNextAsync()) yield break;
                    }
                    catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
                    {
                        throw new KubernetesApiException(0, null, $"{request}: the server did not end the watch within {limit.TotalSeconds:0} s as asked: the connection is dead", innerException: exception);
                    }

                    yield return events.Current;
                }
            }
            finally
            {
                await events.DisposeAsync();
            }
        }
    }

    private async Task<T> CreateAsync<T>(ObjectContract<T> contract, T value, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        var identity = contract.Identify(value);
        var path = subresource is null
            ? contract.Kind.CollectionPath(CreationScope(contract.Kind, identity.Namespace))
            : contract.Kind.ObjectPath(Scope(contract.Kind, identity.Namespace), CheckName(identity.Name ?? ""), subresource);
        // An eviction that is refused with 429 waits for a disruption budget: for the caller to decide, and for longer than a call may take.
        var request = Request("create", HttpMethod.Post, contract.Kind, path, subresource == "eviction" ? RetryKind.Never : RetryKind.IfNotDone) with
        {
            Query = WriteQuery(options, mayForce: false),
            Body = JsonSerializer.SerializeToUtf8Bytes(value, contract.JsonTypeInfo),
        };
        return await SendAsync(contract, request, cancellationToken).ConfigureAwait(false);
    }

    // Reviews (SubjectAccessReview and the like) have no namespace and no name.
    private static string? CreationScope(KubernetesKind kind, string? namespaceName) => kind.Namespaced ? Scope(kind, namespaceName) : null;

    private Task<T> ReplaceAsync<T>(ObjectContract<T> contract, T value, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        var (namespaceName, name) = Address(contract, value);
        var request = Request("update", HttpMethod.Put, contract.Kind, contract.Kind.ObjectPath(namespaceName, name, subresource), RetryKind.Idempotent) with
        {
            Query = WriteQuery(options, mayForce: false),
            Body = JsonSerializer.SerializeToUtf8Bytes(value, contract.JsonTypeInfo),
        };
        return SendAsync(contract, request, cancellationToken);
    }

    private Task<T> PatchAsync<T>(
        ObjectContract<T> contract, string? namespaceName, string name, Patch patch, string? subresource, WriteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(patch);
        var path = contract.Kind.ObjectPath(Scope(contract.Kind, namespaceName), CheckName(name), subresource);
        // "add to the end of a list" twice is not the same as once.
        var request = Request("patch", HttpMethod.Patch, contract.Kind, path, patch.Type == PatchType.Json ? RetryKind.IfNotDone : RetryKind.Idempotent) with
        {
            Query = WriteQuery(options, mayForce: patch.Type == PatchType.Apply),
            ContentType = patch.ContentType,
            Body = Serialize(patch.Body),
        };
        return SendAsync(contract, request, cancellationToken);
    }

    private async Task<T> SendAsync<T>(ObjectContract<T> contract, ApiRequest request, CancellationToken cancellationToken)
        where T : class
    {
        using var body = (await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false))!;
        return Parse(body, contract.JsonTypeInfo, request);
    }
}
