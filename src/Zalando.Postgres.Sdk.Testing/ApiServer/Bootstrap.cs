using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>What a server has from the start.</summary>
internal static class Bootstrap
{
    public static void Fill(ObjectPipeline pipeline)
    {
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            if (pipeline.Find(pipeline.Kinds.Require(KubernetesKinds.Namespace), null, name) is not null) continue;
            pipeline.Create(pipeline.Kinds.Require(KubernetesKinds.Namespace), null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, WriteContext.Internal);
        }
    }
}
