using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Telemetry;
using Zalando.Postgres.Sdk.Kubernetes.Transport;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>The objects of one kind as the server has them, kept up to date by one list and one watch; reading costs no request.</summary>
/// <remarks>
/// <para><see cref="RunAsync"/> lists (page by page) and watches; a watch that ends is resumed where it ended; a version that the server has
/// forgotten (410) leads to a new list, and what is missing in it is reported as deleted. Failures are answered with growing pauses, for ever.</para>
/// <para>All members are safe for concurrent use. Objects are shared between all readers.</para>
/// </remarks>
/// <typeparam name="T">A kind, or JSON.</typeparam>
public sealed partial class ResourceCache<T>
    where T : class
{
    private static readonly TimeSpan QuietWatch = TimeSpan.FromSeconds(10);
    private const int BrokenEventsBeforeRelist = 3;

    private readonly ResourceSource<T> _source;
    private readonly ResourceCacheOptions<T> _options;
    private readonly Func<T, T> _projection;
    private readonly string[] _indexNames;
    private readonly Func<T, IEnumerable<string>>[] _indexFunctions;
    private readonly Dictionary<string, HashSet<CacheKey>>[] _indexes;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, Entry>> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<CacheKey, UnreadableObject> _unreadable = [];
    private readonly List<CacheSubscription<T>> _subscriptions = [];
    private readonly TaskCompletionSource _initialList = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _version;
    private int _count;
    private int _running;
    private int _brokenEvents;
    private long _eventsSeen;
    private volatile KubernetesApiException? _lastError;

    internal ResourceCache(ResourceSource<T> source, ResourceCacheOptions<T> options)
    {
        _source = source;
        _options = options;
        _projection = options.Projection ?? source.DefaultProjection;
        _indexNames = [.. options.Indexes.Keys];
        _indexFunctions = [.. options.Indexes.Values];
        _indexes = [.. _indexNames.Select(_ => new Dictionary<string, HashSet<CacheKey>>(StringComparer.Ordinal))];
    }

    /// <summary>How many objects the cache holds.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    /// <summary>Whether the first list is complete.</summary>
    public bool HasInitialList => _initialList.Task.IsCompletedSuccessfully;

    /// <summary>Why the cache cannot keep up now; null when it does.</summary>
    public KubernetesApiException? LastError => _lastError;

    /// <summary>The objects that are there and cannot be read. <value>none</value></summary>
    public IReadOnlyList<UnreadableObject> Unreadable
    {
        get
        {
            lock (_lock) return [.. _unreadable.Values];
        }
    }

    /// <summary>Completes when the cache holds everything that was there when its first list was answered; fails when <see cref="RunAsync"/> has failed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForInitialListAsync(CancellationToken cancellationToken) => _initialList.Task.WaitAsync(cancellationToken);

    /// <summary>An object; null when there is none.</summary>
    /// <param name="namespaceName">Namespace; null for kinds without one.</param>
    /// <param name="name">Name.</param>
    public T? Get(string? namespaceName, string name)
    {
        lock (_lock) return TryFind(new CacheKey(namespaceName ?? "", name), out var entry) ? entry.Object : null;
    }

    /// <summary>All objects, or those of a namespace, in no particular order.</summary>
    /// <param name="namespaceName">Namespace; null for all.</param>
    public IReadOnlyList<T> List(string? namespaceName = null)
    {
        lock (_lock)
        {
            if (namespaceName is not null)
                return _namespaces.TryGetValue(namespaceName, out var one) ? [.. one.Values.Select(static entry => entry.Object)] : [];
            var all = new List<T>(_count);
            foreach (var names in _namespaces.Values)
            {
                foreach (var entry in names.Values) all.Add(entry.Object);
            }

            return all;
        }
    }

    /// <summary>The objects that an index lists under a value.</summary>
    /// <param name="indexName">Name of the index, see <see cref="ResourceCacheOptions{T}.Indexes"/>.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IReadOnlyList<T> ByIndex(string indexName, string value)
    {
        var index = Array.IndexOf(_indexNames, indexName);
        if (index < 0) throw new ArgumentException($"the cache has no index {indexName}; it has: {string.Join(", ", _indexNames)}", nameof(indexName));
        lock (_lock)
        {
            if (!_indexes[index].TryGetValue(value, out var keys)) return [];
            var found = new List<T>(keys.Count);
            foreach (var key in keys)
            {
                if (TryFind(key, out var entry)) found.Add(entry.Object);
            }

            return found;
        }
    }

    /// <summary>
    /// The changes from now on, after the objects that are there now (as additions) and <see cref="CacheEventType.InitialListComplete"/>. A slow
    /// subscriber gets several changes of one object as one, and never hears of an object that came and went meanwhile; each deletion of an object it
    /// has heard of comes exactly once.
    /// </summary>
    /// <param name="cancellationToken">Ends the subscription.</param>
    public async IAsyncEnumerable<CacheEvent<T>> SubscribeAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subscription = Subscribe();
        try
        {
            while (await subscription.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                subscription.Reset();
                while (true)
                {
                    CacheEvent<T>? next;
                    lock (_lock) next = subscription.Dequeue();
                    if (next is null) break;
                    yield return next;
                }
            }
        }
        finally
        {
            lock (_lock) _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Fills the cache and keeps it up to date until cancelled; then returns. Runs once at a time.</summary>
    /// <param name="cancellationToken">Stops the cache; what it holds stays readable.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0) throw new InvalidOperationException("the cache runs already");
        try
        {
            await RunLoopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The wanted end.
        }
        catch (Exception exception)
        {
            _initialList.TrySetException(exception);
            throw;
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task RunLoopAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        var outcome = "start";
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var started = _options.TimeProvider.GetTimestamp();
            var seenBefore = _eventsSeen;
            KubernetesApiException? failure = null;
            try
            {
                if (_version is null) await RelistAsync(cancellationToken).ConfigureAwait(false);
                KubernetesTelemetry.Watches.Add(1, Tag("resource", Resource), Tag("outcome", outcome));
                await WatchAsync(cancellationToken).ConfigureAwait(false);
                outcome = "ended";
            }
            catch (KubernetesApiException exception)
            {
                failure = exception;
                outcome = exception.IsGone ? "gone" : "failed";
            }

            var progressed = _eventsSeen != seenBefore || _options.TimeProvider.GetElapsedTime(started) >= QuietWatch;
            if (failure is null && progressed)
            {
                failures = 0;
                continue;
            }

            failures = progressed ? 1 : failures + 1;
            if (failure is { IsGone: true })
            {
                LogGone(_options.Logger, Resource, failure.Message);
                _version = null;
                // The first time at once; a server that forgets everything at once must not be listed without end.
                if (failures == 1) continue;
            }
            else if (failure is not null)
            {
                _lastError = failure;
                LogFailure(_options.Logger, Resource, failures, failure.Message);
            }

            await PauseAsync(failures, failure?.RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    private string Resource => _source.Contract.Kind.QualifiedName;

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private Task PauseAsync(int failures, TimeSpan? atLeast, CancellationToken cancellationToken)
    {
        var pause = Math.Min(_options.LongestBackoff.TotalSeconds, _options.Backoff.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 20)));
        pause *= 0.5 + 0.5 * _options.Random();
        return Task.Delay(TimeSpan.FromSeconds(Math.Max(pause, atLeast?.TotalSeconds ?? 0)), _options.TimeProvider, cancellationToken);
    }

    private async Task RelistAsync(CancellationToken cancellationToken)
    {
        using var priority = RequestPriorityScope.Enter(RequestPriority.Background);
        for (var attempt = 1; ; attempt++)
        {
            // Tokens of pages expire as versions do; if two lists in a row took too long for the server's memory, ask for everything at once.
            var options = new ListOptions { LabelSelector = _options.LabelSelector, FieldSelector = _options.FieldSelector, PageSize = attempt < 3 ? _options.PageSize : 0 };
            try
            {
                await ListOnceAsync(options, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (KubernetesApiException exception) when (exception.IsGone && attempt < 3)
            {
                LogGone(_options.Logger, Resource, exception.Message);
            }
        }
    }

    private async Task ListOnceAsync(ListOptions options, CancellationToken cancellationToken)
    {
        var seen = new HashSet<CacheKey>();
        var nameless = false;
        var version = "";
        KubernetesTelemetry.Lists.Add(1, Tag("resource", Resource));
        await foreach (var page in _source.List(options, cancellationToken).ConfigureAwait(false))
        {
            version = page.ResourceVersion;
            foreach (var item in page.Items)
            {
                if (Upsert(item) is { } key) seen.Add(key);
                else nameless = true;
            }

            foreach (var unreadable in page.Unreadable)
            {
                if (ReportUnreadable(unreadable) is { } key) seen.Add(key);
                else nameless = true;
            }
        }

        // An object whose name nobody can read might be any of those that seem to be missing.
        if (nameless) LogNameless(_options.Logger, Resource);
        else RemoveMissing(seen);
        _version = version;
        _lastError = null;
        CompleteInitialList();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var options = new WatchOptions { LabelSelector = _options.LabelSelector, FieldSelector = _options.FieldSelector, ResourceVersion = _version };
        await foreach (var next in _source.Watch(options, cancellationToken).ConfigureAwait(false))
        {
            switch (next.Type)
            {
                case WatchEventType.Added or WatchEventType.Modified:
                    Upsert(next.Object!);
                    break;
                case WatchEventType.Deleted:
                    Remove(next.Object!);
                    break;
                case WatchEventType.Error:
                    throw next.Error!;
                case WatchEventType.Unreadable:
                    HandleUnreadable(next);
                    break;
            }

            _version = next.ResourceVersion is { Length: > 0 } version ? version : _version;
            _lastError = null;
            _brokenEvents = 0;
            _eventsSeen++;
        }
    }

    private void HandleUnreadable(WatchEvent<T> next)
    {
        var unreadable = new UnreadableObject(next.Raw, next.Error!);
        if (next.ResourceVersion is null || unreadable.Name is null)
        {
            // The event says not even whom it is about. Ask for it again; if it stays so, list: that shows its result.
            ReportUnreadable(unreadable);
            if (++_brokenEvents >= BrokenEventsBeforeRelist)
            {
                _brokenEvents = 0;
                _version = null;
            }

            throw next.Error!;
        }

        if (next.ReportedType == WatchEventType.Deleted) RemoveUnreadable(unreadable);
        else ReportUnreadable(unreadable);
    }

    private CacheKey? Upsert(T item)
    {
        var identity = _source.Contract.Identify(item);
        if (string.IsNullOrEmpty(identity.Name)) return null;
        var key = new CacheKey(identity.Namespace ?? "", identity.Name);
        Entry entry;
        try
        {
            var kept = _projection(item);
            entry = new Entry(kept, identity.Uid, identity.ResourceVersion, IndexValues(kept));
        }
#pragma warning disable CA1031 // functions of the host: whatever they throw concerns one object
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ReportUnreadable(new UnreadableObject(
                new System.Text.Json.Nodes.JsonObject { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["namespace"] = identity.Namespace, ["name"] = identity.Name } },
                ObjectReader.Misfit("projection or index", _source.Contract.Kind, identity, exception)));
            return key;
        }

        lock (_lock)
        {
            _unreadable.Remove(key);
            if (TryFind(key, out var before))
            {
                if (before.ResourceVersion == entry.ResourceVersion && before.Uid == entry.Uid) return key;
                Unindex(key, before);
                Store(key, entry);
                if (before.Uid == entry.Uid)
                {
                    Publish(new CacheEvent<T> { Type = CacheEventType.Modified, Namespace = identity.Namespace, Name = key.Name, Object = entry.Object, Previous = before.Object });
                    return key;
                }

                // The same name, another object: the deletion was missed while nobody watched.
                Publish(new CacheEvent<T> { Type = CacheEventType.Deleted, Namespace = identity.Namespace, Name = key.Name, Object = before.Object, Previous = before.Object });
            }
            else
            {
                Store(key, entry);
                _count++;
            }

            Publish(new CacheEvent<T> { Type = CacheEventType.Added, Namespace = identity.Namespace, Name = key.Name, Object = entry.Object });
        }

        return key;
    }

    private void Remove(T item)
    {
        var identity = _source.Contract.Identify(item);
        if (string.IsNullOrEmpty(identity.Name)) return;
        T last;
        try
        {
            last = _projection(item);
        }
#pragma warning disable CA1031 // as above: the deletion counts in any case
        catch
#pragma warning restore CA1031
        {
            last = item;
        }

        lock (_lock) RemoveKey(new CacheKey(identity.Namespace ?? "", identity.Name), last, null);
    }

    private void RemoveUnreadable(UnreadableObject unreadable)
    {
        lock (_lock) RemoveKey(new CacheKey(unreadable.Namespace ?? "", unreadable.Name!), null, unreadable);
    }

    private void RemoveMissing(HashSet<CacheKey> seen)
    {
        lock (_lock)
        {
            var missing = new List<CacheKey>();
            foreach (var (namespaceName, names) in _namespaces)
            {
                foreach (var name in names.Keys)
                {
                    var key = new CacheKey(namespaceName, name);
                    if (!seen.Contains(key)) missing.Add(key);
                }
            }

            missing.AddRange(_unreadable.Keys.Where(key => !seen.Contains(key) && !TryFind(key, out _)));
            foreach (var key in missing) RemoveKey(key, null, null);
        }
    }

    private void RemoveKey(CacheKey key, T? last, UnreadableObject? unreadable)
    {
        var wasUnreadable = _unreadable.Remove(key);
        var wasThere = TryFind(key, out var before);
        if (!wasThere && !wasUnreadable) return;
        if (wasThere)
        {
            Unindex(key, before!);
            var names = _namespaces[key.Namespace];
            names.Remove(key.Name);
            if (names.Count == 0) _namespaces.Remove(key.Namespace);
            _count--;
        }

        Publish(new CacheEvent<T>
        {
            Type = CacheEventType.Deleted,
            Namespace = key.Namespace.Length == 0 ? null : key.Namespace,
            Name = key.Name,
            Object = last ?? before?.Object,
            Previous = before?.Object,
            Unreadable = unreadable,
        });
    }

    private CacheKey? ReportUnreadable(UnreadableObject unreadable)
    {
        LogUnreadable(_options.Logger, Resource, unreadable.Error.Message);
        lock (_lock)
        {
            var known = unreadable.Name is { Length: > 0 } name ? new CacheKey(unreadable.Namespace ?? "", name) : (CacheKey?)null;
            if (known is { } key) _unreadable[key] = unreadable;
            Publish(new CacheEvent<T> { Type = CacheEventType.Unreadable, Namespace = unreadable.Namespace, Name = unreadable.Name ?? "", Unreadable = unreadable });
            return known;
        }
    }

    private void CompleteInitialList()
    {
        lock (_lock)
        {
            if (!_initialList.TrySetResult()) return;
            Publish(new CacheEvent<T> { Type = CacheEventType.InitialListComplete });
        }
    }

    private CacheSubscription<T> Subscribe()
    {
        var subscription = new CacheSubscription<T>();
        lock (_lock)
        {
            foreach (var (namespaceName, names) in _namespaces)
            {
                foreach (var (name, entry) in names)
                    subscription.Enqueue(new CacheEvent<T> { Type = CacheEventType.Added, Namespace = namespaceName.Length == 0 ? null : namespaceName, Name = name, Object = entry.Object });
            }

            foreach (var (key, unreadable) in _unreadable)
                subscription.Enqueue(new CacheEvent<T> { Type = CacheEventType.Unreadable, Namespace = unreadable.Namespace, Name = key.Name, Unreadable = unreadable });
            if (_initialList.Task.IsCompletedSuccessfully) subscription.Enqueue(new CacheEvent<T> { Type = CacheEventType.InitialListComplete });
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    private void Publish(CacheEvent<T> next)
    {
        foreach (var subscription in _subscriptions) subscription.Enqueue(next);
    }

    private bool TryFind(CacheKey key, [NotNullWhen(true)] out Entry? entry)
    {
        entry = null;
        return _namespaces.TryGetValue(key.Namespace, out var names) && names.TryGetValue(key.Name, out entry);
    }

    private void Store(CacheKey key, Entry entry)
    {
        ref var names = ref CollectionsMarshal.GetValueRefOrAddDefault(_namespaces, key.Namespace, out _);
        names ??= new Dictionary<string, Entry>(StringComparer.Ordinal);
        names[key.Name] = entry;
        for (var i = 0; i < _indexes.Length; i++)
        {
            foreach (var value in entry.IndexValues[i])
            {
                ref var keys = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes[i], value, out _);
                (keys ??= []).Add(key);
            }
        }
    }

    private void Unindex(CacheKey key, Entry entry)
    {
        for (var i = 0; i < _indexes.Length; i++)
        {
            foreach (var value in entry.IndexValues[i])
            {
                if (!_indexes[i].TryGetValue(value, out var keys)) continue;
                keys.Remove(key);
                if (keys.Count == 0) _indexes[i].Remove(value);
            }
        }
    }

    private string[][] IndexValues(T item)
    {
        if (_indexFunctions.Length == 0) return [];
        var values = new string[_indexFunctions.Length][];
        for (var i = 0; i < values.Length; i++) values[i] = [.. _indexFunctions[i](item)];
        return values;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Resource}: the server has forgotten the version, listing again: {Problem}")]
    private static partial void LogGone(ILogger logger, string resource, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource}: cannot keep up ({Failures} failures in a row), trying again: {Problem}")]
    private static partial void LogFailure(ILogger logger, string resource, int failures, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource}: an object cannot be read: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string resource, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource}: the list has objects without readable names; missing objects are not taken for deleted until they have")]
    private static partial void LogNameless(ILogger logger, string resource);

    private sealed record Entry(T Object, string? Uid, string? ResourceVersion, string[][] IndexValues);
}
