using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Everything below an object but <c>status</c>, and the reviews.</summary>
internal sealed class Subresources(ObjectPipeline pipeline, ApiServerOptions options, AccessReviews reviews, ServiceAccountTokens tokens)
{
    public IPodRuntime? PodRuntime { get; set; } = options.PodRuntime;

    public async Task AnswerAsync(HttpContext http, ServedKind kind, ResourceRequest target, string verb, RequestUser user, Func<Task<byte[]>> readBody)
    {
        var name = target.Name ?? throw StatusErrors.UnknownResource();
        var form = AcceptedForm.Of(http.Request.Headers.Accept.ToString() is { } accept && accept.Contains("json", StringComparison.Ordinal) ? accept : null);
        if (target.Subresource == "scale" && kind.Kind.Subresources.Contains("scale") && verb is "get" or "update" or "patch" && target.Subresource == "scale")
        {
            await ScaleAsync(http, kind, target, verb, user, readBody).ConfigureAwait(false);
            return;
        }

        switch (kind.Kind.QualifiedName + "/" + target.Subresource)
        {
            case "pods/log" when verb == "get":
                await LogAsync(http, kind, target).ConfigureAwait(false);
                return;
            case "pods/exec" when http.Request.Method is "GET" or "POST":
                await PodExecution.AnswerAsync(http, pipeline.Get(kind, target.Namespace, name).Value, PodRuntime).ConfigureAwait(false);
                return;
            case "pods/portforward" when http.Request.Method is "GET" or "POST":
                await PodPortForwarding.AnswerAsync(http, pipeline.Get(kind, target.Namespace, name).Value, PodRuntime).ConfigureAwait(false);
                return;
            case "pods/binding" when verb == "create":
            {
                var context = RequestOptions.Write(http.Request.Query, "CreateOptions", user, http.Request.Headers.UserAgent.ToString());
                var binding = JsonText.Parse(await readBody().ConfigureAwait(false)) as JsonObject ?? [];
                pipeline.Admission.Admitted(context, () => Bind(kind, target, name, binding, context));
                await ResponseWriter.JsonAsync(http, 201, Success(), form).ConfigureAwait(false);
                return;
            }

            case "pods/eviction" when verb == "create":
            {
                var context = RequestOptions.Write(http.Request.Query, "CreateOptions", user, http.Request.Headers.UserAgent.ToString());
                var eviction = JsonText.Parse(await readBody().ConfigureAwait(false)) as JsonObject ?? [];
                pipeline.Admission.Admitted(context, () => Evictable(kind, target.Namespace, name, eviction, context));
                Eviction.Evict(pipeline, kind, target.Namespace!, name, eviction, new WriteContext { User = context.User, DryRun = context.DryRun });
                await ResponseWriter.JsonAsync(http, 201, Success(), form).ConfigureAwait(false);
                return;
            }

            case "serviceaccounts/token" when verb == "create":
            {
                var context = RequestOptions.Write(http.Request.Query, "CreateOptions", user, http.Request.Headers.UserAgent.ToString());
                var request = JsonText.Parse(await readBody().ConfigureAwait(false)) as JsonObject ?? [];
                await ResponseWriter.JsonAsync(http, 201, IssueToken(pipeline.Get(kind, target.Namespace, name).Value, request, context), form).ConfigureAwait(false);
                return;
            }

            case "namespaces/finalize" when verb == "update":
            {
                var context = RequestOptions.Write(http.Request.Query, "UpdateOptions", user, http.Request.Headers.UserAgent.ToString());
                var value = BodyDecoder.Decode(kind, await readBody().ConfigureAwait(false), http.Request.ContentType, context);
                var stored = pipeline.Update(kind, null, name, "finalize", _ => value, context, needsVersion: false);
                await ResponseWriter.ObjectAsync(http, 200, kind, stored, form).ConfigureAwait(false);
                return;
            }
        }

        if (kind.Custom is not null && target.Subresource is "status" or "scale" && !kind.Kind.Subresources.Contains(target.Subresource)) throw StatusErrors.NotFound(kind.Kind, name);
        throw kind.Kind.Subresources.Contains(target.Subresource ?? "") ? StatusErrors.MethodNotAllowed() : StatusErrors.UnknownResource();
    }

