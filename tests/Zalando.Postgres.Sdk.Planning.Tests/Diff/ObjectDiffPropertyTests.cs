using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Planning.Tests.Diff;

/// <summary>What holds for the comparison of any two objects that the operator makes.</summary>
public sealed class ObjectDiffPropertyTests
{
    private static readonly HashSet<string> SetsAndMaps = new(StringComparer.Ordinal)
    {
        "env", "ports", "volumeMounts", "volumes", "tolerations", "loadBalancerSourceRanges", "accessModes", "matchExpressions", "values",
    };

    [Fact]
    public void An_object_equals_itself() => ForObjects((_, kind, item) => AssertEqual(kind, item, Copy(item)));

    [Fact]
    public void What_the_server_fills_in_is_invisible_on_either_side() => ForObjects((_, kind, item) =>
    {
        var stored = KubernetesDefaults.Normalize(kind, item);
        AssertEqual(kind, stored, item);
        AssertEqual(kind, item, stored);
    });

    [Fact]
    public void The_order_of_maps_and_sets_means_nothing() => ForObjects((dice, kind, item) =>
    {
        var shuffled = (JsonObject)Shuffled(dice, item, "")!;
        AssertEqual(kind, shuffled, item);
        AssertEqual(kind, item, shuffled);
    });

    [Fact]
    public void A_quantity_in_another_spelling_is_the_same() => ForObjects((_, kind, item) =>
    {
        var other = Copy(item);
        Respell(other, "");
        AssertEqual(kind, other, item);
        AssertEqual(kind, item, other);
    });

    [Fact]
    public void What_others_write_is_no_difference() => ForObjects((dice, kind, item) =>
    {
        var stored = KubernetesDefaults.Normalize(kind, item);
        var metadata = (JsonObject)stored["metadata"]!;
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        annotations["example.org/tracking"] = "x";
        metadata["uid"] = "u";
        metadata["resourceVersion"] = "1";
        metadata["managedFields"] = new JsonArray(new JsonObject { ["manager"] = "kubectl" });
        metadata["finalizers"] = new JsonArray("example.org/keep");
        if (dice.Chance(50)) metadata["creationTimestamp"] = "2026-01-01T00:00:00Z";
        stored["status"] = new JsonObject { ["observedGeneration"] = 3 };
        AssertEqual(kind, stored, item);
    });

