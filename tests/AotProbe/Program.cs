using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Leadership;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

// Uses what the packages Resources and Kubernetes offer, against the server of a kubeconfig, and prints one line per step. Any missing
// metadata of a trimmed or natively compiled program shows as an exception here.
using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(args[0]));

var manifest = KubernetesYaml.Parse("""
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: probe, namespace: default, labels: {app: probe}}
    data: {key: "value"}
    """).Single();
var stored = await client.CreateAsync(KubernetesKinds.ConfigMap, manifest, null, null, stop.Token);
Console.WriteLine($"stored {stored["metadata"]!["name"]}");
Console.WriteLine(KubernetesYaml.Write(stored["data"]).Trim());

var cache = ResourceCache.Create(client, new ResourceCacheOptions<ConfigMap> { Namespace = "default", LabelSelector = "app=probe" });
var running = cache.RunAsync(stop.Token);
await cache.WaitForInitialListAsync(stop.Token);
Console.WriteLine($"cached {cache.Count}");

var typed = await client.CreateAsync(new StatefulSet
{
    Metadata = new ObjectMeta { Name = "probe", Namespace = "default" },
    Spec = new StatefulSetSpec
    {
        ServiceName = "probe",
        Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "probe" } },
        Template = new PodTemplateSpec
        {
            Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "probe" } },
            Spec = new PodSpec { Containers = [new Container { Name = "c", Image = "i" }] },
        },
    },
}, null, stop.Token);
Console.WriteLine($"created {typed.Kind} {typed.Metadata.Name} with {typed.Spec!.Replicas} replica");

try
{
    await client.CreateAsync(typed with { Metadata = new ObjectMeta { Name = "probe", Namespace = "default" } }, null, stop.Token);
}
catch (KubernetesApiException exception) when (exception.IsAlreadyExists)
{
    Console.WriteLine($"refused {exception.Reason}");
}

await client.PatchAsync<ConfigMap>("default", "probe", Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["key"] = "other" } }), null, null, stop.Token);
await foreach (var change in cache.SubscribeAsync(stop.Token))
{
    if (change.Object?.Data?["key"] != "other") continue;
    Console.WriteLine("watched other");
    break;
}

var election = new LeaseElection(client, new LeaseElectionOptions { Namespace = "default", Name = "probe", Identity = "me" });
await using (var leadership = await election.AcquireAsync(stop.Token)) Console.WriteLine($"leading {!leadership.Token.IsCancellationRequested}");
Console.WriteLine($"deleted {await client.DeleteAsync<ConfigMap>("default", "probe", null, stop.Token)}");
await stop.CancelAsync();
await running;
Console.WriteLine("done");
