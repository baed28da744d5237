using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;

/// <summary>What the server refuses in custom resource definitions: names, versions, printer columns, and schemas that are not structural.</summary>
internal static class CustomDefinitionValidation
{
    private static readonly string[] Immutable = ["group", "scope", "names.plural", "names.kind"];

    public static void Validate(JsonObject definition, JsonObject? old, List<StatusCause> causes)
    {
        var spec = definition.Object("spec") ?? [];
        var names = spec.Object("names") ?? [];
        if (old is not null) Unchanged(spec, old.Object("spec") ?? [], causes);
        else if (definition.Name() != $"{names.Text("plural")}.{spec.Text("group")}" && names.Text("plural") is { Length: > 0 })
            causes.Add(Invalid("metadata.name", definition.Name(), "must be spec.names.plural+\".\"+spec.group"));
        if (causes.Count > 0 && old is not null) return;
        Group(spec.Text("group") ?? "", causes);
        var scope = spec.Text("scope") ?? "";
        if (scope is not ("Cluster" or "Namespaced")) causes.Add(scope.Length == 0 ? Required("spec.scope") : new("FieldValueNotSupported", "spec.scope", $"Unsupported value: {StatusErrors.Quote(scope)}: supported values: \"Cluster\", \"Namespaced\""));
        Names(names, causes);
        Versions(definition, spec, causes);
        if (spec.Flag("preserveUnknownFields") == true)
            causes.Add(new("FieldValueInvalid", "spec.preserveUnknownFields", "Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
    }

    private static void Unchanged(JsonObject spec, JsonObject old, List<StatusCause> causes)
    {
        foreach (var path in Immutable)
        {
            var parts = path.Split('.');
            var now = ((JsonNode)spec).At(parts);
            if (!JsonNode.DeepEquals(now, ((JsonNode)old).At(parts))) causes.Add(new("FieldValueInvalid", "spec." + path, $"Invalid value: {JsonText.WriteText(now)}: field is immutable"));
        }
    }

    private static void Group(string group, List<StatusCause> causes)
    {
        if (group.Length == 0) causes.Add(Required("spec.group"));
        else if (!LabelSyntax.IsSubdomain(group)) causes.Add(Invalid("spec.group", group, LabelSyntax.SubdomainFault));
        else if (!group.Contains('.', StringComparison.Ordinal)) causes.Add(Invalid("spec.group", group, "should be a domain with at least one dot"));
    }

    private static void Names(JsonObject names, List<StatusCause> causes)
    {
        Name("spec.names.plural", names.Text("plural"), true, causes);
        Name("spec.names.singular", names.Text("singular"), false, causes);
        Name("spec.names.kind", names.Text("kind"), true, causes);
        Name("spec.names.listKind", names.Text("listKind"), false, causes);
        var shorts = names.Array("shortNames").Texts().ToArray();
        for (var i = 0; i < shorts.Length; i++) Name(string.Create(CultureInfo.InvariantCulture, $"spec.names.shortNames[{i}]"), shorts[i], true, causes);
        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind")) causes.Add(Invalid("spec.names.listKind", kind, "kind and listKind may not be the same"));
    }

    private static void Name(string field, string? name, bool required, List<StatusCause> causes)
    {
        if (name is null or "")
        {
            if (required) causes.Add(Required(field));
        }
        else
        {
            // Kinds may have capitals.
            var text = field is "spec.names.kind" or "spec.names.listKind" ? name.ToLowerInvariant() : name;
            if (!LabelSyntax.IsLabel1035(text)) causes.Add(Invalid(field, name, LabelSyntax.Label1035Fault));
        }
    }

    private static void Versions(JsonObject definition, JsonObject spec, List<StatusCause> causes)
    {
        var versions = (spec.Array("versions") ?? []).OfType<JsonObject>().ToArray();
        if (versions.Length == 0)
        {
            causes.Add(Required("spec.versions"));
            return;
        }

        // What all versions share stands at the top of the server's own form, and is reported there.
        bool Shared(string field) => versions.All(v => JsonNode.DeepEquals(v[field], versions[0][field]));
        var sharedSchema = Shared("schema");
        var sharedColumns = Shared("additionalPrinterColumns");
        for (var i = 0; i < versions.Length; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"spec.versions[{i}]");
            var name = versions[i].Text("name") ?? "";
            if (!LabelSyntax.IsLabel1035(name)) causes.Add(Invalid(at + ".name", name, LabelSyntax.Label1035Fault));
            if (versions[i].Object("schema").Object("openAPIV3Schema") is not { } schema) causes.Add(Required(at + ".schema.openAPIV3Schema"));
            else if (!sharedSchema || i == 0) DefinitionSchema.Validate(schema, sharedSchema ? "spec.validation.openAPIV3Schema" : at + ".schema.openAPIV3Schema", causes);
            if (!sharedColumns || i == 0) Columns(versions[i].Array("additionalPrinterColumns"), sharedColumns ? "spec" : at, causes);
        }

        var shown = JsonText.WriteText(new JsonArray([.. versions.Select(static v => (JsonNode)new JsonObject { ["name"] = v["name"]?.DeepClone(), ["served"] = v["served"]?.DeepClone(), ["storage"] = v["storage"]?.DeepClone() })]));
        if (versions.DistinctBy(static v => v.Text("name")).Count() < versions.Length) causes.Add(new("FieldValueInvalid", "spec.versions", $"Invalid value: {shown}: must contain unique version names"));
        var storage = versions.Where(static v => v.Flag("storage") == true).ToArray();
        if (storage.Length != 1) causes.Add(new("FieldValueInvalid", "spec.versions", $"Invalid value: {shown}: must have exactly one version marked as storage version"));
        var first = versions[0].Text("name") ?? "";
        if (!LabelSyntax.IsLabel1035(first)) causes.Add(Invalid("spec.version", first, LabelSyntax.Label1035Fault));
        var stored = definition.Object("status").Array("storedVersions").Texts().ToArray();
        if (stored.Length == 0) causes.Add(new("FieldValueInvalid", "status.storedVersions", "Invalid value: null: must have at least one stored version"));
        else if (storage.Length != 1) causes.Add(new("FieldValueInvalid", "status.storedVersions", $"Invalid value: {JsonText.WriteText(new JsonArray([.. stored.Select(static s => (JsonNode)s)]))}: must have the storage version {storage[^1].Text("name")}"));
    }

    private static void Columns(JsonArray? columns, string at, List<StatusCause> causes)
    {
        var list = (columns ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < list.Length; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{at}.additionalPrinterColumns[{i}]");
            if (list[i].Text("name") is null or "") causes.Add(Required(path + ".name"));
            var type = list[i].Text("type") ?? "";
            if (type is not ("boolean" or "date" or "integer" or "number" or "string")) causes.Add(type.Length == 0 ? Required(path + ".type") : Invalid(path + ".type", type, "must be one of boolean,date,integer,number,string"));
            var query = list[i].Text("jsonPath") ?? "";
            if (query.Length == 0) causes.Add(Required(path + ".JSONPath"));
            else if (query[0] != '.') causes.Add(Invalid(path + ".JSONPath", query, "must be a simple json path starting with ."));
        }
    }

    private static StatusCause Invalid(string field, string value, string why) => new("FieldValueInvalid", field, $"Invalid value: {StatusErrors.Quote(value)}: {why}");

    private static StatusCause Required(string field, string? why = null) => new("FieldValueRequired", field, why is null ? "Required value" : "Required value: " + why);
}
