using System.Threading.Channels;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Hands each stored change to the open watches it concerns.</summary>
internal sealed class WatchHub
{
    private readonly ObjectStore _store;
    private readonly Dictionary<string, List<Watch>> _watches = new(StringComparer.Ordinal);

    public WatchHub(ObjectStore store)
    {
        _store = store;
        store.Observe(Announce);
    }

    /// <summary>Opens a watch: first the objects there are (<paramref name="initial"/>), or the changes since a version, then all that comes.</summary>
    public Watch Open(ServedKind kind, string? namespaceName, LabelSelector labels, FieldSelector fields, long? since, bool initial)
    {
        lock (_store.Gate)
        {
            var watch = new Watch(kind, namespaceName, labels, fields, this);
            if (since is { } version)
            {
                if (version < kind.ServedSince || _store.Since(kind.Resource, version) is not { } missed)
                {
                    watch.Refuse(version, Math.Max(kind.ServedSince, _store.CompactedVersion));
                    return watch;
                }

                watch.Start = Math.Max(version, 0);
                foreach (var entry in missed) watch.Offer(entry);
            }
            else
            {
                watch.Start = _store.Version;
                if (initial)
                {
                    foreach (var stored in _store.List(kind.Resource, namespaceName))
                    {
                        if (labels.Matches(stored.Value) && fields.Matches(stored.Value)) watch.Send(new("ADDED", stored, stored.Version));
                    }
                }
            }

            watch.InitialEnd = _store.Version;
            if (!_watches.TryGetValue(kind.Resource, out var list)) _watches[kind.Resource] = list = [];
            list.Add(watch);
            return watch;
        }
    }

    public long Version
    {
        get
        {
            lock (_store.Gate) return _store.Version;
        }
    }

    /// <summary>Ends the open watches that <paramref name="which"/> names; clients see a closed stream. Answers how many.</summary>
    public int Cut(Func<Watch, bool> which)
    {
        lock (_store.Gate)
        {
            var cut = _watches.Values.SelectMany(static l => l).Where(which).ToArray();
            foreach (var watch in cut)
            {
                watch.Complete();
                Close(watch);
            }

            return cut.Length;
        }
    }

    public void Close(Watch watch)
    {
        lock (_store.Gate)
        {
            if (_watches.TryGetValue(watch.Kind.Resource, out var list)) list.Remove(watch);
        }
    }

    private void Announce(HistoryEntry entry)
    {
        // The watches of a kind end with its definition, which has the kind's full name.
        if (entry is { Resource: "customresourcedefinitions.apiextensions.k8s.io", Type: "DELETED" })
            foreach (var orphan in _watches.GetValueOrDefault(entry.Current.Key.Name) ?? []) orphan.Complete();
        if (!_watches.TryGetValue(entry.Resource, out var list)) return;
        foreach (var watch in list) watch.Offer(entry);
    }

    /// <summary>One event of a watch; without an object: an error with that Status code.</summary>
    internal readonly record struct Item(string Type, StoredObject? Object, long Version);

    internal sealed class Watch(ServedKind kind, string? namespaceName, LabelSelector labels, FieldSelector fields, WatchHub hub) : IDisposable
    {
        /// <summary>A client that is so many events behind is cut off, and has to begin again.</summary>
        private const int MostPending = 100_000;

        private readonly Channel<Item> _channel = Channel.CreateUnbounded<Item>();

        public ServedKind Kind => kind;

        public string? Namespace => namespaceName;

        public ChannelReader<Item> Items => _channel.Reader;

        public long Start { get; set; }

        /// <summary>Version at which the initial events are complete.</summary>
        public long InitialEnd { get; set; }

        public (long Wanted, long Oldest)? Refused { get; private set; }

        public void Offer(HistoryEntry entry)
        {
            if (namespaceName is not null && entry.Current.Key.Namespace != namespaceName) return;
            var is_ = entry.Type != "DELETED" && labels.Matches(entry.Current.Value) && fields.Matches(entry.Current.Value);
            var was = entry.Previous is { } previous && labels.Matches(previous.Value) && fields.Matches(previous.Value);
            if (is_) Send(new(was ? "MODIFIED" : "ADDED", entry.Current, entry.Version));
            else if (was)
            {
                // What leaves the selection is shown as it was, with the version of the change.
                var last = entry.Previous!;
                if (entry.Type == "DELETED") Send(new("DELETED", entry.Current, entry.Version));
                else
                {
                    var shown = last.Value.CopyObject();
                    shown.Metadata()["resourceVersion"] = entry.Version.ToString();
                    Send(new("DELETED", new StoredObject(last.Key, shown, entry.Version, last), entry.Version));
                }
            }
        }

        public void Send(Item item)
        {
            if (_channel.Reader.Count >= MostPending) _channel.Writer.TryComplete();
            else _channel.Writer.TryWrite(item);
        }

        public void Refuse(long wanted, long oldest)
        {
            Refused = (wanted, oldest);
            _channel.Writer.TryComplete();
        }

        public void Complete() => _channel.Writer.TryComplete();

        public void Dispose() => hub.Close(this);
    }
}
