using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

/// <summary>The laws of the four kinds of patches, for any objects and patches, over HTTP.</summary>
public sealed class PatchLawTests : ServerTest
{
    private static readonly Gen<string> Keys = Gen.Elements("a", "b", "c", "d");
    private static readonly Gen<string> Values = Gen.Elements("1", "2", "3");

    private static readonly Gen<Dictionary<string, string>> Maps =
        from pairs in Gen.Zip(Keys, Values).ArrayOf(4)
        from count in Gen.Choose(0, 4)
        select pairs.Take(count).DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    private static readonly Gen<Dictionary<string, string?>> Changes =
        from pairs in Gen.Zip(Keys, Gen.Elements<string?>("1", "2", "3", null)).ArrayOf(4)
        from count in Gen.Choose(0, 4)
        select pairs.Take(count).DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2);

    private int _names;

    [Fact]
    public Task Merging_overwrites_and_deletes_and_does_nothing_twice() => Properties.ForAllAsync(Three(Maps, Changes, Changes), async story =>
    {
        var (start, first, second) = story;
        var name = Create(start);
        var once = await MergeAsync(name, first);
        Assert.Equal(Show(Merged(start, first)), Show(once.Data));
        var twice = await MergeAsync(name, first);
        Assert.Equal(once.Metadata.ResourceVersion, twice.Metadata.ResourceVersion);
        var nothing = await MergeAsync(name, []);
        Assert.Equal(once.Metadata.ResourceVersion, nothing.Metadata.ResourceVersion);

        // One after the other is the same as both in one, the later one winning.
        var apart = await MergeAsync(name, second);
        var both = new Dictionary<string, string?>(first);
        foreach (var (key, value) in second) both[key] = value;
        Assert.Equal(Show((await MergeAsync(Create(start), both)).Data), Show(apart.Data));
    }, runs: 60);

    [Fact]
    public Task On_maps_a_strategic_merge_is_a_merge() => Properties.ForAllAsync(Gen.Zip(Maps, Changes), async story =>
    {
        var (start, changes) = story;
        var merged = await MergeAsync(Create(start), changes);
        var strategic = await Client.PatchAsync<ConfigMap>("default", Create(start), Patch.StrategicMerge(new JsonObject { ["data"] = Json(changes) }), null, null, Stop);
        Assert.Equal(Show(merged.Data), Show(strategic.Data));
    }, runs: 60);

    [Fact]
    public Task Operations_can_be_undone_and_fail_as_a_whole() => Properties.ForAllAsync(Three(Maps, Keys, Values), async story =>
    {
        var (start, key, value) = story;
        start = new Dictionary<string, string>(start) { ["there"] = "x" };
        var name = Create(start);
        var version = (await Client.GetAsync<ConfigMap>("default", name, Stop))!.Metadata.ResourceVersion;

        // Added and removed in one patch, moved there and back, tested: nothing has happened.
        var same = await OperateAsync(name,
            Operation("add", "/data/new", value), Operation("test", "/data/new", value), Operation("remove", "/data/new"),
            new JsonObject { ["op"] = "move", ["from"] = "/data/there", ["path"] = "/data/elsewhere" }, new JsonObject { ["op"] = "move", ["from"] = "/data/elsewhere", ["path"] = "/data/there" },
            Operation("test", "/data/there", "x"));
        Assert.Equal(version, same.Metadata.ResourceVersion);

        // To add is to set, as a merge does.
        var added = await OperateAsync(name, Operation("add", $"/data/{key}", value));
        Assert.Equal(Show(Merged(start, new Dictionary<string, string?> { [key] = value })), Show(added.Data));
        var copied = await OperateAsync(name, new JsonObject { ["op"] = "copy", ["from"] = $"/data/{key}", ["path"] = "/data/copy" }, Operation("test", "/data/copy", value));
        Assert.Equal(value, copied.Data!["copy"]);

        // A test that fails at the end takes everything before it along.
        var refused = await Assert.ThrowsAsync<KubernetesApiException>(() => OperateAsync(name, Operation("remove", "/data/there"), Operation("test", $"/data/{key}", "never")));
        Assert.Equal(422, refused.StatusCode);
        Assert.Equal(copied.Metadata.ResourceVersion, (await Client.GetAsync<ConfigMap>("default", name, Stop))!.Metadata.ResourceVersion);
    }, runs: 60);

    [Fact]
    public Task Lists_with_keys_merge_element_by_element() => Properties.ForAllAsync(Gen.Zip(Maps, Maps), async story =>
    {
        var (start, changes) = story;
        start = new Dictionary<string, string>(start) { ["main"] = "0" };
        var name = CreateDeployment(start);
        var patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = Containers(changes) } } } };
        var patched = await Client.PatchAsync<Deployment>("default", name, Patch.StrategicMerge(patch), null, null, Stop);
        Assert.Equal(Show(Merged(start, changes.ToDictionary(pair => pair.Key, pair => (string?)pair.Value))), Images(patched));
        var again = await Client.PatchAsync<Deployment>("default", name, Patch.StrategicMerge(patch), null, null, Stop);
        Assert.Equal(patched.Metadata.ResourceVersion, again.Metadata.ResourceVersion);

        // Deleting what was just added, one by one, leaves the others alone.
        foreach (var key in changes.Keys)
        {
            var deletion = new JsonObject { ["name"] = key, ["$patch"] = "delete" };
            patched = await Client.PatchAsync<Deployment>("default", name, Patch.StrategicMerge(new JsonObject
            {
                ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(deletion) } } },
            }), null, null, Stop);
        }

        Assert.Equal(Show(start.Where(pair => !changes.ContainsKey(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value)), Images(patched));
    }, runs: 40);

    [Fact]
    public Task Applying_is_idempotent_removes_what_was_left_out_and_respects_other_owners() => Properties.ForAllAsync(Three(Maps, Maps, Maps), async story =>
    {
        var (one, two, next) = story;
        var name = $"m{Interlocked.Increment(ref _names)}";
        var first = await ApplyAsync(name, "one", one);
        Assert.Equal(first.Metadata.ResourceVersion, (await ApplyAsync(name, "one", one)).Metadata.ResourceVersion);

        // Another one may say the same; who says something else is refused, and told about whom.
        var disagrees = two.Any(pair => one.TryGetValue(pair.Key, out var value) && value != pair.Value);
        if (disagrees)
        {
            var conflict = await Assert.ThrowsAsync<KubernetesApiException>(() => ApplyAsync(name, "two", two));
            Assert.True(conflict.IsConflict);
            Assert.Contains("\"one\"", conflict.Message, StringComparison.Ordinal);
        }

        var forced = await ApplyAsync(name, "two", two, force: true);
        Assert.Equal(Show(Merged(one, two.ToDictionary(pair => pair.Key, pair => (string?)pair.Value))), Show(forced.Data));

        // What the first one leaves out now goes, unless the second one wants it too; what it lost by force it does not own.
        var owned = one.Keys.Where(key => !two.TryGetValue(key, out var taken) || taken == one[key]);
        var expected = new Dictionary<string, string>(forced.Data ?? new Dictionary<string, string>());
        foreach (var key in owned.Where(key => !next.ContainsKey(key) && !two.ContainsKey(key))) expected.Remove(key);
        foreach (var (key, value) in next) expected[key] = value;
        Assert.Equal(Show(expected), Show((await ApplyAsync(name, "one", next, force: true)).Data));
    }, runs: 60);

    [Fact]
    public Task The_order_of_those_who_apply_different_fields_does_not_matter() => Properties.ForAllAsync(Gen.Zip(Maps, Maps), async story =>
    {
        var (one, two) = story;
        two = two.ToDictionary(pair => pair.Key + "2", pair => pair.Value);
        var (here, there) = ($"m{Interlocked.Increment(ref _names)}", $"m{Interlocked.Increment(ref _names)}");
        await ApplyAsync(here, "one", one);
        await ApplyAsync(there, "two", two);
        Assert.Equal(Show((await ApplyAsync(here, "two", two)).Data), Show((await ApplyAsync(there, "one", one)).Data));
    }, runs: 40);

    private static Gen<(T1 First, T2 Second, T3 Third)> Three<T1, T2, T3>(Gen<T1> one, Gen<T2> two, Gen<T3> three) =>
        from first in one
        from second in two
        from third in three
        select (first, second, third);

    private static Dictionary<string, string> Merged(IReadOnlyDictionary<string, string> start, Dictionary<string, string?> changes)
    {
        var result = new Dictionary<string, string>(start);
        foreach (var (key, value) in changes)
        {
            if (value is null) result.Remove(key);
            else result[key] = value;
        }

        return result;
    }

    private static string Show(IReadOnlyDictionary<string, string>? map) => string.Join(' ', (map ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    private static string Images(Deployment deployment) => Show(deployment.Spec!.Template!.Spec!.Containers!.ToDictionary(container => container.Name!, container => container.Image!));

    private static JsonObject Json(IEnumerable<KeyValuePair<string, string?>> map) => [.. map.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))];

    private static JsonArray Containers(Dictionary<string, string> images) => [.. images.Select(pair => new JsonObject { ["name"] = pair.Key, ["image"] = pair.Value })];

    private static JsonObject Operation(string op, string path, string? value = null) => value is null ? new JsonObject { ["op"] = op, ["path"] = path } : new JsonObject { ["op"] = op, ["path"] = path, ["value"] = value };

    private string Create(Dictionary<string, string> data)
    {
        var name = $"m{Interlocked.Increment(ref _names)}";
        Server.Access.Create(KubernetesKinds.ConfigMap, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["data"] = Json(data!),
        });
        return name;
    }

    private string CreateDeployment(Dictionary<string, string> images)
    {
        var name = $"d{Interlocked.Increment(ref _names)}";
        Server.Access.Create(KubernetesKinds.Deployment, new JsonObject
        {
            ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
                ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } }, ["spec"] = new JsonObject { ["containers"] = Containers(images) } },
            },
        });
        return name;
    }

    private Task<ConfigMap> MergeAsync(string name, Dictionary<string, string?> changes) =>
        Client.PatchAsync<ConfigMap>("default", name, Patch.Merge(new JsonObject { ["data"] = Json(changes) }), null, null, Stop);

    private Task<ConfigMap> OperateAsync(string name, params JsonNode[] operations) => Client.PatchAsync<ConfigMap>("default", name, Patch.Json([.. operations]), null, null, Stop);

    private Task<ConfigMap> ApplyAsync(string name, string manager, Dictionary<string, string> data, bool force = false)
    {
        var wanted = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" } };
        if (data.Count > 0) wanted["data"] = Json(data!);
        return Client.PatchAsync<ConfigMap>("default", name, Patch.Apply(wanted), null, new WriteOptions { FieldManager = manager, Force = force }, Stop);
    }
}
