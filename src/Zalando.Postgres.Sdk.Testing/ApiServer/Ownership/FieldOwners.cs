using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Ownership;

/// <summary>The <c>managedFields</c> of an object: who set which field, by apply or otherwise.</summary>
internal sealed class FieldOwners
{
    private readonly List<Owner> _owners = [];

    private FieldOwners()
    {
    }

    public static FieldOwners Of(JsonObject value)
    {
        var owners = new FieldOwners();
        foreach (var entry in (value.Object("metadata").Array("managedFields") ?? []).OfType<JsonObject>())
        {
            owners._owners.Add(new Owner(entry.Text("manager") ?? "", entry.Text("operation") ?? "Update", entry.Text("apiVersion") ?? "", entry.Text("subresource"), entry.Text("time"), FieldTree.Parse(entry.Object("fieldsV1"))));
        }

        return owners;
    }

    public void Write(JsonObject value)
    {
        // Without a time first (they were never written since), then by time; equal times by name.
        var sorted = _owners.Where(static o => !o.Fields.IsEmpty).OrderBy(static o => o.Operation == "Apply" ? 0 : 1).ThenBy(static o => o.Time ?? "", StringComparer.Ordinal).ThenBy(static o => o.Manager, StringComparer.Ordinal);
        var list = new JsonArray();
        foreach (var owner in sorted)
        {
            var entry = new JsonObject { ["manager"] = owner.Manager, ["operation"] = owner.Operation, ["apiVersion"] = owner.ApiVersion };
            if (owner.Time is not null) entry["time"] = owner.Time;
            entry["fieldsType"] = "FieldsV1";
            entry["fieldsV1"] = owner.Fields.ToJson();
            if (owner.Subresource is { Length: > 0 }) entry["subresource"] = owner.Subresource;
            list.AddNode(entry);
        }

        value.Metadata().Put("managedFields", list.Count == 0 ? null : list);
    }

    /// <summary>Notes a create, update or patch.</summary>
    public void Updated(string manager, ServedKind kind, string? subresource, JsonObject old, JsonObject value, string now)
    {
        var (changed, removed) = TypedFields.Compare(old, value, kind.Schema);
        foreach (var owner in _owners)
        {
            foreach (var path in removed.Paths()) owner.Fields.RemoveWhole(path);
            if (owner.Manager == manager && owner.Operation == "Update") continue;
            foreach (var path in changed.Paths()) owner.Fields.Remove(path);
        }

        _owners.RemoveAll(static o => o.Fields.IsEmpty);
        if (changed.IsEmpty) return;
        var own = _owners.Find(o => o.Manager == manager && o.Operation == "Update" && (o.Subresource ?? "") == (subresource ?? ""));
        if (own is null) _owners.Add(own = new Owner(manager, "Update", kind.Kind.ApiVersion, subresource, now, new FieldTree()));
        own.Fields.Add(changed);
        own.Time = now;
    }

    /// <summary>The merged object of an apply, with new owners.</summary>
    public JsonObject Apply(string manager, ServedKind kind, string? subresource, JsonObject live, JsonObject applied, bool force, string now)
    {
        var wanted = TypedFields.Of(applied, kind.Schema);
        var merged = (JsonObject)TypedFields.Merge(live.CopyObject(), applied, kind.Schema)!;
        var (changed, _) = TypedFields.Compare(live, merged, kind.Schema);
        var conflicts = new List<(Owner Owner, string[] Path)>();
        foreach (var owner in _owners)
        {
            if (owner.Manager == manager && owner.Operation == "Apply" && (owner.Subresource ?? "") == (subresource ?? "")) continue;
            foreach (var path in owner.Fields.Paths())
            {
                if (changed.Has(path) && wanted.Has(path) && TypedFields.Exists(live, kind.Schema, path)) conflicts.Add((owner, path));
            }
        }

        if (conflicts.Count > 0 && !force) throw Refuse(conflicts);
        foreach (var (owner, path) in conflicts) owner.Fields.Remove(path);
        var own = _owners.Find(o => o.Manager == manager && o.Operation == "Apply" && (o.Subresource ?? "") == (subresource ?? ""));
        if (own is not null)
        {
            // What is no longer applied goes, unless somebody else owns it.
            // The outermost first: an element that goes takes all below it along.
            foreach (var path in own.Fields.Paths().OrderBy(static p => p.Length))
            {
                if (IsKeyOfElement(path) && TypedFields.Exists(merged, kind.Schema, path.AsSpan(0, path.Length - 1)) && !_owners.Any(o => o != own && o.Fields.Has(path))) continue;
                if (wanted.Has(path) || _owners.Any(o => o != own && o.Fields.Has(path)) || Covers(wanted, path)) continue;
                if (_owners.Any(o => o != own && Covers(o.Fields, path))) continue;
                TypedFields.Remove(merged, kind.Schema, path);
            }
        }

        // The time is that of the last apply that changed the object.
        var changes = !JsonNode.DeepEquals(Bare(live), Bare(merged));
        if (own is null) _owners.Add(own = new Owner(manager, "Apply", kind.Kind.ApiVersion, subresource, changes ? now : null, wanted));
        else
        {
            own.Fields = wanted;
            if (changes) own.Time = now;
        }

        foreach (var owner in _owners.Where(o => o != own))
        {
            foreach (var path in owner.Fields.Paths().Where(p => !TypedFields.Exists(merged, kind.Schema, p)).ToArray()) owner.Fields.RemoveWhole(path);
        }

        _owners.RemoveAll(o => o != own && o.Fields.IsEmpty);
        return merged;
    }

    /// <summary>Whether a path is one of the fields that identify an element of its list.</summary>
    private static bool IsKeyOfElement(string[] path) =>
        path.Length > 1 && path[^2].StartsWith("k:", StringComparison.Ordinal) && path[^1].StartsWith("f:", StringComparison.Ordinal)
        && JsonText.Parse(path[^2][2..]) is JsonObject keys && keys.ContainsKey(path[^1][2..]);

    private static JsonObject Bare(JsonObject value)
    {
        var copy = value.CopyObject();
        copy.Object("metadata")?.Remove("managedFields");
        return copy;
    }

    /// <summary>Whether the set has something below a path.</summary>
    private static bool Covers(FieldTree tree, string[] path)
    {
        foreach (var element in path)
        {
            if (tree.Find(element) is not { } child) return false;
            tree = child;
        }

        return !tree.IsEmpty;
    }

    private static ApiStatusException Refuse(List<(Owner Owner, string[] Path)> conflicts)
    {
        var causes = new JsonArray();
        var text = new List<string>();
        foreach (var (owner, path) in conflicts)
        {
            var who = $"conflict with \"{owner.Manager}\"" + (owner.Subresource is { Length: > 0 } ? $" with subresource \"{owner.Subresource}\"" : "") + (owner.Operation == "Update" ? $" using {owner.ApiVersion}" : "");
            causes.AddNode(new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = who, ["field"] = FieldTree.Show(path) });
            text.Add($"{who}: {FieldTree.Show(path)}");
        }

        return new ApiStatusException(409, "Conflict", $"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: {string.Join("; ", text)}", new JsonObject { ["causes"] = causes });
    }

    private sealed class Owner(string manager, string operation, string apiVersion, string? subresource, string? time, FieldTree fields)
    {
        public string Manager => manager;

        public string Operation => operation;

        public string ApiVersion => apiVersion;

        public string? Subresource => subresource;

        public string? Time { get; set; } = time;

        public FieldTree Fields { get; set; } = fields;
    }
}
