using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace WebsiteController;

/// <summary>Makes a config map, a deployment and a service of each <c>Website</c>, and says in its status how it is.</summary>
/// <remarks>A small controller as anyone may have one. It knows nothing of tests.</remarks>
public sealed class WebsiteReconciler(IKubernetesClient client)
{
    /// <summary>The custom kind.</summary>
    public static readonly KubernetesKind Website = new() { Group = "example.com", Version = "v1", Kind = "Website", Plural = "websites", Singular = "website", Namespaced = true };

    private const string AppliedAnnotation = "example.com/applied";

    private static readonly WriteOptions Mine = new() { FieldManager = "website-controller", Force = true };

    /// <summary>Brings everything to what the websites say; answers whether there was anything to do.</summary>
    public async Task<bool> ReconcileOnceAsync(CancellationToken cancellationToken)
    {
        var worked = false;
        foreach (var website in (await client.ListAsync(Website, null, null, cancellationToken)).Items)
        {
            // What is going away is left alone: its objects go with it.
            if (website["metadata"]!["deletionTimestamp"] is not null) continue;
            try
            {
                worked |= await ReconcileAsync(website, cancellationToken);
            }
            catch (KubernetesApiException exception) when (exception.IsConflict || exception.IsTransient)
            {
                // Somebody was faster, or the server is busy: look again in the next pass.
                worked = true;
            }
        }

        return worked;
    }

    private async Task<bool> ReconcileAsync(JsonObject website, CancellationToken cancellationToken)
    {
        var name = website["metadata"]!["name"]!.GetValue<string>();
        var namespaceName = website["metadata"]!["namespace"]!.GetValue<string>();
        var page = website["spec"]!["page"]!.GetValue<string>();
        var worked = await ApplyAsync(KubernetesKinds.ConfigMap, Owned(website, "v1", "ConfigMap", new JsonObject { ["data"] = new JsonObject { ["index.html"] = page } }), cancellationToken);
        worked |= await ApplyAsync(KubernetesKinds.Service, Owned(website, "v1", "Service", new JsonObject
        {
            ["spec"] = new JsonObject { ["selector"] = Labels(name), ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) },
        }), cancellationToken);
        worked |= await ApplyAsync(KubernetesKinds.Deployment, Owned(website, "apps/v1", "Deployment", new JsonObject { ["spec"] = DeploymentSpec(website, name, page) }), cancellationToken);
        var deployment = await client.GetAsync<Deployment>(namespaceName, name, cancellationToken);
        return await ReportAsync(website, deployment?.Status?.ReadyReplicas ?? 0, cancellationToken) || worked;
    }

    private static JsonObject DeploymentSpec(JsonObject website, string name, string page) => new()
    {
        ["replicas"] = website["spec"]!["replicas"]?.DeepClone() ?? 1,
        ["selector"] = new JsonObject { ["matchLabels"] = Labels(name) },
        ["template"] = new JsonObject
        {
            // Another page is another template: the pods are replaced one by one.
            ["metadata"] = new JsonObject { ["labels"] = Labels(name), ["annotations"] = new JsonObject { ["example.com/page"] = Hash(page) } },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "web", ["image"] = "nginx:1.27",
                    ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "page", ["mountPath"] = "/usr/share/nginx/html" }),
                }),
                ["volumes"] = new JsonArray(new JsonObject { ["name"] = "page", ["configMap"] = new JsonObject { ["name"] = name } }),
            },
        },
    };

    // An annotation remembers what was applied, so that a website that has not changed costs no write.
    private async Task<bool> ApplyAsync(KubernetesKind kind, JsonObject wanted, CancellationToken cancellationToken)
    {
        var name = wanted["metadata"]!["name"]!.GetValue<string>();
        var namespaceName = wanted["metadata"]!["namespace"]!.GetValue<string>();
        var hash = Hash(wanted.ToJsonString());
        var existing = await client.GetAsync(kind, namespaceName, name, cancellationToken);
        if (existing?["metadata"]?["annotations"]?[AppliedAnnotation]?.GetValue<string>() == hash) return false;
        wanted["metadata"]!["annotations"] = new JsonObject { [AppliedAnnotation] = hash };
        await client.PatchAsync(kind, namespaceName, name, Patch.Apply(wanted), null, Mine, cancellationToken);
        return true;
    }

    private async Task<bool> ReportAsync(JsonObject website, int ready, CancellationToken cancellationToken)
    {
        var status = new JsonObject { ["readyReplicas"] = ready, ["phase"] = ready >= (website["spec"]!["replicas"]?.GetValue<int>() ?? 1) ? "Running" : "Starting" };
        if (JsonNode.DeepEquals(website["status"], status)) return false;
        await client.PatchAsync(Website, website["metadata"]!["namespace"]!.GetValue<string>(), website["metadata"]!["name"]!.GetValue<string>(),
            Patch.Merge(new JsonObject { ["status"] = status }), "status", Mine, cancellationToken);
        return true;
    }

    private static JsonObject Owned(JsonObject website, string apiVersion, string kind, JsonObject content)
    {
        var metadata = website["metadata"]!;
        var owned = new JsonObject
        {
            ["apiVersion"] = apiVersion, ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = metadata["name"]!.DeepClone(), ["namespace"] = metadata["namespace"]!.DeepClone(), ["labels"] = Labels(metadata["name"]!.GetValue<string>()),
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = Website.ApiVersion, ["kind"] = Website.Kind, ["name"] = metadata["name"]!.DeepClone(), ["uid"] = metadata["uid"]!.DeepClone(), ["controller"] = true,
                }),
            },
        };
        foreach (var (field, value) in content) owned[field] = value?.DeepClone();
        return owned;
    }

    private static JsonObject Labels(string name) => new() { ["website"] = name };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
