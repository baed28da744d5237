using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.Defaults;

/// <summary>What a real server stored of the bodies that were posted to it, and what this one stores.</summary>
public sealed partial class GoldenObjectsTests
{
    private const string SomeUid = "11111111-2222-4333-8444-555555555555";

    // What the server or others write after the object was posted, and what is different in every world.
    private static readonly string[] NotCompared = ["status", "metadata.annotations", "metadata.finalizers", "metadata.labels", "metadata.ownerReferences", "metadata.generation", "metadata.managedFields", "metadata.uid", "metadata.resourceVersion", "metadata.creationTimestamp", "secrets", "data", "subsets"];

    [Fact]
    public async Task Every_posted_object_is_stored_as_the_real_server_stored_it()
    {
        var folder = Folder();
        Assert.SkipWhen(folder is null, "the recorded objects are not beside the repository");
        var differences = new List<string>();
        var compared = 0;
        foreach (var world in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var posted = Path.Combine(world, "posted");
            if (!Directory.Exists(posted)) continue;
            await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);
            foreach (var file in Directory.GetFiles(posted, "*.yaml").Order(StringComparer.Ordinal))
            {
                var stored = Path.Combine(world, "stored", Path.GetFileName(file));
                if (!File.Exists(stored)) continue;
                var sent = KubernetesYaml.Parse(Filled(await File.ReadAllTextAsync(file, Requests.Token)))[0];
                if (server.Access.Kinds.FirstOrDefault(k => k.Kind == (string?)sent["kind"] && k.ApiVersion == (string?)sent["apiVersion"]) is not { } kind || KubernetesKinds.All.All(k => k != kind)) continue;
                var expected = KubernetesYaml.Parse(await File.ReadAllTextAsync(stored, Requests.Token))[0];
                // Where the path of the request named the namespace, the body need not.
                if (expected["metadata"]!["namespace"] is { } space) sent["metadata"]!["namespace"] = space.DeepClone();
                var name = $"{Path.GetFileName(world)}/{Path.GetFileNameWithoutExtension(file)}";
                Prepare(server, sent);
                JsonObject actual;
                try
                {
                    actual = server.Access.Create(kind, sent);
                }
                catch (ApiStatusException e)
                {
                    differences.Add($"{name}: {e.Message}");
                    continue;
                }

                compared++;
                Compare(expected, actual, name, "", differences);
                Compare(expected, KubernetesDefaults.Normalize(kind, actual), name + " (normalised)", "", differences);
            }
        }

        Assert.True(compared > 400, $"only {compared} objects were compared");
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(60))}");
    }

    private static void Prepare(InMemoryApiServer server, JsonObject value)
    {
        if ((string?)value["metadata"]?["namespace"] is { } space && server.Access.Get(KubernetesKinds.Namespace, null, space) is null)
            server.Access.Create(KubernetesKinds.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = space } });
        // The one storage class of the recorded world.
        if (server.Access.Get(KubernetesKinds.StorageClass, null, "standard") is null)
        {
            server.Access.Create(KubernetesKinds.StorageClass, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "standard", ["annotations"] = new JsonObject { ["storageclass.kubernetes.io/is-default-class"] = "true" } },
                ["provisioner"] = "example.com/simulated", ["allowVolumeExpansion"] = true,
            });
        }
    }

    private static string Filled(string text) => Uid().Replace(text.Replace("<password>", "cGFzc3dvcmQ=", StringComparison.Ordinal), SomeUid);

    private static void Compare(JsonNode? expected, JsonNode? actual, string where, string path, List<string> differences)
    {
        if (NotCompared.Contains(path)) return;
        switch (expected)
        {
            case JsonObject map when actual is JsonObject other:
                foreach (var key in map.Select(static p => p.Key).Concat(other.Select(static p => p.Key)).Distinct(StringComparer.Ordinal))
                {
                    var below = path.Length == 0 ? key : path + "." + key;
                    if (NotCompared.Contains(below)) continue;
                    if (map.ContainsKey(key) != other.ContainsKey(key)) differences.Add($"{where}: {below} is {(map.ContainsKey(key) ? "missing" : $"too much: {other[key]?.ToJsonString()}")}");
                    else Compare(map[key], other[key], where, below, differences);
                }

                break;
            case JsonArray list when actual is JsonArray other && list.Count == other.Count:
                for (var i = 0; i < list.Count; i++) Compare(list[i], other[i], where, $"{path}[{i}]", differences);
                break;
            default:
                // A placeholder stands for a value of another world.
                if (expected is JsonValue value && value.TryGetValue<string>(out var text) && text.Contains('<', StringComparison.Ordinal)) break;
                if (!JsonNode.DeepEquals(expected, actual)) differences.Add($"{where}: {path} is {actual?.ToJsonString() ?? "null"}, and was {expected?.ToJsonString() ?? "null"}");
                break;
        }
    }

    private static string? Folder()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) continue;
            var golden = Path.Combine(directory.FullName, "..", "shared", "golden");
            return Directory.Exists(golden) ? golden : null;
        }

        return null;
    }

    [GeneratedRegex("<uid:[^>]*>")]
    private static partial Regex Uid();
}
