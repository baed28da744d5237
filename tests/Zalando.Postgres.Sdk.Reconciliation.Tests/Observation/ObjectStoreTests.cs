using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Tests.Observation;

public sealed class ObjectStoreTests
{
    private readonly ObjectStore _store = new();
    private readonly List<StoreChange> _changes = [];

    public ObjectStoreTests() => _store.Changed += _changes.Add;

    [Fact]
    public void An_older_state_never_replaces_a_newer_one()
    {
        _store.Put(KubernetesKinds.Pod, Pod("9", "u1", phase: "Pending"));
        _store.Put(KubernetesKinds.Pod, Pod("10", "u1", phase: "Running"));
        _store.Put(KubernetesKinds.Pod, Pod("9", "u1", phase: "Pending"));
        Assert.Equal("10", (string?)_store.Get(KubernetesKinds.Pod, "n", "c-0")!["metadata"]!["resourceVersion"]);
        Assert.Equal(2, _changes.Count);
    }

    [Fact]
    public void Objects_are_found_by_the_label_of_their_cluster_also_when_the_label_changes()
    {
        _store.Put(KubernetesKinds.Pod, Pod("1", "u1"));
        Assert.Single(_store.OfCluster("c"));
        Assert.Empty(_store.OfCluster("d"));
        _store.ClusterLabel = "other";
        Assert.Empty(_store.OfCluster("c"));
        Assert.Single(_store.OfCluster("d"));
    }

    [Fact]
    public void A_deleted_object_shows_as_terminating_and_is_not_revived_by_an_event_on_its_way()
    {
        _store.Put(KubernetesKinds.Pod, Pod("1", "u1"));
        _store.MarkDeleted(KubernetesKinds.Pod, "n", "c-0", "u1", DateTimeOffset.UnixEpoch);
        _store.Put(KubernetesKinds.Pod, Pod("2", "u1"));
        Assert.NotNull(_store.Get(KubernetesKinds.Pod, "n", "c-0")!["metadata"]!["deletionTimestamp"]);
        _store.Put(KubernetesKinds.Pod, Pod("3", "u2"));
        Assert.Null(_store.Get(KubernetesKinds.Pod, "n", "c-0")!["metadata"]!["deletionTimestamp"]);
    }

    [Fact]
    public void The_answer_to_a_deletion_that_comes_after_the_successor_does_not_touch_it()
    {
        _store.Put(KubernetesKinds.Pod, Pod("1", "u1"));
        _store.Remove(KubernetesKinds.Pod, "n", "c-0", "u1");
        _store.Put(KubernetesKinds.Pod, Pod("3", "u2"));
        _store.MarkDeleted(KubernetesKinds.Pod, "n", "c-0", "u1", DateTimeOffset.UnixEpoch);
        Assert.Null(_store.Get(KubernetesKinds.Pod, "n", "c-0")!["metadata"]!["deletionTimestamp"]);
        _store.Put(KubernetesKinds.Pod, Pod("4", "u2"));
        Assert.Equal("4", (string?)_store.Get(KubernetesKinds.Pod, "n", "c-0")!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public void The_answer_to_a_change_that_comes_after_the_deletion_revives_nothing()
    {
        _store.Put(KubernetesKinds.Pod, Pod("1", "u1"));
        _store.Remove(KubernetesKinds.Pod, "n", "c-0", "u1");
        _store.Put(KubernetesKinds.Pod, Pod("2", "u1"));
        Assert.Null(_store.Get(KubernetesKinds.Pod, "n", "c-0"));
    }

    [Fact]
    public void A_late_deletion_event_does_not_remove_the_successor()
    {
        _store.Put(KubernetesKinds.Pod, Pod("5", "u2"));
        _store.Remove(KubernetesKinds.Pod, "n", "c-0", "u1");
        Assert.NotNull(_store.Get(KubernetesKinds.Pod, "n", "c-0"));
        _store.Remove(KubernetesKinds.Pod, "n", "c-0", "u2");
        Assert.Null(_store.Get(KubernetesKinds.Pod, "n", "c-0"));
        Assert.Empty(_store.OfCluster("c"));
    }

    private static JsonObject Pod(string version, string uid, string phase = "Running") => new()
    {
        ["metadata"] = new JsonObject
        {
            ["namespace"] = "n", ["name"] = "c-0", ["uid"] = uid, ["resourceVersion"] = version,
            ["labels"] = new JsonObject { ["cluster-name"] = "c", ["other"] = "d" },
        },
        ["status"] = new JsonObject { ["phase"] = phase },
    };
}
