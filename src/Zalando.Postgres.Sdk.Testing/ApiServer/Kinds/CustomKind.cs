using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

/// <summary>One version of a custom resource definition.</summary>
internal sealed class CustomKind
{
    public CustomKind(JsonObject definition, JsonObject version)
    {
        DefinitionName = definition.Name();
        Version = version;
        VersionName = version.Text("name") ?? "";
        SchemaJson = version.Object("schema").Object("openAPIV3Schema");
        Schema = SchemaJson is null ? null : KubernetesSchema.From(SchemaJson.CopyObject());
        Scale = version.Object("subresources").Object("scale");
        PrinterColumns = version.Array("additionalPrinterColumns")?.OfType<JsonObject>().ToArray() ?? [];
        SelectableFields = version.Array("selectableFields")?.OfType<JsonObject>().Select(f => (f.Text("jsonPath") ?? "").TrimStart('.')).ToArray() ?? [];
        PreservesUnknownFields = definition.Object("spec").Flag("preserveUnknownFields") == true;
        DeprecationWarning = version.Flag("deprecated") == true
            ? version.Text("deprecationWarning") ?? $"{definition.Object("spec").Text("group")}/{VersionName} {definition.Object("spec").Object("names").Text("kind")} is deprecated"
            : null;
    }

    public string DefinitionName { get; }

    public JsonObject Version { get; }

    public string VersionName { get; }

    public JsonObject? SchemaJson { get; }

    public KubernetesSchema? Schema { get; }

    /// <summary>The <c>scale</c> subresource: where replicas and selector are.</summary>
    public JsonObject? Scale { get; }

    public IReadOnlyList<JsonObject> PrinterColumns { get; }

    public IReadOnlyList<string> SelectableFields { get; }

    public bool PreservesUnknownFields { get; }

    public string? DeprecationWarning { get; }

    /// <summary>The kinds a definition serves: one per served version.</summary>
    public static IEnumerable<ServedKind> Of(JsonObject definition, long since)
    {
        var spec = definition.Object("spec");
        var names = definition.Object("status").Object("acceptedNames") is { } accepted && accepted.Text("plural") is { Length: > 0 } ? accepted : spec.Object("names");
        foreach (var version in (spec.Array("versions") ?? []).OfType<JsonObject>())
        {
            if (version.Flag("served") != true) continue;
            var subresources = version.Object("subresources");
            List<string> below = [];
            if (subresources?.ContainsKey("status") == true) below.Add("status");
            if (subresources?.ContainsKey("scale") == true) below.Add("scale");
            var kind = new KubernetesKind
            {
                Group = spec.Text("group") ?? "",
                Version = version.Text("name") ?? "",
                Kind = names.Text("kind") ?? "",
                Plural = names.Text("plural") ?? "",
                Singular = names.Text("singular") ?? (names.Text("kind") ?? "").ToLowerInvariant(),
                Namespaced = spec.Text("scope") == "Namespaced",
                ShortNames = names.Array("shortNames").Texts().ToArray(),
                Categories = names.Array("categories").Texts().ToArray(),
                Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
                Subresources = below,
            };
            yield return new ServedKind(kind, new CustomKind(definition, version)) { ListKind = names.Text("listKind") ?? kind.ListKind, ServedSince = since };
        }
    }
}
