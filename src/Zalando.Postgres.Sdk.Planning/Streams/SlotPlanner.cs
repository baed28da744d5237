using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Streams;

/// <summary>Replication slots of event streams, between publications and objects. A stream is made in the order publication, slot, object, and taken away in the
/// order object, slot, publication: so the publication in its database is the record of whose a slot is, and nothing is lost when the operator dies between two
/// of the steps.</summary>
internal static class SlotPlanner
{
    private const string Field = "spec.streams";

    /// <summary>Adds what has to happen to slots to the plan of the databases, and holds back what has to come after it.</summary>
    public static DatabasePlan Plan(DatabasePlanningInput input, DesiredDatabases databases, ObservedServer observed, DatabasePlan plan)
    {
        if (!databases.LooksForPublications || observed.IsInRecovery) return plan;
        var work = new Work(input, observed, plan);
        foreach (var database in databases.Databases.Values)
            foreach (var publication in database.Publications ?? []) work.Add(database.Name, publication);
        foreach (var change in plan.Changes)
        {
            if (change.Change is AlterPublication alter) work.Alter(change, alter);
            else work.Drop(change);
        }

        work.FindLeftOver(databases);
        return work.Result();
    }

    private sealed class Work
    {
        private readonly DatabasePlanningInput _input;
        private readonly ObservedServer _observed;
        private readonly DatabasePlan _plan;
        private readonly JsonObject? _configuration;
        private readonly JsonObject? _slots;
        private readonly HashSet<string> _ofManifest;
        private readonly Dictionary<string, string> _readers = new(StringComparer.Ordinal);
        private readonly HashSet<(string Slot, string Table)> _read = [];
        private readonly List<ChangeDatabase> _changes = [];
        private readonly List<PendingChange> _pending;
        private readonly List<Finding> _findings;
        private readonly JsonObject _patch = [];
        private readonly List<ChangeReason> _reasons = [];

        public Work(DatabasePlanningInput input, ObservedServer observed, DatabasePlan plan)
        {
            (_input, _observed, _plan) = (input, observed, plan);
            _configuration = input.Observed.Patroni?.Configuration;
            _slots = _configuration.Object("slots");
            _ofManifest = (input.Manifest.Spec.Patroni?.Slots?.Keys ?? []).ToHashSet(StringComparer.Ordinal);
            _pending = [.. plan.Pending];
            _findings = [.. plan.Findings];
            foreach (var item in input.Observed.List(FabricEventStream.Descriptor, Space))
            {
                if (item.Text("metadata", "labels", input.Settings.Kubernetes.ClusterNameLabel) != input.Manifest.Metadata.Name) continue;
                _read.UnionWith(StreamPlanner.TablesOf(item));
                foreach (var entry in item.Items("spec", "eventStreams"))
                    if (entry.Text("source", "jdbcConnection", "slotName") is { } slot) _readers[slot] = item.Text("metadata", "name") ?? "";
            }

            if (input.Observed.EventStreams == EventStreamKnowledge.NoDefinition && input.Manifest.Spec.Streams is { Count: > 0 })
                Find("NoEventStreamDefinition", null, $"streams wait: the kind {FabricEventStream.Descriptor.QualifiedName} is not defined in this Kubernetes cluster. Install its definition; without it no replication slot is made that nobody would read.");
        }

        private string Space => _input.Manifest.Metadata.Namespace ?? "default";

        public void Add(string database, DesiredPublication publication)
        {
            var name = publication.Name;
            var slot = new JsonObject { ["database"] = database, ["plugin"] = "pgoutput", ["type"] = "logical" };
            if (_slots?[name] is { } present)
            {
                if (present.Text("database") != database || present.Text("plugin") != "pgoutput" || present.Text("type") != "logical")
                    Find("ForeignSlot", name, $"the stream waits: Patroni has another replication slot \"{name}\" ({present.ToJsonString()}). Remove it, or choose another applicationId.");
                return;
            }

            // The manifest's own slots are given to Patroni with the rest of its configuration. Without the publication nobody could read from a slot.
            if (_ofManifest.Contains(name) || !IsPublished(database, name)) return;
            var reason = new ChangeReason { FieldPath = PathOf(name), New = slot.ToJsonString(), RequestedBy = Requester.Manifest, Consequence = Consequence.Reload, Explanation = $"the stream reads through the replication slot {name}" };
            if (_configuration is null) Wait(WaitReason.NotObserved, "Patroni's configuration was not observed");
            else if (_input.Observed.EventStreams == EventStreamKnowledge.NoDefinition) Wait(WaitReason.Definition, $"the kind {FabricEventStream.Descriptor.QualifiedName} is not defined");
            else if (_input.Observed.EventStreams is EventStreamKnowledge.NotListed or EventStreamKnowledge.Forbidden) Wait(WaitReason.NotObserved, $"the objects {FabricEventStream.Descriptor.QualifiedName} could not be listed yet");
            else if (_observed.WalLevel is { } level && level != "logical") Wait(WaitReason.NextRestart, $"wal_level is {level} until PostgreSQL was restarted");
            else
            {
                _patch[name] = slot;
                _reasons.Add(reason);
            }

            void Wait(WaitReason why, string text) => _pending.Add(new()
            {
                Change = Patch(new JsonObject { [name] = slot }, [reason]), WaitsFor = why, Explanation = $"the replication slot {name} waits: {text}",
            });
        }

