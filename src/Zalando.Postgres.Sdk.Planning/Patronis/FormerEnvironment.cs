using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>The environment of PostgreSQL's container in the stored pod template: what was asked for last.</summary>
internal static class FormerEnvironment
{
    /// <summary>Values by name; null when there is no pod template yet.</summary>
    public static Dictionary<string, string>? Of(ClusterContext context)
    {
        if (context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is not { } stored) return null;
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in stored.Items("spec", "template", "spec", "containers").FirstOrDefault(c => c.Text("name") == ContainerResources.PostgresContainer).Items("env"))
            if (variable.Text("name") is { } name) variables[name] = variable.Text("value") ?? "";
        return variables;
    }
}