    public JsonNode CreateReview(ServedKind kind, ResourceRequest target, JsonObject value, WriteContext context)
    {
        if (kind.Kind.Kind != "Binding") return reviews.Answer(kind, target.Namespace, value, context);
        var pods = pipeline.Kinds.Require(KubernetesKinds.Pod);
        pipeline.Admission.Admitted(context, () => Bind(pods, target, value.Name(), value, context));
        return Success();
    }

    private JsonObject IssueToken(JsonObject account, JsonObject request, WriteContext context)
    {
        var spec = request.Object("spec");
        var seconds = spec.Whole("expirationSeconds") ?? 3600;
        if (seconds < 600)
            throw StatusErrors.Invalid("TokenRequest", "authentication.k8s.io", "", [new("FieldValueInvalid", "spec.expirationSeconds", $"Invalid value: {seconds}: may not specify a duration less than 10 minutes")]);
        JsonObject? bound = null;
        if (spec.Object("boundObjectRef") is { } reference)
        {
            if (reference.Text("kind") != "Pod") throw StatusErrors.BadRequest($"cannot bind token for serviceaccount \"{account.Name()}\" to a {reference.Text("kind")}: only pods are supported here");
            bound = pipeline.Get(pipeline.Kinds.Require(KubernetesKinds.Pod), account.Namespace(), reference.Text("name") ?? "").Value;
        }

        var audiences = spec.Array("audiences").Texts().ToArray();
        if (audiences.Length == 0) audiences = [ServiceAccountTokens.Audience];
        _ = context;
        var (token, expires) = tokens.Issue(account, audiences, seconds, bound);
        return new JsonObject
        {
            ["kind"] = "TokenRequest", ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = account.Name(), ["namespace"] = account.Namespace(), ["uid"] = account.Uid(), ["creationTimestamp"] = pipeline.Now },
            ["spec"] = new JsonObject
            {
                ["audiences"] = new JsonArray([.. audiences.Select(static a => (JsonNode)JsonValue.Create(a))]),
                ["expirationSeconds"] = seconds, ["boundObjectRef"] = spec.Object("boundObjectRef")?.DeepClone(),
            },
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = expires.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) },
        };
    }

    private async Task ScaleAsync(HttpContext http, ServedKind kind, ResourceRequest target, string verb, RequestUser user, Func<Task<byte[]>> readBody)
    {
        var name = target.Name!;
        StoredObject stored;
        if (verb == "get") stored = pipeline.Get(kind, target.Namespace, name);
        else
        {
            var context = RequestOptions.Write(http.Request.Query, verb == "patch" ? "PatchOptions" : "UpdateOptions", user, http.Request.Headers.UserAgent.ToString());
            var body = JsonText.Parse(await readBody().ConfigureAwait(false));
            var media = (http.Request.ContentType ?? "").Split(';')[0].Trim();
            stored = pipeline.Admission.Admitted(context, () => pipeline.Update(kind, target.Namespace, name, "scale", current =>
            {
                var scale = verb == "update" ? body as JsonObject ?? []
                    : media == "application/json-patch+json" ? (JsonObject)Patching.JsonPatch.Apply(ScaleForm.Of(kind, current), (JsonArray)body!)!
                    : Patching.MergePatch.Apply(ScaleForm.Of(kind, current), body as JsonObject ?? []);
                return ScaleForm.Into(kind, current, scale);
            }, context, needsVersion: false));
        }

        await ResponseWriter.JsonAsync(http, 200, ScaleForm.Of(kind, ObjectPipeline.InVersion(kind, stored.Value)), AcceptedForm.Json).ConfigureAwait(false);
    }

    /// <summary>What webhooks say of an eviction is asked before any budget is.</summary>
    private bool Evictable(ServedKind pods, string? namespaceName, string name, JsonObject eviction, WriteContext context)
    {
        lock (pipeline.Store.Gate)
        {
            var shown = eviction.CopyObject();
            shown.Metadata()["name"] ??= name;
            shown.Metadata()["namespace"] ??= namespaceName;
            pipeline.Admission.Validate(pods, "eviction", "CREATE", shown, null, context);
            return true;
        }
    }

    private static JsonObject Success() => new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 };

    private StoredObject Bind(ServedKind kind, ResourceRequest target, string name, JsonObject binding, WriteContext context)
    {
        var node = binding.Object("target").Text("name");
        if (node is null or "") throw StatusErrors.Invalid("Binding", "", name, [new("FieldValueRequired", "target.name", "Required value")]);
        return pipeline.Update(kind, target.Namespace, name, "binding", pod =>
        {
            var spec = pod.Ensure("spec");
            if (pod.IsDeleting()) throw StatusErrors.Conflict(kind.Kind, name, $"pod {name} is being deleted, cannot be assigned to a host");
            if (spec.Text("nodeName") is { Length: > 0 } assigned) throw StatusErrors.Conflict(new KubernetesKind { Group = "", Version = "v1", Kind = "Pod", Plural = "pods/binding", Singular = "", Namespaced = true }, name, $"pod {name} is already assigned to node \"{assigned}\"");
            spec["nodeName"] = node;
            foreach (var (key, value) in binding.Object("metadata").Object("annotations") ?? []) pod.Metadata().Ensure("annotations")[key] = value?.DeepClone();
            var status = pod.Ensure("status");
            if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
            foreach (var old in conditions.OfType<JsonObject>().Where(static c => c.Text("type") == "PodScheduled").ToArray()) conditions.Remove(old);
            conditions.AddNode(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = pipeline.Now });
            return pod;
        }, context, needsVersion: false);
    }

    private async Task LogAsync(HttpContext http, ServedKind kind, ResourceRequest target)
    {
        var pod = pipeline.Get(kind, target.Namespace, target.Name!).Value;
        var query = http.Request.Query;
        var containers = (pod.Object("spec").Array("containers") ?? []).Concat(pod.Object("spec").Array("initContainers") ?? []).OfType<JsonObject>().Select(static c => c.Text("name") ?? "").ToArray();
        var container = query["container"].ToString();
        if (container.Length == 0)
        {
            if ((pod.Object("spec").Array("containers")?.Count ?? 0) > 1)
                throw StatusErrors.BadRequest($"a container name must be specified for pod {target.Name}, choose one of: [{string.Join(' ', containers)}]");
            container = containers.FirstOrDefault() ?? "";
        }
        else if (!containers.Contains(container)) throw StatusErrors.BadRequest($"container {container} is not valid for pod {target.Name}");

        if (PodRuntime is not { } runtime)
            throw StatusErrors.BadRequest($"container \"{container}\" in pod \"{target.Name}\" is waiting to start: no pod runtime is attached to this server");
        var follow = IsTrue(query["follow"]);
        var log = await runtime.OpenLogAsync(pod.CopyObject(), new PodLogRequest
        {
            Container = container,
            Follow = follow,
            Previous = IsTrue(query["previous"]),
            Timestamps = IsTrue(query["timestamps"]),
            TailLines = Number(query["tailLines"]) is { } tail ? (int)tail : null,
            SinceSeconds = Number(query["sinceSeconds"]) is { } since ? (int)since : null,
            LimitBytes = Number(query["limitBytes"]),
        }, http.RequestAborted).ConfigureAwait(false);
        await using (log.ConfigureAwait(false))
        {
            http.Response.ContentType = "text/plain";
            await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
            var chunk = new byte[16384];
            int read;
            while ((read = await log.ReadAsync(chunk, http.RequestAborted).ConfigureAwait(false)) > 0)
            {
                await http.Response.Body.WriteAsync(chunk.AsMemory(0, read), http.RequestAborted).ConfigureAwait(false);
                if (follow) await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
        }
    }

    // As the real server reads flags: everything but nothing, "false" and "0". Python's client writes "True".
    private static bool IsTrue(string? value) => value is { Length: > 0 } and not "0" && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
