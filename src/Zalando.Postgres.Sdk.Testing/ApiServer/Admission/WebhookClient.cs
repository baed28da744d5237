using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds.Expressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Patching;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Admission;

/// <summary>Asks webhooks with <c>AdmissionReview</c> (admission.k8s.io/v1). Nothing is locked meanwhile: a webhook may use the server itself.</summary>
internal sealed class WebhookClient(ApiServerOptions options)
{
    private const string ReviewVersion = "admission.k8s.io/v1";
    private const int AnswerLimit = 3 * 1024 * 1024;

    /// <summary>Asks all webhooks that a write waits for, and notes what they say.</summary>
    /// <exception cref="ApiStatusException">A webhook refuses, or cannot be asked and must be.</exception>
    public void Ask(AdmissionPendingException pending, WriteContext context)
    {
        var session = context.Admission!;
        if (!pending.Mutating)
        {
            foreach (var call in pending.Calls) _ = Call(call, pending.Request, pending.Request.Object, context, mutating: false);
            session.SetValidated(pending.Version);
            return;
        }

        var value = pending.Request.Object!.CopyObject();
        var seen = new List<(WebhookCall Call, JsonObject Left)>();
        foreach (var call in pending.Calls)
        {
            value = Call(call, pending.Request, value, context, mutating: true) ?? value;
            seen.Add((call, value.CopyObject()));
        }

        // Whoever asked for it looks again at what later webhooks have changed, once.
        foreach (var (call, left) in seen)
        {
            if (call.Webhook.Text("reinvocationPolicy") != "IfNeeded" || JsonNode.DeepEquals(left, value)) continue;
            value = Call(call, pending.Request, value, context, mutating: true) ?? value;
        }

        session.SetMutated(value, pending.Version);
    }

    private JsonObject? Call(WebhookCall call, AdmissionRequest request, JsonObject? value, WriteContext context, bool mutating)
    {
        var name = call.Webhook.Text("name") ?? "";
        if (request.DryRun && call.Webhook.Text("sideEffects") is not ("None" or "NoneOnDryRun"))
            throw StatusErrors.BadRequest($"admission webhook {StatusErrors.Quote(name)} does not support dry run");
        var ignore = call.Webhook.Text("failurePolicy") == "Ignore";
        try
        {
            var review = Review(call, request, value);
            if (!Applies(call, review.Object("request")!)) return null;
            var answer = Exchange(call, review);
            return Read(call, review, answer, value, context, mutating);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidDataException or CryptographicException or FormatException)
        {
            if (ignore) return null;
            throw StatusErrors.InternalError($"failed calling webhook {StatusErrors.Quote(name)}: {Why(e)}");
        }
    }

    private static string Why(Exception e) => e is OperationCanceledException ? "context deadline exceeded" : e.InnerException is { } inner and not OperationCanceledException ? $"{e.Message} {inner.Message}" : e.Message;

