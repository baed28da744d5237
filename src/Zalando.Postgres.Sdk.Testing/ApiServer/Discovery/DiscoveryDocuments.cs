using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;

/// <summary>What the server says of itself.</summary>
internal sealed class DiscoveryDocuments(KindRegistry kinds, ApiServerOptions options)
{
    private IEnumerable<string> Offered(KubernetesKind kind) => options.ServesPodResize || kind.QualifiedName != "pods" ? kind.Subresources : kind.Subresources.Where(static s => s != "resize");

    public async Task AnswerAsync(HttpContext http, string path, string[] segments)
    {
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            await ResponseWriter.TextAsync(http, 404, "404 page not found\n").ConfigureAwait(false);
            return;
        }

        switch (segments)
        {
            case ["version"]:
                await ResponseWriter.JsonAsync(http, 200, Version(), AcceptedForm.Json).ConfigureAwait(false);
                return;
            case ["healthz" or "readyz" or "livez"] or ["healthz" or "readyz" or "livez", "ping"]:
                var verbose = http.Request.Query.ContainsKey("verbose");
                await ResponseWriter.TextAsync(http, 200, verbose ? $"[+]ping ok\n{segments[0]} check passed\n" : "ok").ConfigureAwait(false);
                return;
            case [] or [""]:
                await ResponseWriter.JsonAsync(http, 200, new JsonObject { ["paths"] = Paths() }, AcceptedForm.Json).ConfigureAwait(false);
                return;
        }

        if (segments is ["openapi", "v2"] && http.Request.Headers.Accept.ToString().Contains(OpenApiVersion2.ContentType, StringComparison.Ordinal))
        {
            await ResponseWriter.BytesAsync(http, 200, OpenApiVersion2.Document([.. kinds.All]), OpenApiVersion2.AnswerType).ConfigureAwait(false);
            return;
        }

        var body = Resource(http, segments);
        if (body is null)
        {
            await ResponseWriter.TextAsync(http, 404, "404 page not found\n").ConfigureAwait(false);
            return;
        }

        if (segments[0] == "openapi")
        {
            await ResponseWriter.BytesAsync(http, 200, Storage.JsonText.Write(body), segments.Length == 2 ? "text/plain; charset=utf-8" : "application/json").ConfigureAwait(false);
            return;
        }

