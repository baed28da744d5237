using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Streams;

namespace Zalando.Postgres.Sdk.Planning.Streams;

/// <summary>One FabricEventStream for each application of the manifest's streams.</summary>
internal static class EventStreamBuilder
{
    private const string CpuAnnotation = "fes.zalando.org/FES_CPU";
    private const string MemoryAnnotation = "fes.zalando.org/FES_MEMORY";

    /// <summary>Name of publication and replication slot of an application in a database.</summary>
    public static string SlotName(string database, string application) => $"fes_{database}_{application.Replace('-', '_')}";

    public static IEnumerable<FabricEventStream> Build(ClusterContext context)
    {
        foreach (var application in (context.Spec.Streams ?? []).GroupBy(s => s.ApplicationId ?? "", StringComparer.Ordinal))
        {
            yield return new FabricEventStream
            {
                Metadata = context.Meta(Name(context, application.Key), context.FullLabels, Annotations(context, application)),
                Spec = new FabricEventStreamSpec
                {
                    ApplicationId = application.Key,
                    EventStreams =
                    [
                        .. application.SelectMany(s => (s.Tables ?? new Dictionary<string, EventStreamTable?>())
                            .OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Entry(context, s, t.Key, t.Value ?? new EventStreamTable()))),
                    ],
                },
            };
        }
    }

    /// <summary>The observed object of an application, whatever its name.</summary>
    public static JsonObject? Existing(ClusterContext context, string application) => context.Observed.List(FabricEventStream.Descriptor, context.Namespace)
        .FirstOrDefault(o => o.Text("spec", "applicationId") == application && BelongsTo(context, o));

    public static bool BelongsTo(ClusterContext context, JsonObject stream) =>
        context.BaseLabels.All(l => stream.Text("metadata", "labels", l.Key) == l.Value);

    private static string Name(ClusterContext context, string application)
    {
        if (Existing(context, application) is { } existing) return existing.Text("metadata", "name")!;
        // The same application always gets the same name, so that a lost answer cannot lead to a second object.
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(application)))[..5];
        return $"{context.Name}-{hash}".ToLowerInvariant();
    }

    private static SortedDictionary<string, string> Annotations(ClusterContext context, IEnumerable<EventStream> streams)
    {
        var own = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var stream in streams)
        {
            Largest(CpuAnnotation, stream.Cpu);
            Largest(MemoryAnnotation, stream.Memory);
        }

        return ClusterContext.Merge(own, context.InheritedAnnotations, context.DownscalerAnnotations);

        void Largest(string key, string? text)
        {
            if (text is not { Length: > 0 }) return;
            if (!own.TryGetValue(key, out var current) || (Quantity.TryParse(current, out var old) && Quantity.TryParse(text, out var given) && given > old)) own[key] = text;
        }
    }

    private static FabricEventStreamEntry Entry(ClusterContext context, EventStream stream, string table, EventStreamTable options)
    {
        var dot = table.IndexOf('.', StringComparison.Ordinal);
        var (schema, name) = dot < 0 ? ("public", table) : (table[..dot], table[(dot + 1)..]);
        return new FabricEventStreamEntry
        {
            Flow = new EventStreamFlow { Type = "PostgresWalToGenericNakadiEvent", PayloadColumn = options.PayloadColumn },
            Sink = Sink(options.EventType, stream.BatchSize),
            Source = new EventStreamSource
            {
                Type = "PostgresLogicalReplication",
                Schema = schema,
                Table = new EventStreamSourceTable { Name = name, IdColumn = options.IdColumn },
                Filter = stream.Filter is { } filters && filters.TryGetValue(table, out var filter) ? filter : null,
                JdbcConnection = new EventStreamConnection
                {
                    JdbcUrl = $"jdbc:postgresql://{context.Name}.{context.Namespace}/{stream.Database}?user={DesiredRoles.StreamUser}&ssl=true&sslmode=require",
                    SlotName = SlotName(stream.Database ?? "", stream.ApplicationId ?? ""),
                    PluginType = "pgoutput",
                    DatabaseAuthentication = new EventStreamAuthentication
                    {
                        Type = "DatabaseAuthenticationSecret",
                        Name = context.SecretName(DesiredRoles.StreamUser),
                        UserKey = "username",
                        PasswordKey = "password",
                    },
                },
            },
            Recovery = Recovery(stream, options),
        };
    }

    private static EventStreamRecovery Recovery(EventStream stream, EventStreamTable table)
    {
        var hasType = table.RecoveryEventType is { Length: > 0 };
        if (!(stream.EnableRecovery ?? hasType)) return new EventStreamRecovery { Type = "None" };
        return table.IgnoreRecovery == true
            ? new EventStreamRecovery { Type = "Ignore" }
            : new EventStreamRecovery { Type = "DeadLetter", Sink = Sink(hasType ? table.RecoveryEventType : table.EventType + "-dead-letter-queue", stream.BatchSize) };
    }

    private static EventStreamSink Sink(string? eventType, long? batchSize) => new() { Type = "Nakadi", EventType = eventType, MaxBatchSize = batchSize };
}