    private JsonObject Review(WebhookCall call, AdmissionRequest request, JsonObject? value)
    {
        static JsonObject Kind(ServedKind kind) => new() { ["group"] = kind.Kind.Group, ["version"] = kind.Kind.Version, ["kind"] = kind.Kind.Kind };
        static JsonObject Resource(ServedKind kind) => new() { ["group"] = kind.Kind.Group, ["version"] = kind.Kind.Version, ["resource"] = kind.Kind.Plural };
        var user = new JsonObject { ["username"] = request.User.Name };
        if (request.User.Uid is { Length: > 0 } uid) user["uid"] = uid;
        user["groups"] = new JsonArray([.. request.User.Groups.Select(static g => (JsonNode)g)]);
        var inside = new JsonObject
        {
            ["uid"] = NewUid(), ["kind"] = Kind(call.Matched), ["resource"] = Resource(call.Matched),
            ["requestKind"] = Kind(call.Requested), ["requestResource"] = Resource(call.Requested),
        };
        if (request.Subresource is { } below)
        {
            inside["subResource"] = below;
            inside["requestSubResource"] = below;
        }

        inside["name"] = request.Name;
        if (request.Namespace is { Length: > 0 } space) inside["namespace"] = space;
        inside["operation"] = request.Operation;
        inside["userInfo"] = user;
        inside["object"] = value is null ? null : Seen(call, value);
        inside["oldObject"] = request.OldObject is null ? null : Seen(call, request.OldObject);
        inside["dryRun"] = request.DryRun;
        inside["options"] = new JsonObject
        {
            ["kind"] = request.Operation switch { "CREATE" => "CreateOptions", "UPDATE" => "UpdateOptions", _ => "DeleteOptions" }, ["apiVersion"] = "meta.k8s.io/v1",
        };
        return new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = ReviewVersion, ["request"] = inside };
    }

    private static JsonNode Seen(WebhookCall call, JsonObject value) =>
        call.Matched == call.Requested ? value.DeepClone() : ObjectPipeline.InVersion(call.Matched, value).DeepClone();

    private static bool Applies(WebhookCall call, JsonObject request)
    {
        foreach (var condition in (call.Webhook.Array("matchConditions") ?? []).OfType<JsonObject>())
        {
            var holds = RuleEvaluation.Holds(condition.Text("expression") ?? "", new Dictionary<string, JsonNode?>(StringComparer.Ordinal)
            {
                ["object"] = request["object"], ["oldObject"] = request["oldObject"], ["request"] = request,
            });
            if (holds == false) return false;
            if (holds is null) throw new InvalidDataException($"the match condition {StatusErrors.Quote(condition.Text("name") ?? "")} cannot be evaluated here");
        }

        return true;
    }

    private JsonObject Exchange(WebhookCall call, JsonObject review)
    {
        var client = call.Webhook.Object("clientConfig");
        var url = Address(client);
        var seconds = Math.Clamp(call.Webhook.Whole("timeoutSeconds") ?? 10, 1, 30);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (client.Text("caBundle") is { Length: > 0 } bundle)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(bundle)));
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        using var http = new HttpClient(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(JsonText.Write(review)) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Accept.ParseAdd("application/json");
        using var response = http.Send(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        using var content = response.Content.ReadAsStream(deadline.Token);
        var body = ReadLimited(content);
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"the server answered {(int)response.StatusCode}");
        return JsonText.Parse(body) as JsonObject ?? throw new InvalidDataException("the answer is no AdmissionReview");
    }

    private Uri Address(JsonObject? client)
    {
        if (client.Text("url") is { Length: > 0 } url) return Uri.TryCreate(url, UriKind.Absolute, out var given) ? given : throw new InvalidDataException($"{StatusErrors.Quote(url)} is no URL");
        var service = client.Object("service");
        var named = new WebhookService(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Whole("port") ?? 443), service.Text("path") ?? "");
        return options.ResolveWebhookService?.Invoke(named)
            ?? throw new InvalidDataException($"service {named.Namespace}/{named.Name} is not known: set ResolveWebhookService of the server's options to say where it is");
    }

    private static byte[] ReadLimited(Stream content)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16384];
        int read;
        while ((read = content.Read(chunk)) > 0)
        {
            if (buffer.Length + read > AnswerLimit) throw new InvalidDataException("the answer is too large");
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    private static JsonObject? Read(WebhookCall call, JsonObject review, JsonObject answer, JsonObject? value, WriteContext context, bool mutating)
    {
        var name = StatusErrors.Quote(call.Webhook.Text("name") ?? "");
        if (answer.Text("kind") != "AdmissionReview" || answer.Text("apiVersion") != ReviewVersion)
            throw new InvalidDataException($"expected webhook response of {ReviewVersion}, Kind=AdmissionReview, got {answer.Text("apiVersion")}, Kind={answer.Text("kind")}");
        var response = answer.Object("response") ?? throw new InvalidDataException("webhook response was absent");
        if (response.Text("uid") != review.Object("request").Text("uid")) throw new InvalidDataException($"expected response.uid={StatusErrors.Quote(review.Object("request").Text("uid") ?? "")}, got {StatusErrors.Quote(response.Text("uid") ?? "")}");
        context.Warnings.AddRange(response.Array("warnings").Texts());
        if (response.Flag("allowed") != true) throw Denied(name, response.Object("status"));
        if (response.Text("patch") is not { Length: > 0 } patch) return null;
        if (!mutating) throw new InvalidDataException("a validating webhook may not change the object");
        if (response.Text("patchType") != "JSONPatch") throw new InvalidDataException($"invalid response.patchType {StatusErrors.Quote(response.Text("patchType") ?? "")}: it must be JSONPatch");
        if (value is null || JsonText.Parse(Convert.FromBase64String(patch)) is not JsonArray operations) throw new InvalidDataException("the patch cannot be read");
        try
        {
            var changed = JsonPatch.Apply(Seen(call, value), operations) as JsonObject ?? throw new InvalidDataException("the patch leaves no object");
            return call.Matched == call.Requested ? changed : ObjectPipeline.InVersion(call.Requested, changed);
        }
        catch (ApiStatusException e)
        {
            throw StatusErrors.InternalError($"admission webhook {name} sent a patch that cannot be applied: {e.Message}");
        }
    }

    private static ApiStatusException Denied(string name, JsonObject? status)
    {
        var code = (int)(status.Whole("code") ?? 403);
        if (code is < 400 or > 599) code = 403;
        var reason = status.Text("reason") ?? (code == 403 ? "Forbidden" : "");
        var text = status.Text("message") is { Length: > 0 } message ? $"admission webhook {name} denied the request: {message}" : $"admission webhook {name} denied the request without explanation";
        return new ApiStatusException(code, reason, text, (JsonObject?)status.Object("details")?.DeepClone());
    }

    private static string NewUid()
    {
        var bytes = RandomNumberGenerator.GetBytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
