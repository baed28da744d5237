using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Progress;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox.Network;

/// <summary>Gives every service a loopback address that leads to its endpoints: what kube-proxy and the cluster's DNS are on a real cluster.</summary>
public sealed class SandboxServices : IAsyncDisposable
{
    private readonly IApiAccess _api;
    private readonly LoopbackBlock _block;
    private readonly NoticeBoard _notices;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Namespace, string Name), Entry> _entries = [];
    private readonly Channel<(string Namespace, string Name)> _changes = Channel.CreateUnbounded<(string, string)>();
    private IDisposable? _subscription;
    private Task _running = Task.CompletedTask;

    internal SandboxServices(IApiAccess api, LoopbackBlock block, NoticeBoard notices)
    {
        _api = api;
        _block = block;
        _notices = notices;
    }

    /// <summary>All services that have an address, by namespace and name.</summary>
    public IReadOnlyList<SandboxServiceAddress> List()
    {
        lock (_lock)
        {
            return [.. _entries.OrderBy(e => e.Key.Namespace, StringComparer.Ordinal).ThenBy(e => e.Key.Name, StringComparer.Ordinal)
                .Select(e => new SandboxServiceAddress(e.Key.Namespace, e.Key.Name, e.Value.Address, [.. e.Value.Forwarders.Keys.Order()]))];
        }
    }

    /// <summary>The address of a service; null when there is no such service, or it has no address of its own (headless).</summary>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public IPAddress? Find(string namespaceName, string name)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue((namespaceName, name), out var entry)) return entry.Address;
        }

        // Created a moment ago: the address is known before the change has been worked off.
        return Read(namespaceName, name) is { } service && HasAddress(service) ? Ensure((namespaceName, name), service).Address : null;
    }

    /// <summary>What the cluster's DNS would answer: the address of <c>name</c>, <c>name.namespace</c>, <c>name.namespace.svc</c> or
    /// <c>name.namespace.svc.cluster.local</c>; null for anything else.</summary>
    /// <param name="host">Host name.</param>
    /// <param name="namespaceName">Namespace of who asks, for a bare name.</param>
    public IPAddress? Resolve(string host, string namespaceName = "default")
    {
        ArgumentNullException.ThrowIfNull(host);
        var parts = host.TrimEnd('.').Split('.');
        return parts switch
        {
            [var name] => Find(namespaceName, name),
            [var name, var space] => Find(space, name),
            [var name, var space, "svc", ..] => Find(space, name),
            _ => null,
        };
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        _changes.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        List<ServiceForwarder> forwarders;
        lock (_lock)
        {
            forwarders = [.. _entries.Values.SelectMany(e => e.Forwarders.Values)];
            _entries.Clear();
        }

        foreach (var forwarder in forwarders) await forwarder.DisposeAsync().ConfigureAwait(false);
    }

    internal void Start()
    {
        _subscription = _api.Subscribe(change =>
        {
            if (change.Kind == Service.Descriptor && change.Object["metadata"] is { } metadata)
            {
                _changes.Writer.TryWrite(((string?)metadata["namespace"] ?? string.Empty, (string?)metadata["name"] ?? string.Empty));
            }
        });
        foreach (var service in _api.List(Service.Descriptor, null))
        {
            _changes.Writer.TryWrite(((string?)service["metadata"]?["namespace"] ?? string.Empty, (string?)service["metadata"]?["name"] ?? string.Empty));
        }

        _running = Task.Run(RunAsync);
    }

    private static bool HasAddress(Service service) => service.Spec is { } spec && spec.ClusterIP != "None" && spec.Type != "ExternalName";

    private async Task RunAsync()
    {
        await foreach (var key in _changes.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var service = Read(key.Namespace, key.Name);
            if (service is not null && HasAddress(service)) Ensure(key, service);
            else await RemoveAsync(key).ConfigureAwait(false);
        }
    }

    private Service? Read(string namespaceName, string name) => _api.Get(Service.Descriptor, namespaceName, name) is { } found ? found.Deserialize(Service.JsonTypeInfo) : null;

    private Entry Ensure((string Namespace, string Name) key, Service service)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                // A cluster address that the API server took from our block is used as it is; any other one gets a loopback address of ours.
                var own = IPAddress.TryParse(service.Spec?.ClusterIP, out var given) && _block.IsService(given) ? given : _block.NextService();
                _entries[key] = entry = new Entry(own);
            }

            foreach (var port in service.Spec?.Ports ?? [])
            {
                if (port.Port is not { } number || port.Protocol is not (null or "TCP") || entry.Forwarders.ContainsKey(number)) continue;
                try
                {
                    entry.Forwarders[number] = ServiceForwarder.Listen(new IPEndPoint(entry.Address, number), () => Endpoints(key, number));
                }
                catch (SocketException exception)
                {
                    _notices.Post(NoticeSeverity.Warning, $"{key.Namespace}/{key.Name}", "ServicePortInUse", $"Port {number.ToString(CultureInfo.InvariantCulture)} of the service cannot be offered at {entry.Address}: {exception.Message}");
                }
            }

            return entry;
        }
    }

    private async Task RemoveAsync((string Namespace, string Name) key)
    {
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.Remove(key, out entry)) return;
        }

        foreach (var forwarder in entry.Forwarders.Values) await forwarder.DisposeAsync().ConfigureAwait(false);
    }

    private List<IPEndPoint> Endpoints((string Namespace, string Name) key, int servicePort)
    {
        var found = new List<IPEndPoint>();
        if (Read(key.Namespace, key.Name)?.Spec?.Ports?.FirstOrDefault(p => p.Port == servicePort) is not { } port) return found;
        if (_api.Get(Resources.Kubernetes.Endpoints.Descriptor, key.Namespace, key.Name) is not { } stored) return found;
        foreach (var subset in stored.Deserialize(Resources.Kubernetes.Endpoints.JsonTypeInfo)?.Subsets ?? [])
        {
            var ports = subset.Ports ?? [];
            var target = ports.FirstOrDefault(p => (p.Name ?? string.Empty) == (port.Name ?? string.Empty)) ?? (ports.Count == 1 ? ports[0] : null);
            if (target?.Port is not { } number) continue;
            foreach (var address in subset.Addresses ?? [])
            {
                if (IPAddress.TryParse(address.Ip, out var ip)) found.Add(new IPEndPoint(ip, number));
            }
        }

        return found;
    }

    private sealed record Entry(IPAddress Address)
    {
        public Dictionary<int, ServiceForwarder> Forwarders { get; } = [];
    }
}
