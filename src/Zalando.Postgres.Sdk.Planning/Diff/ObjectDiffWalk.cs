using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Diff;

/// <summary>One comparison of two normalised objects: collects reasons and the merge patch.</summary>
internal sealed class ObjectDiffWalk(KubernetesKind kind, ObjectDiffOptions options)
{
    private const string PodSpec = "io.k8s.api.core.v1.PodSpec";

    private static readonly HashSet<string> Unordered = new(StringComparer.Ordinal)
    {
        "tolerations", "matchExpressions", "matchFields", "values", "nodeSelectorTerms", "loadBalancerSourceRanges", "accessModes", "add", "drop", "finalizers", "eventStreams",
    };

    private readonly List<ChangeReason> _reasons = [];
    private HashSet<string> _foreignVolumes = [];

    public IReadOnlyList<ChangeReason> Reasons => _reasons;

    public JsonObject Root(JsonObject current, JsonObject desired)
    {
        var patch = new JsonObject();
        var schema = KubernetesKinds.SchemaNames.TryGetValue(kind, out var name) ? KubernetesSchema.ByName(name) : null;
        foreach (var field in Names(current, desired))
        {
            if (field is "apiVersion" or "kind" or "status") continue;
            var (before, after) = (current[field], desired[field]);
            // What only the server has at the top belongs to controllers (secrets of an account, subsets of endpoints).
            if (after is null && field is not "metadata" and not "spec") continue;
            JsonNode? change = field switch
            {
                "metadata" => Metadata(before as JsonObject, after as JsonObject, "metadata"),
                "data" when kind.Kind == "Secret" => SecretData(before as JsonObject, after as JsonObject),
                _ => Value(field, before, after, Property(schema, field)),
            };
            if (change is not null) patch[field] = IsRemoval(change) ? null : change;
        }

        return patch;
    }

    private static IEnumerable<string> Names(JsonObject current, JsonObject desired)
    {
        foreach (var (name, _) in desired) yield return name;
        foreach (var (name, _) in current)
            if (!desired.ContainsKey(name)) yield return name;
    }

    private static KubernetesSchema? Property(KubernetesSchema? schema, string field) =>
        schema is null ? null : schema.Properties.TryGetValue(field, out var property) ? property : schema.AdditionalProperties;

    private JsonObject? Metadata(JsonObject? current, JsonObject? desired, string path)
    {
        var patch = new JsonObject();
        // At the top it is the key that both were found by; further down it says which claim template it is.
        if (path != "metadata" && desired?["name"] is { } name && current.Text("name") != desired.Text("name"))
        {
            Report(path + ".name", current?["name"], name);
            patch["name"] = name.DeepClone();
        }

        if (Map(current.Object("labels"), desired.Object("labels"), path + ".labels", options.OwnedLabels, []) is { } labels) patch["labels"] = labels;
        var owned = path == "metadata" || !options.OwnsTemplateAnnotations || current?["annotations"] is not JsonObject present
            ? options.OwnedAnnotations
            // Tools of Kubernetes such as kubectl rollout restart leave their notes in templates, too.
            : [.. present.Select(a => a.Key).Where(k => !k.Contains("kubernetes.io/", StringComparison.Ordinal))];
        if (Map(current.Object("annotations"), desired.Object("annotations"), path + ".annotations", owned, options.IgnoredAnnotations) is { } annotations)
            patch["annotations"] = annotations;
        if (path == "metadata" && Owners(current?["ownerReferences"] as JsonArray, desired?["ownerReferences"] as JsonArray) is { } owners) patch["ownerReferences"] = owners;
        return patch.Count == 0 ? null : patch;
    }

    private JsonObject? Map(JsonObject? current, JsonObject? desired, string path, IReadOnlyCollection<string> owned, IReadOnlyCollection<string> ignored)
    {
        JsonObject? patch = null;
        if (desired is not null)
        {
            foreach (var (key, value) in desired)
            {
                if (ignored.Contains(key)) continue;
                var before = current?[key];
                if (JsonNode.DeepEquals(before, value) || (IsEmpty(before) && IsEmpty(value) && before is not null)) continue;
                Report($"{path}[{key}]", before, value);
                (patch ??= [])[key] = value?.DeepClone();
            }
        }

        foreach (var key in owned)
        {
            if (current is null || !current.ContainsKey(key) || (desired?.ContainsKey(key) ?? false) || ignored.Contains(key)) continue;
            Report($"{path}[{key}]", current[key], null);
            (patch ??= [])[key] = null;
        }

        return patch;
    }

