using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Events;

/// <summary>Writes Events about clusters. The same message is one Event that counts; one that repeats often is written seldom.</summary>
/// <remarks>Events are for people: that one cannot be written never fails a pass.</remarks>
internal sealed partial class ClusterEventWriter(IKubernetesClient client, TimeProvider time, TimeSpan callTimeout, ILogger logger)
{
    private const int LongestMessage = 1024;
    private const int MostRemembered = 10_000;

    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(10);
    private static readonly WriteOptions Write = new() { FieldManager = KubernetesChangeExecutor.FieldManager };

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    public Task RecordAsync(Postgresql about, bool isWarning, string reason, string message, CancellationToken cancellationToken) => RecordAsync(
        new ObjectReference
        {
            ApiVersion = about.ApiVersion, Kind = about.Kind, Namespace = about.Metadata.Namespace, Name = about.Metadata.Name, Uid = about.Metadata.Uid,
            ResourceVersion = about.Metadata.ResourceVersion,
        },
        isWarning, reason, message, cancellationToken);

    public async Task RecordAsync(ObjectReference about, bool isWarning, string reason, string message, CancellationToken cancellationToken)
    {
        var type = isWarning ? "Warning" : "Normal";
        if (message.Length > LongestMessage) message = string.Concat(message.AsSpan(0, LongestMessage - 3), "...");
        var space = about.Namespace ?? "default";
        // The name follows from the content: after a restart of the operator the same message counts on instead of standing there twice.
        var name = NameOf(about, type, reason, message);
        var now = time.GetUtcNow();
        var known = _known.GetValueOrDefault(space + "/" + name);
        if (known is not null && now - known.WrittenAt < RepeatAfter)
        {
            known.Unwritten++;
            return;
        }

        using var deadline = new CancellationTokenSource(callTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var count = known is null
                ? await CreateAsync(about, space, name, type, reason, message, now, both.Token).ConfigureAwait(false)
                : await CountAsync(space, name, known.Count + known.Unwritten + 1, now, both.Token).ConfigureAwait(false);
            if (_known.Count >= MostRemembered) _known.Clear();
            _known[space + "/" + name] = new Known(now, count);
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (e is KubernetesApiException { IsNotFound: true }) _known.TryRemove(space + "/" + name, out _);
            NotWritten(logger, reason, e.Message);
        }
    }

    private async Task<int> CreateAsync(
        ObjectReference about, string space, string name, string type, string reason, string message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var value = new Event
        {
            Metadata = new ObjectMeta { Name = name, Namespace = space },
            InvolvedObject = about with { Namespace = space },
            Type = type,
            Reason = reason,
            Message = message,
            Count = 1,
            FirstTimestamp = new Time(now),
            LastTimestamp = new Time(now),
            Source = new EventSource { Component = KubernetesChangeExecutor.FieldManager },
            ReportingComponent = KubernetesChangeExecutor.FieldManager,
        };
        try
        {
            await client.CreateAsync(value, Write, cancellationToken).ConfigureAwait(false);
            return 1;
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            var present = await client.GetAsync<Event>(space, name, cancellationToken).ConfigureAwait(false);
            return await CountAsync(space, name, (present?.Count ?? 0) + 1, now, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<int> CountAsync(string space, string name, int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var patch = Patch.Merge(new JsonObject { ["count"] = count, ["lastTimestamp"] = new Time(now).ToString() });
        await client.PatchAsync(KubernetesKinds.Event, space, name, patch, null, Write, cancellationToken).ConfigureAwait(false);
        return count;
    }

    private static string NameOf(ObjectReference about, string type, string reason, string message)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{about.Uid}\n{type}\n{reason}\n{message}"));
        return $"{about.Name}.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "An Event {Reason} could not be written: {Message}")]
    private static partial void NotWritten(ILogger logger, string reason, string message);

    private sealed class Known(DateTimeOffset writtenAt, int count)
    {
        public DateTimeOffset WrittenAt { get; } = writtenAt;

        public int Count { get; } = count;

        public int Unwritten { get; set; }
    }
}