        /// <summary>A table stays published while an object names it: its reader would fail.</summary>
        public void Alter(ChangeDatabase change, AlterPublication alter)
        {
            var present = _observed.Databases.GetValueOrDefault(alter.Database)?.Contents?.Publications.GetValueOrDefault(alter.Publication)?.Tables ?? [];
            var kept = present.Where(t => !alter.Tables.Contains(t, StringComparer.Ordinal) && (_read.Contains((alter.Publication, t)) || _input.Observed.EventStreams is EventStreamKnowledge.NotListed or EventStreamKnowledge.Forbidden)).ToArray();
            if (kept.Length == 0)
            {
                _changes.Add(change);
                return;
            }

            var tables = alter.Tables.Concat(kept).Order(StringComparer.Ordinal).ToArray();
            if (!tables.SequenceEqual(present, StringComparer.Ordinal)) _changes.Add(change with { Change = alter with { Tables = tables } });
            _pending.Add(new() { Change = change, WaitsFor = WaitReason.EarlierChange, Explanation = $"the publication {alter.Publication} keeps {string.Join(", ", kept)} until no FabricEventStream names {(kept.Length == 1 ? "it" : "them")} any more" });
        }

        public void Drop(ChangeDatabase change)
        {
            if (change.Change is not DropPublication { Publication: var name, Database: var database })
            {
                _changes.Add(change);
                return;
            }

            // Somebody who keeps the slot in the manifest keeps what is read through it.
            if (_ofManifest.Contains(name)) return;
            if (_readers.GetValueOrDefault(name) is { } reader) Wait(WaitReason.EarlierChange, $"the FabricEventStream {reader} that reads from it goes first");
            else if (_input.Observed.EventStreams is EventStreamKnowledge.NotListed or EventStreamKnowledge.Forbidden) Wait(WaitReason.NotObserved, $"the objects {FabricEventStream.Descriptor.QualifiedName} could not be listed yet");
            else if (_configuration is null) Wait(WaitReason.NotObserved, "Patroni's configuration was not observed");
            else if (_slots?[name] is { } slot && StreamUse.HasShapeOfOurs(name, slot) && slot.Text("database") == database)
            {
                _patch[name] = null;
                _reasons.Add(new ChangeReason { FieldPath = Field, Old = slot.ToJsonString(), RequestedBy = Requester.Manifest, Consequence = Consequence.Reload, Explanation = $"no stream uses the replication slot {name} any more" });
                Wait(WaitReason.EarlierChange, "its replication slot goes first");
            }
            else _changes.Add(change);

            void Wait(WaitReason why, string text) => _pending.Add(new() { Change = change, WaitsFor = why, Explanation = $"the publication {name} waits: {text}" });
        }

        /// <summary>A slot whose publication is gone may be anybody's: it is not removed, but it holds back WAL until the disk is full.</summary>
        public void FindLeftOver(DesiredDatabases databases)
        {
            foreach (var (name, slot) in _slots ?? [])
            {
                if (_ofManifest.Contains(name) || !StreamUse.HasShapeOfOurs(name, slot) || slot.Text("database") is not { } database) continue;
                if (databases.Databases.GetValueOrDefault(database)?.Publications?.Any(p => p.Name == name) == true) continue;
                if (_observed.Databases.GetValueOrDefault(database) is not { Contents: { } contents } || contents.Publications.ContainsKey(name)) continue;
                Find("LeftOverSlot", name, $"Patroni has a replication slot \"{name}\" that no stream uses, and that retains WAL. It is not certain whose it is, as it has no publication: remove it from Patroni's configuration if nobody needs it.");
            }
        }

        public DatabasePlan Result() => _plan with { Changes = _changes, Pending = _pending, Findings = _findings, Slots = _patch.Count == 0 ? null : Patch(_patch, _reasons) };

        private bool IsPublished(string database, string name) =>
            _observed.Databases.GetValueOrDefault(database)?.Contents?.Publications.ContainsKey(name) == true
            && !_plan.Changes.Any(c => c.Change is AlterPublication alter && alter.Database == database && alter.Publication == name);

        private PatchPatroniConfiguration Patch(JsonObject slots, IReadOnlyList<ChangeReason> reasons) => new()
        {
            Target = new() { Kind = ChangeTarget.PatroniKind, Namespace = Space, Name = _input.Manifest.Metadata.Name ?? "" },
            Patch = new JsonObject { ["slots"] = slots },
            Reasons = reasons,
            Disruption = Disruption.Reload,
            Stage = ChangeStage.Databases,
        };

        private void Find(string code, string? value, string text) => _findings.Add(new() { Severity = FindingSeverity.Warning, Code = code, FieldPath = value is null ? Field : PathOf(value), Value = value, Rule = text });

        private string PathOf(string slot) => StreamUse.FieldPath(_input.Manifest, slot);
    }
}
