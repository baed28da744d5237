using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.EndToEnd.Manifests;

/// <summary>The manifests of this program.</summary>
internal static class EmbeddedManifest
{
    public static IReadOnlyList<JsonObject> Read(string name)
    {
        using var stream = typeof(EmbeddedManifest).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return KubernetesYaml.Parse(reader.ReadToEnd());
    }

    /// <summary>Creates every object of a manifest.</summary>
    public static void Create(IApiAccess api, string name)
    {
        foreach (var value in Read(name)) Create(api, value);
    }

    public static void Create(IApiAccess api, JsonObject value)
    {
        if (value["stringData"] is JsonObject plain)
        {
            var data = new JsonObject();
            foreach (var (key, text) in plain) data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes((string)text!));
            value.Remove("stringData");
            value["data"] = data;
        }

        api.Create(KubernetesKinds.All.Single(k => k.Kind == (string?)value["kind"] && k.ApiVersion == (string?)value["apiVersion"]), value);
    }
}
