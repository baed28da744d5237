using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Streams;

/// <summary>When a stream object may be written: its consumer needs the replication slot, which in turn needs the tables.</summary>
internal static class StreamPlanner
{
    /// <summary>What a desired object waits for; null when it is no stream or may be written.</summary>
    public static PendingChange? WaitsFor(ClusterContext context, DesiredObject desired)
    {
        if (!desired.Kind.Equals(FabricEventStream.Descriptor)) return null;
        if (context.Input.Observed.EventStreams != EventStreamKnowledge.Listed)
        {
            var isDefined = context.Input.Observed.EventStreams != EventStreamKnowledge.NoDefinition;
            return new PendingChange
            {
                Change = ConvergencePlanner.Create(context, desired),
                WaitsFor = isDefined ? WaitReason.NotObserved : WaitReason.Definition,
                Explanation = isDefined
                    ? $"the objects {FabricEventStream.Descriptor.QualifiedName} could not be listed yet: the operator needs the right to list and watch them"
                    : $"the kind {FabricEventStream.Descriptor.QualifiedName} is not defined in this Kubernetes cluster: install its definition",
            };
        }

        var slots = context.Observed.Patroni?.Configuration.Object("slots");
        var missing = desired.Body.Items("spec", "eventStreams")
            .Select(e => e.Text("source", "jdbcConnection", "slotName") ?? "").FirstOrDefault(s => slots?.ContainsKey(s) != true);
        if (missing is null) return null;
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
}
