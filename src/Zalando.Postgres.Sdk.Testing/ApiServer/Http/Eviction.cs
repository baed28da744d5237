using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Deletes a pod if its disruption budget allows.</summary>
internal static class Eviction
{
    public static void Evict(ObjectPipeline pipeline, ServedKind pods, string namespaceName, string name, JsonObject eviction, WriteContext context)
    {
        lock (pipeline.Store.Gate)
        {
            pipeline.Get(pods, namespaceName, name);
            var options = eviction.Object("deleteOptions");
            pipeline.Delete(pods, namespaceName, name, new Pipeline.DeleteOptions
            {
                GracePeriodSeconds = options.Whole("gracePeriodSeconds"),
                Uid = options.Object("preconditions").Text("uid"),
                ResourceVersion = options.Object("preconditions").Text("resourceVersion"),
                DryRun = context.DryRun || options.Array("dryRun") is { Count: > 0 },
            }, context);
        }
    }
}