    [Fact]
    public void An_injected_sidecar_stays() => ForObjects((_, kind, item) =>
    {
        if (kind.Kind != "StatefulSet") return;
        var secret = "postgres.acid-test.credentials";
        var stored = KubernetesDefaults.Normalize(kind, item);
        var pod = (JsonObject)stored["spec"]!["template"]!["spec"]!;
        pod["containers"]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = "mesh", ["image"] = "mesh:1", ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "mesh", ["mountPath"] = "/mesh" }) });
        if (pod["volumes"] is not JsonArray volumes) pod["volumes"] = volumes = [];
        volumes.Add((JsonNode)new JsonObject { ["name"] = "mesh", ["emptyDir"] = new JsonObject() });
        var options = new ObjectDiffOptions { OwnContainersUseSecret = secret };
        var comparison = ObjectDiff.Compare(kind, stored, item, options);
        Assert.True(comparison.AreEqual, string.Join('\n', comparison.Reasons));
        // It stays when the list around it is rewritten, too.
        var changed = Copy(item);
        changed["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "spilo:other";
        var merged = JsonMerge.Apply(Copy(stored), ObjectDiff.Compare(kind, stored, changed, options).Patch);
        Assert.Contains(merged["spec"]!["template"]!["spec"]!["containers"]!.AsArray(), c => (string?)c!["name"] == "mesh");
    });

    [Fact]
    public void Whether_two_objects_differ_does_not_depend_on_their_order() => ForObjects((dice, kind, item) =>
    {
        var other = Copy(item);
        if (dice.Chance(70)) ChangeOneValue(dice, other);
        Assert.Equal(ObjectDiff.Compare(kind, item, other).AreEqual, ObjectDiff.Compare(kind, other, item).AreEqual);
    });

    [Fact]
    public void Every_value_that_is_written_is_compared() => ForObjects((dice, kind, item) =>
    {
        var other = Copy(item);
        if (ChangeOneValue(dice, other) is not { } path) return;
        var comparison = ObjectDiff.Compare(kind, KubernetesDefaults.Normalize(kind, item), other);
        Assert.False(comparison.AreEqual, $"{kind.Kind}: a change of {path} is not seen");
        Assert.All(comparison.Reasons, r => Assert.NotEmpty(r.FieldPath));
    });

    [Fact]
    public void The_patch_makes_the_stored_object_mean_what_is_desired() => Properties.ForScenarios(40, dice =>
    {
        var first = Objects(dice);
        var second = Objects(dice);
        foreach (var (key, (kind, item)) in first)
        {
            if (!second.TryGetValue(key, out var desired) || kind.Kind == "Secret") continue;
            var stored = KubernetesDefaults.Normalize(kind, item);
            var comparison = ObjectDiff.Compare(kind, stored, desired.Item);
            var merged = KubernetesDefaults.Normalize(kind, JsonMerge.Apply(Copy(stored), comparison.Patch));
            AssertEqual(kind, merged, desired.Item);
        }
    });

    private static void ForObjects(Action<Dice, KubernetesKind, JsonObject> property) => Properties.ForScenarios(25, dice =>
    {
        foreach (var (kind, item) in Objects(dice).Values) property(dice, kind, item);
    });

    private static Dictionary<ObjectKey, (KubernetesKind Kind, JsonObject Item)> Objects(Dice dice)
    {
        var cluster = new SimulatedCluster(RandomScenario.Existing(), RandomScenario.Manifest(dice, valid: true), RandomScenario.Configuration(dice), RandomScenario.Now);
        return ClusterPlanner.Plan(cluster.Input()).Changes.OfType<CreateObject>().Where(c => c.Kind.Kind is not "RoleBinding" and not "ServiceAccount")
            .ToDictionary(c => ObjectKey.Of(c.Kind, c.Target.Namespace, c.Target.Name), c => (c.Kind, c.Body));
    }

    private static void AssertEqual(KubernetesKind kind, JsonObject current, JsonObject desired)
    {
        var comparison = ObjectDiff.Compare(kind, current, desired);
        Assert.True(comparison.AreEqual, $"{kind.Kind}: {string.Join('\n', comparison.Reasons)}");
        Assert.Empty(comparison.Patch);
    }

    private static JsonObject Copy(JsonObject item) => (JsonObject)item.DeepClone();

    private static JsonNode? Shuffled(Dice dice, JsonNode? node, string name) => node switch
    {
        JsonObject item => new JsonObject(item.OrderBy(_ => dice.Next(1000)).Select(p => KeyValuePair.Create(p.Key, Shuffled(dice, p.Value, p.Key))).ToArray()),
        JsonArray list when SetsAndMaps.Contains(name) && HasUniqueNames(list) => new JsonArray([.. list.OrderBy(_ => dice.Next(1000)).Select(i => Shuffled(dice, i, ""))]),
        JsonArray list => new JsonArray([.. list.Select(i => Shuffled(dice, i, ""))]),
        _ => node?.DeepClone(),
    };

    // Of variables that occur twice the last one counts.
    private static bool HasUniqueNames(JsonArray list)
    {
        var names = list.OfType<JsonObject>().Select(i => i["name"]?.ToString()).Where(n => n is not null).ToArray();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length;
    }

    private static void Respell(JsonNode? node, string parent)
    {
        if (node is JsonArray list)
        {
            foreach (var child in list) Respell(child, parent);
            return;
        }

        if (node is not JsonObject item) return;
        foreach (var (name, value) in item.ToArray())
        {
            if (parent is "requests" or "limits" && value is JsonValue text && Quantity.TryParse(text.ToString(), out var quantity))
                item[name] = (quantity.Nanos / 1_000_000).ToString(CultureInfo.InvariantCulture) + "m";
            else Respell(value, name);
        }
    }

    /// <summary>Changes one text, number or flag below <c>spec</c> (or one label); null when there is none.</summary>
    private static string? ChangeOneValue(Dice dice, JsonObject item)
    {
        var values = new List<(string Path, JsonValue Value)>();
        Collect(item["spec"], "spec", values);
        Collect(item["metadata"]?["labels"], "metadata.labels", values);
        if (values.Count == 0) return null;
        var (path, value) = values[dice.Next(values.Count)];
        value.ReplaceWith<JsonNode>(value.GetValueKind() switch
        {
            JsonValueKind.True => JsonValue.Create(false),
            JsonValueKind.False => JsonValue.Create(true),
            JsonValueKind.Number => JsonValue.Create(value.GetValue<int>() + 1),
            _ => JsonValue.Create(Quantity.TryParse(value.ToString(), out _) ? "77" : value + "x"),
        });
        return path;
    }

    private static void Collect(JsonNode? node, string path, List<(string, JsonValue)> values)
    {
        switch (node)
        {
            case JsonObject item:
                // Names are keys: another name is another entry. The bootstrap part counts when a cluster is made.
                if (item["name"]?.ToString() == "SPILO_CONFIGURATION") return;
                foreach (var (name, child) in item)
                    if (!(name == "namespace" && path.EndsWith("template.metadata", StringComparison.Ordinal))) Collect(child, $"{path}.{name}", values);
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++) Collect(list[i], $"{path}[{i}]", values);
                break;
            case JsonValue value:
                values.Add((path, value));
                break;
        }
    }
}
