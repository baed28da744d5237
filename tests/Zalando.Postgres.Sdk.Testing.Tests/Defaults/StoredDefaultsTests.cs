using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.Defaults;

/// <summary>The defaults that planning uses are those that the server stores.</summary>
public sealed class StoredDefaultsTests
{
    private const int Runs = 60;

    // What the server itself sets, beside the defaults.
    private static readonly Dictionary<string, string[]> ServerSet = new(StringComparer.Ordinal)
    {
        ["*"] = ["/metadata/uid", "/metadata/name", "/metadata/namespace", "/metadata/creationTimestamp", "/metadata/resourceVersion", "/metadata/generation", "/metadata/managedFields", "/status"],
        ["Service"] = ["/spec/clusterIP", "/spec/clusterIPs", "/spec/ipFamilies", "/spec/ipFamilyPolicy", "/spec/healthCheckNodePort", "/spec/ports/0/nodePort"],
        ["PersistentVolumeClaim"] = ["/metadata/finalizers"],
        ["Job"] = ["/metadata/labels", "/spec/selector", "/spec/template/metadata"],
        ["Pod"] = ["/spec/serviceAccountName", "/spec/serviceAccount", "/spec/tolerations", "/spec/priority", "/spec/preemptionPolicy", "/spec/volumes", "/spec/containers/0/volumeMounts", "/spec/containers/1/volumeMounts", "/spec/initContainers/0/volumeMounts"],
    };

    [Fact]
    public async Task What_is_normalised_is_what_is_stored_and_normalising_again_changes_nothing()
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);
        foreach (var name in (string[])["pods", "default"]) server.Access.Create(KubernetesKinds.ServiceAccount, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" } });
        var made = 0;
        var seedOfRun = int.TryParse(Environment.GetEnvironmentVariable("PROPERTY_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"PROPERTY_SEED={seedOfRun}");
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
#pragma warning disable RS0030 // the seed is what makes it repeatable
            var objects = new RandomObjects(new Random(seed));
#pragma warning restore RS0030
            foreach (var kind in RandomObjects.Kinds)
            {
                var value = objects.Make(kind);
                value["metadata"]!["name"] = "o" + made++;
                value["metadata"]!["namespace"] = "default";
                var normal = KubernetesDefaults.Normalize(kind, value);
                var stored = server.Access.Create(kind, value);
                var differences = new List<string>();
                Compare(normal, stored, kind.Kind, "", differences);
                // What is stored is normal, and stays what it is when it is written again.
                if (!JsonNode.DeepEquals(KubernetesDefaults.Normalize(kind, normal), normal)) differences.Add("normalising twice is something else");
                if (!JsonNode.DeepEquals(Bare(KubernetesDefaults.Normalize(kind, stored)), Bare(stored))) differences.Add("what is stored is not normal");
                if ((string?)server.Access.Update(kind, (JsonObject)stored.DeepClone())["metadata"]!["resourceVersion"] != (string?)stored["metadata"]!["resourceVersion"]) differences.Add("writing it again changed it");
                if (differences.Count > 0) throw new InvalidOperationException($"seed {seed}, {kind.Kind}: {string.Join("; ", differences)}\nsent {value.ToJsonString()}\nstored {stored.ToJsonString()}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs).WithReplay((ulong)(uint)seedOfRun, 1UL));
        Assert.Equal(Runs * RandomObjects.Kinds.Count, made);
    }

    private static JsonObject Bare(JsonObject value)
    {
        var copy = (JsonObject)value.DeepClone();
        copy.Remove("status");
        return copy;
    }

    private static void Compare(JsonNode? normal, JsonNode? stored, string kind, string path, List<string> differences)
    {
        if (ServerSet["*"].Contains(path) || (ServerSet.TryGetValue(kind, out var own) && own.Contains(path))) return;
        switch (normal)
        {
            case JsonObject map when stored is JsonObject other:
                foreach (var key in map.Select(static p => p.Key).Concat(other.Select(static p => p.Key)).Distinct(StringComparer.Ordinal)) Compare(map[key], other[key], kind, path + "/" + key, differences);
                break;
            case JsonArray list when stored is JsonArray other && list.Count == other.Count:
                for (var i = 0; i < list.Count; i++) Compare(list[i], other[i], kind, $"{path}/{i}", differences);
                break;
            default:
                if (!JsonNode.DeepEquals(normal, stored)) differences.Add($"{path}: {normal?.ToJsonString() ?? "nothing"} was stored as {stored?.ToJsonString() ?? "nothing"}");
                break;
        }
    }
}
