using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>The server without HTTP.</summary>
internal sealed class InProcessAccess(ObjectPipeline pipeline) : IApiAccess
{
    public IReadOnlyList<KubernetesKind> Kinds => [.. pipeline.Kinds.All.Where(static k => k.Serves("list")).Select(static k => k.Kind)];

    public JsonObject? Get(KubernetesKind kind, string? namespaceName, string name)
    {
        var served = pipeline.Kinds.Require(kind);
        return pipeline.Find(served, namespaceName, name) is { } stored ? Copy(served, stored) : null;
    }

    public IReadOnlyList<JsonObject> List(KubernetesKind kind, string? namespaceName)
    {
        var served = pipeline.Kinds.Require(kind);
        lock (pipeline.Store.Gate) return [.. pipeline.Store.List(served.Resource, namespaceName).Select(o => Copy(served, o))];
    }

    public JsonObject Create(KubernetesKind kind, JsonObject value)
    {
        var served = pipeline.Kinds.Require(kind);
        var own = JsonText.Canonical(value);
        // Over HTTP the path would name it.
        if (kind.Namespaced && own.Namespace() is not { Length: > 0 }) throw StatusErrors.BadRequest($"metadata.namespace of the {kind.Kind} {own.Name()} is empty: say where it is to be created");
        var context = Context();
        return Copy(served, pipeline.Admission.Admitted(context, () => pipeline.Create(served, own.Namespace(), own.CopyObject(), context)));
    }

    public JsonObject Update(KubernetesKind kind, JsonObject value, string? subresource = null)
    {
        var served = pipeline.Kinds.Require(kind);
        var own = JsonText.Canonical(value);
        var context = Context();
        return Copy(served, pipeline.Admission.Admitted(context, () => pipeline.Update(served, own.Namespace(), own.Name(), subresource, _ => own.CopyObject(), context, needsVersion: false)));
    }

    public bool Delete(KubernetesKind kind, string? namespaceName, string name, JsonObject? options = null)
    {
        var served = pipeline.Kinds.Require(kind);
        try
        {
            var context = Context();
            pipeline.Admission.Admitted(context, () => pipeline.Delete(served, namespaceName, name, new DeleteOptions
            {
                GracePeriodSeconds = options.Whole("gracePeriodSeconds"),
                Uid = options.Object("preconditions").Text("uid"),
                ResourceVersion = options.Object("preconditions").Text("resourceVersion"),
                PropagationPolicy = options.Text("propagationPolicy"),
                OrphanDependents = options.Flag("orphanDependents"),
            }, context));
            return true;
        }
        catch (ApiStatusException e) when (e.Code == 404)
        {
            return false;
        }
    }

    public IDisposable Subscribe(Action<ApiChange> onChange)
    {
        void Forward(HistoryEntry entry)
        {
            if (pipeline.Kinds.ByResource(entry.Resource) is { } kind)
                onChange(new ApiChange(entry.Type, kind.Kind, ObjectPipeline.InVersion(kind, entry.Current.Value), entry.Previous is null ? null : ObjectPipeline.InVersion(kind, entry.Previous.Value)));
        }

        lock (pipeline.Store.Gate) pipeline.Store.Observe(Forward);
        return new Subscription(() =>
        {
            lock (pipeline.Store.Gate) pipeline.Store.StopObserving(Forward);
        });
    }

    private static WriteContext Context() => new() { FieldManager = "kube-controller-manager", FieldValidation = "Ignore", IsInternal = true, Admission = new AdmissionSession() };

    private static JsonObject Copy(ServedKind kind, StoredObject stored) => ObjectPipeline.InVersion(kind, stored.Value).CopyObject();

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
