using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Accepts custom resource definitions: sets their conditions, serves their kinds, and removes their objects when they go.</summary>
internal sealed class CustomKindPublisher
{
    private static readonly string Definitions = KubernetesKinds.CustomResourceDefinition.QualifiedName;
    private static readonly WriteContext Writer = new() { FieldManager = "kube-apiserver", FieldValidation = "Ignore" };
    private readonly ObjectPipeline _pipeline;

    private CustomKindPublisher(ObjectPipeline pipeline) => _pipeline = pipeline;

    public static void Attach(ObjectPipeline pipeline) => pipeline.Store.Observe(new CustomKindPublisher(pipeline).OnChange);

    private void OnChange(HistoryEntry entry)
    {
        if (entry.Resource != Definitions)
        {
            if (entry.Type == "DELETED" && _pipeline.Store.Get(Definitions, new("", entry.Resource)) is { } owner && owner.Value.IsDeleting()) CleanUp(owner.Value);
            return;
        }

        var name = entry.Current.Key.Name;
        if (entry.Type == "DELETED")
        {
            _pipeline.Kinds.RemoveCustom(name);
            // Names that were taken may be free now.
            foreach (var other in _pipeline.Store.List(Definitions, null).ToArray()) Publish(other.Value);
            return;
        }

        // A later change may have come before this one was announced.
        if (_pipeline.Store.Get(Definitions, entry.Current.Key) is not { } stored) return;
        if (stored.Value.IsDeleting()) CleanUp(stored.Value);
        else Publish(stored.Value);
    }

    private void Publish(JsonObject definition)
    {
        if (definition.IsDeleting()) return;
        if (IsEstablished(definition))
        {
            _pipeline.Kinds.SetCustom(definition, _pipeline.Store.Version);
            return;
        }

        var names = definition.Object("spec").Object("names") ?? [];
        var (accepted, conflict) = Accept(definition, names);
        var value = definition.CopyObject();
        var conditions = conflict is var (reason, taken) && reason.Length > 0
            ? new JsonArray(Condition(value, "NamesAccepted", "False", reason, $"\"{taken}\" is already in use"), Condition(value, "Established", "False", "NotAccepted", "not all names are accepted"))
            : new JsonArray(Condition(value, "NamesAccepted", "True", "NoConflicts", "no conflicts found"), Condition(value, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted"));
        value["status"] = new JsonObject
        {
            ["conditions"] = conditions,
            ["acceptedNames"] = accepted,
            ["storedVersions"] = definition.Object("status")?["storedVersions"]?.DeepClone(),
        };
        _pipeline.Update(_pipeline.Kinds.Require(KubernetesKinds.CustomResourceDefinition), null, value.Name(), "status", _ => value, Writer, needsVersion: false);
    }

    /// <summary>The names nobody else in the group has; of several conflicts the last counts.</summary>
    private (JsonObject Accepted, (string Reason, string Name) Conflict) Accept(JsonObject definition, JsonObject names)
    {
        var resources = new HashSet<string>(StringComparer.Ordinal);
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var other in _pipeline.Store.List(Definitions, null).Select(static s => s.Value))
        {
            if (other.Name() == definition.Name() || other.Object("spec").Text("group") != definition.Object("spec").Text("group")) continue;
            var taken = other.Object("status").Object("acceptedNames");
            foreach (var resource in taken.Array("shortNames").Texts().Append(taken.Text("plural") ?? "").Append(taken.Text("singular") ?? "")) resources.Add(resource);
            foreach (var kind in (ReadOnlySpan<string>)[taken.Text("kind") ?? "", taken.Text("listKind") ?? ""]) kinds.Add(kind);
        }

        var accepted = new JsonObject { ["plural"] = "", ["kind"] = "" };
        var conflict = ("", "");
        void Take(string field, HashSet<string> used, string reason)
        {
            if (names.Text(field) is not { Length: > 0 } name) return;
            if (used.Contains(name)) conflict = (reason, name);
            else accepted[field] = name;
        }

        Take("plural", resources, "PluralConflict");
        Take("singular", resources, "SingularConflict");
        if (names.Array("shortNames") is { Count: > 0 } shorts)
        {
            if (shorts.Texts().FirstOrDefault(resources.Contains) is { } used) conflict = ("ShortNamesConflict", used);
            else accepted["shortNames"] = shorts.DeepClone();
        }

        Take("kind", kinds, "KindConflict");
        Take("listKind", kinds, "ListKindConflict");
        if (names["categories"] is { } categories) accepted["categories"] = categories.DeepClone();
        return (accepted, conflict);
    }

    /// <summary>Deletes the objects of a definition that is going; when none is left, the definition may go.</summary>
    private void CleanUp(JsonObject definition)
    {
        if (!definition.Object("metadata").Array("finalizers").Texts().Contains(CustomDefinitions.CleanupFinalizer)) return;
        if (_pipeline.Kinds.ByResource(definition.Name()) is { } kind)
        {
            foreach (var stored in _pipeline.Store.List(kind.Resource, null).ToArray())
            {
                if (!stored.Value.IsDeleting()) _pipeline.Delete(kind, stored.Key.Namespace, stored.Key.Name, new DeleteOptions { PropagationPolicy = "Background" }, new WriteContext());
            }

            // Objects with finalizers keep their definition until they are gone.
            if (_pipeline.Store.Count(kind.Resource) > 0) return;
        }

        if (_pipeline.Store.Get(Definitions, new("", definition.Name())) is null) return;
        _pipeline.Update(_pipeline.Kinds.Require(KubernetesKinds.CustomResourceDefinition), null, definition.Name(), null, static value =>
        {
            var finalizers = value.Object("metadata").Array("finalizers") ?? [];
            for (var i = finalizers.Count - 1; i >= 0; i--)
            {
                if (finalizers[i].Text() == CustomDefinitions.CleanupFinalizer) finalizers.RemoveAt(i);
            }

            return value;
        }, WriteContext.Internal, needsVersion: false);
    }

    private static bool IsEstablished(JsonObject definition) =>
        (definition.Object("status").Array("conditions") ?? []).OfType<JsonObject>().Any(static c => c.Text("type") == "Established" && c.Text("status") == "True");

    private JsonObject Condition(JsonObject definition, string type, string status, string reason, string message)
    {
        var old = (definition.Object("status").Array("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type && c.Text("status") == status);
        return new JsonObject { ["type"] = type, ["status"] = status, ["lastTransitionTime"] = old.Text("lastTransitionTime") ?? _pipeline.Now, ["reason"] = reason, ["message"] = message };
    }
}
