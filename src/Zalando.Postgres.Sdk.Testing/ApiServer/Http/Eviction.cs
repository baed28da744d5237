using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using LabelSelector = Zalando.Postgres.Sdk.Testing.ApiServer.Selectors.LabelSelector;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Deletes a pod if its disruption budget allows.</summary>
internal static class Eviction
{
    public static void Evict(ObjectPipeline pipeline, ServedKind pods, string namespaceName, string name, JsonObject eviction, WriteContext context)
    {
        if (eviction.Name() is { Length: > 0 } given && given != name) throw StatusErrors.BadRequest("name in URL does not match name in Eviction object");
        lock (pipeline.Store.Gate)
        {
            var pod = pipeline.Get(pods, namespaceName, name).Value;
            var options = eviction.Object("deleteOptions");
            var dryRun = context.DryRun || options.Array("dryRun") is { Count: > 0 };
            var delete = new Pipeline.DeleteOptions
            {
                GracePeriodSeconds = options.Whole("gracePeriodSeconds"),
                Uid = options.Object("preconditions").Text("uid"),
                ResourceVersion = options.Object("preconditions").Text("resourceVersion"),
                DryRun = dryRun,
            };
            // Pods that do not run, or are going already, do not count for a budget.
            var budgeted = !pod.IsDeleting() && pod.Object("status").Text("phase") is not ("Pending" or "Succeeded" or "Failed") && !dryRun;
            if (budgeted) AskBudgets(pipeline, pod, namespaceName, name);
            if (!dryRun && !pod.IsDeleting() && pod.Object("status").Text("phase") is not ("Succeeded" or "Failed")) MarkTarget(pipeline, pods, namespaceName, name);
            pipeline.Delete(pods, namespaceName, name, delete, context);
        }
    }

    private static void AskBudgets(ObjectPipeline pipeline, JsonObject pod, string namespaceName, string name)
    {
        var kind = pipeline.Kinds.Require(KubernetesKinds.PodDisruptionBudget);
        var budgets = pipeline.Store.List(kind.Resource, namespaceName)
            .Where(b => LabelSelector.From(b.Value.Object("spec").Object("selector"))?.Matches(pod) == true).Select(static b => b.Value).ToArray();
        if (budgets.Length == 0) return;
        if (budgets.Length > 1) throw StatusErrors.Internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        var budget = budgets[0];
        var status = budget.Object("status");
        if (status.Whole("observedGeneration") is { } seen && seen < (budget.Object("metadata").Whole("generation") ?? 0)) throw TooMany(budget, "the disruption budget " + budget.Name() + " is still being processed by the server.", 10);
        if ((status.Whole("disruptionsAllowed") ?? 0) <= 0)
        {
            throw TooMany(budget, $"The disruption budget {budget.Name()} needs {status.Whole("desiredHealthy") ?? 0} healthy pods and has {status.Whole("currentHealthy") ?? 0} currently", null);
        }

        pipeline.Update(kind, namespaceName, budget.Name(), "status", value =>
        {
            var changed = value.Ensure("status");
            changed["disruptionsAllowed"] = JsonText.Number((changed.Whole("disruptionsAllowed") ?? 0) - 1);
            changed.Ensure("disruptedPods")[name] = pipeline.Now;
            return value;
        }, WriteContext.Internal, needsVersion: false);
    }

    private static void MarkTarget(ObjectPipeline pipeline, ServedKind pods, string namespaceName, string name) =>
        pipeline.Update(pods, namespaceName, name, "status", value =>
        {
            var status = value.Ensure("status");
            if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
            foreach (var old in conditions.OfType<JsonObject>().Where(static c => c.Text("type") == "DisruptionTarget").ToArray()) conditions.Remove(old);
            conditions.AddNode(new JsonObject
            {
                ["type"] = "DisruptionTarget", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = pipeline.Now,
                ["reason"] = "EvictionByEvictionAPI", ["message"] = "Eviction API: evicting",
            });
            return value;
        }, WriteContext.Internal, needsVersion: false);

    private static ApiStatusException TooMany(JsonObject budget, string message, int? retry)
    {
        _ = budget;
        var details = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = message }) };
        if (retry is not null) details["retryAfterSeconds"] = retry;
        return new ApiStatusException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", details);
    }
}