    // References of others stay; ours are the desired ones and those to a postgresql object.
    private JsonArray? Owners(JsonArray? current, JsonArray? desired)
    {
        var wanted = (desired ?? []).OfType<JsonObject>().ToArray();
        var present = (current ?? []).OfType<JsonObject>().ToArray();
        var missing = wanted.Where(w => !present.Any(p => SameOwner(p, w))).ToArray();
        var surplus = present.Where(p => IsOurs(p) && !wanted.Any(w => SameOwner(p, w))).ToArray();
        if (missing.Length == 0 && surplus.Length == 0) return null;
        foreach (var owner in missing) Report($"metadata.ownerReferences[{owner.Text("name")}]", null, owner);
        foreach (var owner in surplus)
            if (!missing.Any(m => Text(m, "uid") == Text(owner, "uid"))) Report($"metadata.ownerReferences[{owner.Text("name")}]", owner, null);
        var uids = wanted.Select(w => Text(w, "uid")).ToHashSet(StringComparer.Ordinal);
        return [.. present.Where(p => !surplus.Contains(p) && !uids.Contains(Text(p, "uid"))).Select(p => p.DeepClone()), .. wanted.Select(w => w.DeepClone())];

        static bool IsOurs(JsonObject owner) => Text(owner, "kind") == "postgresql" && Text(owner, "apiVersion")?.StartsWith("acid.zalan.do/", StringComparison.Ordinal) == true;

        static bool SameOwner(JsonObject a, JsonObject b) =>
            Text(a, "uid") == Text(b, "uid") && Text(a, "kind") == Text(b, "kind") && Text(a, "name") == Text(b, "name") && Text(a, "apiVersion") == Text(b, "apiVersion")
            && IsTrue(a["controller"]) == IsTrue(b["controller"]) && IsTrue(a["blockOwnerDeletion"]) == IsTrue(b["blockOwnerDeletion"]);
    }

    private JsonObject? SecretData(JsonObject? current, JsonObject? desired)
    {
        JsonObject? patch = null;
        foreach (var (key, value) in desired ?? [])
        {
            if (JsonNode.DeepEquals(current?[key], value)) continue;
            Report($"data[{key}]", current?[key] is null ? null : JsonValue.Create(ValueText.Hidden), JsonValue.Create(ValueText.Hidden));
            (patch ??= [])[key] = value?.DeepClone();
        }

        return patch;
    }

    // Returns what the patch says of the value, RemovedField for a null in it, or null for no change.
    private JsonNode? Value(string path, JsonNode? current, JsonNode? desired, KubernetesSchema? schema)
    {
        if (desired is JsonObject after && current is JsonObject before) return Object(path, before, after, schema);
        if (desired is JsonArray wanted && current is JsonArray present) return List(path, present, wanted, schema);
        if (Same(current, desired, schema)) return null;
        Report(path, current, desired);
        return desired?.DeepClone() ?? RemovalNode();
    }

    private JsonObject? Object(string path, JsonObject current, JsonObject desired, KubernetesSchema? schema)
    {
        var owned = FieldOwnership.Of(schema?.Name);
        if (schema?.Name == PodSpec) _foreignVolumes = ForeignVolumes(current, desired);
        JsonObject? patch = null;
        foreach (var field in Names(current, desired))
        {
            if (field is "status" or "creationTimestamp") continue;
            // A volume source such as emptyDir counts by being there, even when it is empty.
            var (before, after) = (current[field], desired[field]);
            if (owned is not null && !owned.Contains(field) && (after is null || !IsExplicit(schema, field))) continue;
            // No volumes at all is an empty list, so that injected ones are found in it.
            if (field == "volumes" && after is null && before is JsonArray) after = new JsonArray();
            JsonNode? change;
            if (field == "metadata" && path is not "" && schema?.Name is not null)
            {
                change = Metadata(before as JsonObject, after as JsonObject, Join(path, field));
            }
            else
            {
                change = Value(Join(path, field), before, after, Property(schema, field));
            }

            if (change is null) continue;
            (patch ??= [])[field] = IsRemoval(change) ? null : change;
        }

        return patch;
    }

    // Fields that only count when the manifest sets them: the server or somebody else chooses them otherwise.
    private static bool IsExplicit(KubernetesSchema? schema, string field) => schema?.Name switch
    {
        PodSpec => field == "imagePullSecrets",
        "io.k8s.api.core.v1.ServicePort" => field == "nodePort",
        "io.k8s.api.core.v1.PersistentVolumeClaimSpec" => field == "storageClassName",
        _ => false,
    };

