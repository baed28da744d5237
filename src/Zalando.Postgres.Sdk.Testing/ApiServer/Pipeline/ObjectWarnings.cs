using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>What is accepted, but with a warning.</summary>
internal static class ObjectWarnings
{
    public static void Add(ServedKind kind, JsonObject value, JsonObject? old, WriteContext context)
    {
        if (context.IsInternal) return;
        switch (kind.Kind.QualifiedName)
        {
            case "services":
                var spec = value.Object("spec");
                if (spec.Text("clusterIP") == "None" && spec.Array("externalIPs") is { Count: > 0 }) context.Warnings.Add("spec.externalIPs is ignored for headless services");
                if (spec.Text("clusterIP") == "None" && spec.Text("loadBalancerIP") is { Length: > 0 }) context.Warnings.Add("spec.loadBalancerIP is ignored for headless services");
                break;
            case "pods" when old is null: Pod(value.Object("spec"), "spec", context); break;
            case "statefulsets.apps" or "deployments.apps" or "replicasets.apps" or "daemonsets.apps" or "jobs.batch"
                when old is null || !JsonNode.DeepEquals(old.Object("spec")?["template"], value.Object("spec")?["template"]):
                Pod(value.Object("spec").Object("template").Object("spec"), "spec.template.spec", context);
                break;
            case "cronjobs.batch" when old is null || !JsonNode.DeepEquals(old.Object("spec")?["jobTemplate"], value.Object("spec")?["jobTemplate"]):
                Pod(value.Object("spec").Object("jobTemplate").Object("spec").Object("template").Object("spec"), "spec.jobTemplate.spec.template.spec", context);
                break;
        }
    }

    private static void Pod(JsonObject? spec, string path, WriteContext context)
    {
        var secrets = (spec.Array("imagePullSecrets") ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < secrets.Length; i++)
        {
            if (secrets[i].Text("name") is null or "") context.Warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{path}.imagePullSecrets[{i}].name: invalid empty name \"\""));
        }
    }
}
