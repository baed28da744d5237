using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Streams;

/// <summary>When a stream object may be written: its consumer needs the replication slot, which in turn needs the tables.</summary>
internal static class StreamPlanner
{
    /// <summary>What a desired object waits for; null when it is no stream or may be written.</summary>
    /// <remarks>Its reader asks the publication for every table that the object names, so a table is published before the object names it.</remarks>
    public static PendingChange? WaitsFor(ClusterContext context, DesiredObject desired)
    {
        if (!desired.Kind.Equals(FabricEventStream.Descriptor)) return null;
        if (context.Input.Observed.EventStreams != EventStreamKnowledge.Listed)
        {
            var isDefined = context.Input.Observed.EventStreams != EventStreamKnowledge.NoDefinition;
            var isAllowed = context.Input.Observed.EventStreams != EventStreamKnowledge.Forbidden;
            return new PendingChange
            {
                Change = ConvergencePlanner.Create(context, desired),
                WaitsFor = isDefined ? WaitReason.NotObserved : WaitReason.Definition,
                Explanation = isDefined
                    ? $"the objects {FabricEventStream.Descriptor.QualifiedName} could not be listed yet{(isAllowed ? "" : ": the operator needs the right to list and watch them")}"
                    : $"the kind {FabricEventStream.Descriptor.QualifiedName} is not defined in this Kubernetes cluster: install its definition",
            };
        }

        var slots = context.Observed.Patroni?.Configuration.Object("slots");
        var missing = desired.Body.Items("spec", "eventStreams")
            .Select(e => e.Text("source", "jdbcConnection", "slotName") ?? "").FirstOrDefault(s => slots?.ContainsKey(s) != true);
        if (missing is null) return Unpublished(context, desired);
        var observed = context.Observed.Patroni?.Configuration is not null;
        return new PendingChange
        {
            Change = ConvergencePlanner.Create(context, desired),
            WaitsFor = observed ? WaitReason.ReplicationSlot : WaitReason.NotObserved,
            Explanation = observed
                ? $"the replication slot {missing} does not exist yet: it is made when the tables of the stream exist"
                : "Patroni was not observed, so it is not known whether the replication slot exists",
        };
    }

    private static PendingChange? Unpublished(ClusterContext context, DesiredObject desired)
    {
        if (!DatabasePlanner.IsManaged(context.Manifest, context.Settings)) return null;
        // Patroni keeps slots whose publication was dropped by hand; its readers fail until the publication is back.
        var published = context.Input.Observed.Databases is { } server ? StreamUse.TablesOf(server) : context.Input.Observed.StreamTables;
        HashSet<(string, string)> present = context.Observed.Find(desired.Key) is { } existing ? [.. TablesOf(existing)] : [];
        foreach (var (slot, table) in TablesOf(desired.Body))
        {
            if (present.Contains((slot, table)) || published?.GetValueOrDefault(slot)?.Contains(table, StringComparer.Ordinal) == true) continue;
            return new PendingChange
            {
                Change = present.Count == 0 ? ConvergencePlanner.Create(context, desired) : Patch(context, desired, slot, table),
                WaitsFor = published is null ? WaitReason.NotObserved : WaitReason.ReplicationSlot,
                Explanation = published is null ? $"it is not known yet whether the publication {slot} has the table {table}" : $"the publication {slot} does not have the table {table} yet",
            };
        }

        return null;
    }

    // Only says what is to come: what exactly is worked out when it may be done.
    private static PatchObject Patch(ClusterContext context, DesiredObject desired, string slot, string table) => new()
    {
        Target = ChangeTarget.Of(desired.Kind, desired.Namespace, desired.Name),
        Kind = desired.Kind,
        Patch = [],
        Stage = desired.Stage,
        Reasons = [new ChangeReason { FieldPath = StreamUse.FieldPath(context.Manifest, slot, $"\"{table}\""), New = table, RequestedBy = Requester.Manifest }],
    };

    /// <summary>Slots and tables that an object names.</summary>
    internal static IEnumerable<(string Slot, string Table)> TablesOf(JsonObject stream)
    {
        foreach (var entry in stream.Items("spec", "eventStreams"))
            if (entry.Text("source", "jdbcConnection", "slotName") is { } slot && entry.Text("source", "table", "name") is { } table) yield return (slot, $"{entry.Text("source", "schema") ?? "public"}.{table}");
    }
}