    private JsonNode? List(string path, JsonArray current, JsonArray desired, KubernetesSchema? schema)
    {
        var name = path[(path.LastIndexOf('.') + 1)..];
        var keys = Keys(schema, name);
        if (keys.Count > 0 && All(current, keys) && All(desired, keys)) return Keyed(path, name, current, desired, schema!.Items, keys);
        if (Unordered.Contains(name) ? SameSet(current, desired, schema?.Items) : Sequence(path, current, desired, schema?.Items) is null) return null;
        if (Unordered.Contains(name)) Report(path, current, desired);
        return desired.DeepClone();
    }

    private JsonArray? Sequence(string path, JsonArray current, JsonArray desired, KubernetesSchema? items)
    {
        if (current.Count != desired.Count)
        {
            Report(path, current, desired);
            return desired;
        }

        var changed = false;
        for (var i = 0; i < desired.Count; i++)
        {
            var label = desired[i].Text("metadata", "name") ?? i.ToString(CultureInfo.InvariantCulture);
            changed |= Value($"{path}[{label}]", current[i], desired[i], items) is not null;
        }

        return changed ? desired : null;
    }

    private JsonArray? Keyed(string path, string name, JsonArray current, JsonArray desired, KubernetesSchema? items, IReadOnlyList<string> keys)
    {
        // Later entries win, as in a container's environment.
        var before = current.OfType<JsonObject>().GroupBy(Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var after = desired.OfType<JsonObject>().GroupBy(Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var changed = false;
        var foreign = new List<JsonObject>();
        foreach (var (key, item) in after)
        {
            var here = $"{path}[{key}]";
            if (!before.TryGetValue(key, out var old))
            {
                Report(here, null, name == "env" ? Shown(item) : item);
                changed = true;
            }
            else if (name == "env")
            {
                changed |= Variable(here, old, item, items);
            }
            else
            {
                changed |= Object(here, old, item, items) is not null;
            }
        }

        foreach (var (key, item) in before)
        {
            if (after.ContainsKey(key)) continue;
            if (IsForeign(name, item))
            {
                foreign.Add(item);
                continue;
            }

            Report($"{path}[{key}]", name == "env" ? Shown(item) : item, null);
            changed = true;
        }

        if (!changed && name == "initContainers")
        {
            // They run one after the other, so their order is part of what is asked for.
            var order = current.OfType<JsonObject>().Select(Key).Where(after.ContainsKey).ToArray();
            if (!order.SequenceEqual(desired.OfType<JsonObject>().Select(Key), StringComparer.Ordinal))
            {
                Report(path, JsonValue.Create(string.Join(", ", order)), JsonValue.Create(string.Join(", ", desired.OfType<JsonObject>().Select(Key))));
                changed = true;
            }
        }

        return changed ? [.. desired.Select(d => d?.DeepClone()), .. foreign.Select(f => f.DeepClone())] : null;

        string Key(JsonObject item) => keys.Count == 1 ? Text(item, keys[0]) ?? "" : string.Join('/', keys.Select(k => Text(item, k) ?? ""));
    }

    private bool Variable(string path, JsonObject current, JsonObject desired, KubernetesSchema? items)
    {
        var variable = Text(desired, "name") ?? "";
        var (before, after) = (Text(current, "value") ?? "", Text(desired, "value") ?? "");
        if (variable == SpiloConfiguration.Variable)
        {
            if (SpiloConfigurationText.SameForRunningCluster(before, after)) return false;
            Report(path + ".value", current["value"], desired["value"]);
            return true;
        }

        if (before != after)
        {
            Report(path, Shown(current), Shown(desired));
            return true;
        }

        return before.Length == 0 && Value(path + ".valueFrom", current["valueFrom"], desired["valueFrom"], Property(items, "valueFrom")) is not null;
    }

    private static JsonNode Shown(JsonObject variable)
    {
        var name = Text(variable, "name") ?? "";
        if (variable["valueFrom"] is { } source) return source;
        return JsonValue.Create(ValueText.IsSecretName(name) ? ValueText.Hidden : Text(variable, "value") ?? "");
    }

    private bool IsForeign(string list, JsonObject item) => list switch
    {
        "containers" => options.OwnContainersUseSecret is { } secret && !RefersTo(item, secret),
        "volumes" => _foreignVolumes.Contains(Text(item, "name") ?? ""),
        _ => false,
    };

    // Volumes that only injected containers mount were injected with them.
    private HashSet<string> ForeignVolumes(JsonObject current, JsonObject desired)
    {
        if (options.OwnContainersUseSecret is not { } secret || current["containers"] is not JsonArray containers) return [];
        var wanted = Names(desired["containers"]);
        var foreign = containers.OfType<JsonObject>().Where(c => !wanted.Contains(Text(c, "name") ?? "") && !RefersTo(c, secret)).ToArray();
        if (foreign.Length == 0) return [];
        var mounted = foreign.SelectMany(Mounts).ToHashSet(StringComparer.Ordinal);
        mounted.ExceptWith(containers.OfType<JsonObject>().Except(foreign).SelectMany(Mounts));
        return mounted;

        static HashSet<string> Names(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>().Select(c => Text(c, "name") ?? "").ToHashSet(StringComparer.Ordinal);

        static IEnumerable<string> Mounts(JsonObject container) => container.Items("volumeMounts").Select(m => Text(m, "name") ?? "");
    }

    private static bool RefersTo(JsonObject container, string secret) =>
        container.Items("env").Any(e => e.Text("valueFrom", "secretKeyRef", "name") == secret);

    private static IReadOnlyList<string> Keys(KubernetesSchema? schema, string name)
    {
        if (schema is null || name is "tolerations" or "ownerReferences") return [];
        if (schema.ListMapKeys.Count > 0) return schema.ListMapKeys;
        return schema.PatchMergeKey is { } key ? [key] : [];
    }

    private static bool All(JsonArray list, IReadOnlyList<string> keys)
    {
        foreach (var item in list)
            if (item is not JsonObject entry || !entry.ContainsKey(keys[0])) return false;
        return true;
    }

    private static bool SameSet(JsonArray current, JsonArray desired, KubernetesSchema? items)
    {
        if (current.Count != desired.Count) return false;
        var left = current.ToList();
        foreach (var item in desired)
        {
            var match = left.FindIndex(l => Same(l, item, items));
            if (match < 0) return false;
            left.RemoveAt(match);
        }

        return true;
    }

    private static bool Same(JsonNode? current, JsonNode? desired, KubernetesSchema? schema)
    {
        if (IsEmpty(current) && IsEmpty(desired)) return true;
        switch (current, desired)
        {
            case (JsonObject a, JsonObject b):
                foreach (var field in Names(a, b))
                {
                    var (before, after) = (a[field], b[field]);
                    var isSame = Unordered.Contains(field) && before is JsonArray left && after is JsonArray right
                        ? SameSet(left, right, Property(schema, field)?.Items)
                        : Same(before, after, Property(schema, field));
                    if (!isSame) return false;
                }

                return true;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count) return false;
                for (var i = 0; i < a.Count; i++)
                    if (!Same(a[i], b[i], schema?.Items)) return false;
                return true;
            case (JsonValue a, JsonValue b):
                if (schema?.IsQuantity == true || schema?.Name == "io.k8s.apimachinery.pkg.api.resource.Quantity")
                    return Quantity.TryParse(a.ToString(), out var x) && Quantity.TryParse(b.ToString(), out var y) ? x == y : a.ToString() == b.ToString();
                return JsonNode.DeepEquals(a, b);
            default:
                return false;
        }
    }

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject item => item.Count == 0,
        JsonArray list => list.Count == 0,
        JsonValue value => value.TryGetValue(out string? text) && text.Length == 0,
        _ => false,
    };

    // Stands for a null in a merge patch; JsonNode has no node for it.
    private static readonly JsonValue RemovedField = JsonValue.Create("removed");

    private static JsonNode RemovalNode() => RemovedField;

    private static bool IsRemoval(JsonNode node) => ReferenceEquals(node, RemovedField);

    private static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool flag) && flag;

    private static string? Text(JsonObject item, string name) => item[name] is JsonValue value ? value.ToString() : null;

    private void Report(string path, JsonNode? before, JsonNode? after)
    {
        var (consequence, explanation) = ConsequenceRules.Of(kind.Kind, path, options.LazyImages);
        _reasons.Add(new ChangeReason
        {
            FieldPath = path,
            Old = ValueText.Of(before),
            New = ValueText.Of(after),
            Consequence = consequence,
            Explanation = explanation,
            RequestedBy = Requester.Manifest,
        });
    }
}
