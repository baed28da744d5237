using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox.Spilo;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox.Tests;

/// <summary>Pods without a controller, and what they refer to.</summary>
internal static class TestPods
{
    public static SandboxOptions Options { get; } = new()
    {
        PatroniTiming = new PatroniTiming { TimeToLive = 6, LoopWait = 1, RetryTimeout = 2 },
        RestartBackOff = new RestartBackOff { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(200) },
        SynchronousDisk = false,
        StopGrace = TimeSpan.Zero,
        Nodes = 1,
    };

    public static void SkipWithoutPrograms()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing) Assert.Skip("this machine lacks " + string.Join("; ", missing));
    }

    public static JsonObject Database(string name) => Pod(name, "registry.example.com/spilo-18:4.1", """
        [{"name":"SCOPE","value":"lone"},{"name":"PGROOT","value":"/home/postgres/pgdata/pgroot"},
         {"name":"KUBERNETES_SCOPE_LABEL","value":"cluster-name"},{"name":"KUBERNETES_ROLE_LABEL","value":"spilo-role"},{"name":"KUBERNETES_LABELS","value":"{\"application\":\"spilo\"}"},
         {"name":"PGPASSWORD_SUPERUSER","valueFrom":{"secretKeyRef":{"name":"logins","key":"superuser"}}},
         {"name":"PGPASSWORD_STANDBY","valueFrom":{"secretKeyRef":{"name":"logins","key":"standby"}}},
         {"name":"KUBERNETES_USE_CONFIGMAPS","value":"true"}]
        """, new JsonObject { ["application"] = "spilo", ["cluster-name"] = "lone" });

    public static JsonObject Pod(string name, string image, string environment = "[]", JsonObject? labels = null) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = labels },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = image, ["env"] = JsonNode.Parse(environment) }),
        },
    };

    public static void CreateSecrets(IApiAccess api) => api.Create(KubernetesKinds.Secret, new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = "logins", ["namespace"] = "default" },
        ["data"] = new JsonObject { ["superuser"] = Convert.ToBase64String("one"u8), ["standby"] = Convert.ToBase64String("two"u8) },
    });

    public static void Create(IApiAccess api, JsonObject pod) => api.Create(KubernetesKinds.Pod, pod);

    public static string? Label(SandboxCluster sandbox, string pod, string label) => (string?)Stored(sandbox, pod)?["metadata"]?["labels"]?[label];

    public static JsonObject? Stored(SandboxCluster sandbox, string pod) => sandbox.ApiServer.Access.Get(KubernetesKinds.Pod, "default", pod);

    public static JsonNode? Container(SandboxCluster sandbox, string pod) => (Stored(sandbox, pod)?["status"]?["containerStatuses"] as JsonArray)?.FirstOrDefault();

    public static IReadOnlyList<string> Events(SandboxCluster sandbox, string pod) =>
        [.. sandbox.ApiServer.Access.List(KubernetesKinds.Event, "default").Where(e => (string?)e["involvedObject"]?["name"] == pod).Select(e => $"{e["type"]} {e["reason"]}: {e["message"]}")];

    /// <summary>Looks again after each change in the API server.</summary>
    public static async Task UntilAsync(SandboxCluster sandbox, Func<bool> condition, CancellationToken cancellationToken)
    {
        var changed = new SemaphoreSlim(1);
        using var subscription = sandbox.ApiServer.Access.Subscribe(_ =>
        {
            if (changed.CurrentCount == 0) changed.Release();
        });
        do
        {
            if (!await changed.WaitAsync(TimeSpan.FromSeconds(90), cancellationToken))
            {
                throw new TimeoutException("Nothing happened for 90 s. Pods: " + string.Join('\n', sandbox.ApiServer.Access.List(KubernetesKinds.Pod, null).Select(p => p.ToJsonString()))
                    + "\nEvents: " + string.Join('\n', sandbox.ApiServer.Access.List(KubernetesKinds.Event, null).Select(e => $"{e["reason"]}: {e["message"]}")));
            }
        }
        while (!condition());
    }
}