        var form = AcceptedForm.Of(http.Request.Headers.Accept.ToString(), "APIGroupDiscoveryList");
        if (form.Protobuf) form = AcceptedForm.Json;
        await ResponseWriter.JsonAsync(http, 200, body, form).ConfigureAwait(false);
    }

    private JsonNode? Resource(HttpContext http, string[] segments)
    {
        switch (segments)
        {
            case ["api"]:
                RequireGet(http);
                return IsAggregated(http) ? Aggregated([""]) : new JsonObject
                {
                    ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"),
                    ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = http.Request.Host.Value }),
                };
            case ["apis"]:
                RequireGet(http);
                return IsAggregated(http) ? Aggregated(Groups()) : new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups().Select(Group)]) };
            case ["api", var version]:
                if (version != "v1") throw StatusErrors.UnknownResource();
                RequireGet(http);
                return Resources("", "v1");
            case ["apis", var group] when kinds.HasGroup(group) && group.Length > 0:
                RequireGet(http);
                var one = Group(group);
                var document = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
                foreach (var (key, value) in one) document[key] = value?.DeepClone();
                return document;
            case ["apis", var group, var version] when kinds.HasGroup(group):
                if (!kinds.HasVersion(group, version)) throw StatusErrors.UnknownResource();
                RequireGet(http);
                return Resources(group, version);
            case ["openapi", "v3"]:
                return OpenApiIndex();
            case ["openapi", "v3", "api", var version] when kinds.HasVersion("", version):
                return OpenApi("", version);
            case ["openapi", "v3", "apis", var group, var version] when kinds.HasVersion(group, version):
                return OpenApi(group, version);
            default: return null;
        }
    }

    private static void RequireGet(HttpContext http)
    {
        if (http.Request.Method is not ("GET" or "HEAD")) throw StatusErrors.MethodNotAllowed();
    }

    private static bool IsAggregated(HttpContext http)
    {
        try
        {
            return AcceptedForm.Of(http.Request.Headers.Accept.ToString(), "APIGroupDiscoveryList").As.Length > 0;
        }
        catch (ApiStatusException)
        {
            return false;
        }
    }

    private IEnumerable<string> Groups() => kinds.All.Select(static k => k.Kind.Group).Where(static g => g.Length > 0).Distinct(StringComparer.Ordinal);

    private IEnumerable<string> Versions(string group) => kinds.All.Where(k => k.Kind.Group == group).Select(static k => k.Kind.Version).Distinct(StringComparer.Ordinal)
        .OrderByDescending(static v => v, VersionOrder.Instance);

    private JsonObject Group(string group)
    {
        var versions = Versions(group).Select(v => new JsonObject { ["groupVersion"] = $"{group}/{v}", ["version"] = v }).ToArray();
        return new JsonObject { ["name"] = group, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private JsonObject Resources(string group, string version)
    {
        var list = new JsonArray();
        foreach (var kind in kinds.All.Where(k => k.Kind.Group == group && k.Kind.Version == version).OrderBy(k => k.Custom is null ? k.Kind.Plural : "", StringComparer.Ordinal))
        {
            list.AddNode(Resource(kind));
            foreach (var sub in Offered(kind.Kind).OrderBy(s => kind.Custom is null ? s : s == "status" ? "0" : "1", StringComparer.Ordinal)) list.AddNode(Subresource(kind, sub));
        }

        var result = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0) result["apiVersion"] = "v1";
        result["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}";
        result["resources"] = list;
        return result;
    }

    private static JsonObject Resource(ServedKind served)
    {
        var kind = served.Kind;
        var result = new JsonObject
        {
            ["name"] = kind.Plural, ["singularName"] = kind.Singular, ["namespaced"] = kind.Namespaced, ["kind"] = kind.Kind, ["verbs"] = Texts(kind.Verbs),
        };
        if (kind.ShortNames.Count > 0) result["shortNames"] = Texts(kind.ShortNames);
        if (kind.Categories.Count > 0) result["categories"] = Texts(kind.Categories);
        if (kind.Verbs.Contains("watch")) result["storageVersionHash"] = StorageVersionHashes.Of(served);
        return result;
    }

    private static JsonObject Subresource(ServedKind kind, string sub)
    {
        var (subKind, verbs) = SubresourceKinds.Of(kind, sub);
        var result = new JsonObject { ["name"] = $"{kind.Kind.Plural}/{sub}", ["singularName"] = "", ["namespaced"] = kind.Kind.Namespaced };
        if (SubresourceKinds.GroupOf(sub) is var (group, version))
        {
            if (group.Length > 0) result["group"] = group;
            result["version"] = version;
        }

        result["kind"] = subKind;
        result["verbs"] = Texts(verbs);
        return result;
    }

    private JsonObject Aggregated(IEnumerable<string> groups)
    {
        var items = new JsonArray();
        foreach (var group in groups)
        {
            var versions = new JsonArray();
            foreach (var version in Versions(group))
            {
                var resources = new JsonArray();
                foreach (var kind in kinds.All.Where(k => k.Kind.Group == group && k.Kind.Version == version).OrderBy(k => k.Custom is null ? k.Kind.Plural : "", StringComparer.Ordinal))
                    resources.AddNode(AggregatedResource(kind));
                versions.AddNode(new JsonObject { ["version"] = version, ["resources"] = resources, ["freshness"] = "Current" });
            }

            items.AddNode(new JsonObject { ["metadata"] = group.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group }, ["versions"] = versions });
        }

        return new JsonObject { ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = "apidiscovery.k8s.io/v2", ["metadata"] = new JsonObject(), ["items"] = items };
    }

    private JsonObject AggregatedResource(ServedKind served)
    {
        var kind = served.Kind;
        var result = new JsonObject
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = ResponseKind(served.Custom is null ? "" : kind.Group, served.Custom is null ? "" : kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster", ["singularResource"] = kind.Singular, ["verbs"] = Texts(kind.Verbs),
        };
        if (kind.ShortNames.Count > 0) result["shortNames"] = Texts(kind.ShortNames);
        if (kind.Categories.Count > 0) result["categories"] = Texts(kind.Categories);
        if (kind.Subresources.Count > 0)
        {
            result["subresources"] = new JsonArray([.. Offered(kind).OrderBy(s => served.Custom is null ? s : s == "status" ? "0" : "1", StringComparer.Ordinal).Select(sub =>
            {
                var (subKind, verbs) = SubresourceKinds.Of(served, sub);
                var group = SubresourceKinds.GroupOf(sub) ?? (served.Custom is null ? ("", "") : (kind.Group, kind.Version));
                return (JsonNode)new JsonObject { ["subresource"] = sub, ["responseKind"] = ResponseKind(group.Item1, group.Item2, subKind), ["verbs"] = Texts(verbs) };
            })]);
        }

        return result;
    }

    private static JsonObject ResponseKind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private JsonObject OpenApiIndex()
    {
        var paths = new JsonObject();
        foreach (var (group, version) in kinds.All.Select(static k => (k.Kind.Group, k.Kind.Version)).Distinct())
        {
            var path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash=0" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>As much of the document as kubectl needs: which kinds take which parameters, and the shapes of the kinds.</summary>
    private JsonObject OpenApi(string group, string version)
    {
        var paths = new JsonObject();
        var ofGroup = kinds.All.Where(k => k.Kind.Group == group && k.Kind.Version == version).ToArray();
        foreach (var served in ofGroup)
        {
            JsonObject Operation(string action) => new()
            {
                ["operationId"] = action + served.Kind.Kind,
                ["parameters"] = new JsonArray([.. new[] { "dryRun", "fieldManager", "fieldValidation" }.Select(static p =>
                    (JsonNode)new JsonObject { ["name"] = p, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } })]),
                ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = group, ["version"] = version, ["kind"] = served.Kind.Kind },
            };
            var collection = served.Kind.CollectionPath(served.Kind.Namespaced ? "namespace" : null).Replace("/namespaces/namespace/", "/namespaces/{namespace}/", StringComparison.Ordinal);
            paths[collection] = new JsonObject { ["post"] = Operation("post") };
            paths[collection + "/{name}"] = new JsonObject { ["put"] = Operation("put"), ["patch"] = Operation("patch") };
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0", ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" }, ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = PublishedShapes.Of(ofGroup, "#/components/schemas/") },
        };
    }

    private JsonArray Paths()
    {
        List<string> paths = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis"];
        foreach (var group in Groups())
        {
            paths.Add("/apis/" + group);
            paths.AddRange(Versions(group).Select(v => $"/apis/{group}/{v}"));
        }

        paths.AddRange(["/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]);
        return Texts(paths);
    }

    private static JsonObject Version() => new()
    {
        ["major"] = "1", ["minor"] = "36", ["emulationMajor"] = "1", ["emulationMinor"] = "36", ["minCompatibilityMajor"] = "1", ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = "v1.36.2", ["gitCommit"] = "", ["gitTreeState"] = "clean", ["buildDate"] = "2026-01-01T00:00:00Z", ["goVersion"] = "none", ["compiler"] = "dotnet", ["platform"] = "linux/amd64",
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(static t => (JsonNode)JsonValue.Create(t))]);
}
