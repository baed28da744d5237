using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authentication;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;
using Zalando.Postgres.Sdk.Testing.ApiServer.Discovery;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Patching;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Protobuf;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.ApiServer.Tables;
using LabelSelector = Zalando.Postgres.Sdk.Testing.ApiServer.Selectors.LabelSelector;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Answers requests over HTTP.</summary>
internal sealed class RequestHandler(
    ObjectPipeline pipeline, WatchHub watches, DiscoveryDocuments discovery, TokenAuthenticator authenticator, RbacAuthorizer authorizer, RequestLog log, ApiServerOptions options)
{
    private const int BodyLimit = 3 * 1024 * 1024;
    /// <summary>Faults to inject; null for none.</summary>
    public FaultInjection? Faults { get; set; }

    private readonly ILogger _logger = options.LoggerFactory?.CreateLogger<RequestHandler>() ?? (ILogger)NullLogger.Instance;
    private readonly TableForms _tables = new(options.TimeProvider);
    private readonly WatchResponder _watchResponder = new(watches, options);
    private readonly Subresources _subresources = new(pipeline, options, new AccessReviews(pipeline, authorizer, authenticator), authenticator.Accounts);

    /// <summary>What runs the pods; null for nothing.</summary>
    public IPodRuntime? PodRuntime
    {
        get => _subresources.PodRuntime;
        set => _subresources.PodRuntime = value;
    }

    public async Task HandleAsync(HttpContext http)
    {
        var user = RequestUser.Anonymous;
        var verb = http.Request.Method.ToLowerInvariant();
        ResourceRequest? target = null;
        var noted = false;

        // Noted before the first byte of the answer leaves: whoever has the answer finds the request in the log.
        void Note()
        {
            if (noted || verb == "watch") return;
            noted = true;
            log.Add(Log(http, verb, target, user) with { Code = http.Response.StatusCode });
        }

        http.Response.OnStarting(() =>
        {
            Note();
            return Task.CompletedTask;
        });
        http.Response.Headers["Audit-Id"] = http.TraceIdentifier;
        http.Response.Headers.CacheControl = "no-cache, private";
        try
        {
            var path = http.Request.Path.Value ?? "/";
            var segments = path.TrimEnd('/').Split('/')[1..];
            target = Target(segments);
            var watch = IsTrue(http.Request.Query["watch"]);
            if (target is not null) verb = target.Verb(http.Request.Method, watch);
            user = Impersonation.Of(http, authenticator.Authenticate(http), authorizer);
            var logged = Log(http, verb, target, user);
            if (verb == "watch") log.Add(logged with { Code = 200 });
            var fault = Faults?.Take(logged);
            if (fault is not null && await InjectAsync(http, fault).ConfigureAwait(false)) return;
            Authorize(user, http, path, target, verb);
            if (fault is { LoseAnswer: true }) http.Response.Body = Stream.Null;
            else if (fault is { DropAfterBytes: not null } or { PausePerPiece.Ticks: > 0 }) http.Response.Body = new FaultyBody(http.Response.Body, fault, options.TimeProvider, http.Abort);
            await DispatchAsync(http, path, segments, target, verb, user).ConfigureAwait(false);
            if (fault is { LoseAnswer: true }) http.Abort();
        }
        catch (ApiStatusException e)
        {
            await RefuseAsync(http, e).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || http.Response.Body is FaultyBody)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception e) when (e is not OperationCanceledException && !http.Response.HasStarted)
        {
            // A defect of this server: the client is told what it is, as far as it can be told.
            LogMessages.Failed(_logger, e, http.Request.Method, http.Request.Path.Value ?? "");
            await RefuseAsync(http, StatusErrors.InternalError(e.GetType().Name + ": " + e.Message)).ConfigureAwait(false);
        }
        finally
        {
            Note();
        }
    }

    private static LoggedRequest Log(HttpContext http, string verb, ResourceRequest? target, RequestUser user) => new(
        http.Request.Method, http.Request.Path.Value ?? "", http.Request.QueryString.Value ?? "", verb,
        target is null ? "" : target.Subresource is null ? target.Resource : target.Resource + "/" + target.Subresource,
        target?.Namespace, target?.Name, user.Name, http.Request.Headers.UserAgent.ToString(), 0) { Group = target?.Group ?? "" };

    public static async Task RefuseAsync(HttpContext http, ApiStatusException e)
    {
        if (http.Response.HasStarted) return;
        if (e.Details.Whole("retryAfterSeconds") is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString();
        await ResponseWriter.JsonAsync(http, e.Code, StatusErrors.Status(e), AcceptedForm.Json).ConfigureAwait(false);
    }

    private void Authorize(RequestUser user, HttpContext http, string path, ResourceRequest? target, string verb)
    {
        if (!authorizer.IsEnabled || user.IsMaster) return;
        if (target is null)
        {
            if (authorizer.Allows(user, new AccessRequest { Verb = http.Request.Method.ToLowerInvariant(), Path = path }) is null)
                throw new ApiStatusException(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {http.Request.Method.ToLowerInvariant()} path \"{path}\"", []);
            return;
        }

        var request = new AccessRequest { Verb = verb, Group = target.Group, Resource = target.Resource, Subresource = target.Subresource, Namespace = target.Namespace, Name = target.Name };
        if (authorizer.Allows(user, request) is not null) return;
        var scope = target.Namespace is { } ns ? $"in the namespace \"{ns}\"" : "at the cluster scope";
        throw StatusErrors.Forbidden(target.Group, target.Resource, target.Name ?? "",
            $"User \"{user.Name}\" cannot {verb} resource \"{request.QualifiedResource}\" in API group \"{target.Group}\" {scope}");
    }

    /// <summary>Waits and refuses as a fault says; answers whether the request is over.</summary>
    private async Task<bool> InjectAsync(HttpContext http, InjectedFault fault)
    {
        if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, options.TimeProvider, http.RequestAborted).ConfigureAwait(false);
        if (fault.Html)
        {
            await ResponseWriter.BytesAsync(http, fault.Code ?? 502, Encoding.UTF8.GetBytes($"<html><head><title>{fault.Message ?? "502 Bad Gateway"}</title></head><body>{fault.Message ?? "The proxy got no answer."}</body></html>\n"), "text/html").ConfigureAwait(false);
            return true;
        }

        if (fault.Code is not { } code) return false;
        if (fault.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString();
        var reason = code switch { 401 => "Unauthorized", 403 => "Forbidden", 404 => "NotFound", 409 => "Conflict", 410 => "Expired", 422 => "Invalid", 429 => "TooManyRequests", 500 => "InternalError", 503 => "ServiceUnavailable", 504 => "Timeout", _ => "" };
        await RefuseAsync(http, new ApiStatusException(code, reason, fault.Message ?? $"injected fault: {code}")).ConfigureAwait(false);
        return true;
    }

    private ResourceRequest? Target(string[] segments) => segments switch
    {
        ["api", var version, .. var rest] when rest.Length > 0 => ResourceRequest.Parse("", version, rest, pipeline.Kinds),
        ["apis", var group, var version, .. var rest] when rest.Length > 0 => ResourceRequest.Parse(group, version, rest, pipeline.Kinds),
        _ => null,
    };

    private async Task DispatchAsync(HttpContext http, string path, string[] segments, ResourceRequest? target, string verb, RequestUser user)
    {
        if (target is null)
        {
            await discovery.AnswerAsync(http, path, segments).ConfigureAwait(false);
            return;
        }

        if (!pipeline.Kinds.HasGroup(target.Group))
        {
            await ResponseWriter.TextAsync(http, 404, "404 page not found\n").ConfigureAwait(false);
            return;
        }

        if (target.Kind is not { } kind) throw StatusErrors.UnknownResource();
        if (kind.Custom is not null && !kind.Kind.Namespaced && target.Namespace is not null)
        {
            await ResponseWriter.TextAsync(http, 404, "404 page not found\n").ConfigureAwait(false);
            return;
        }

        CheckScope(http, kind, target);
        if (http.Request.Query["timeout"].ToString() is { Length: > 0 } timeout && !GoDuration.IsValid(timeout))
            throw StatusErrors.BadRequest($"invalid timeout specified in the request URL - time: invalid duration {StatusErrors.Quote(timeout)}");
        if ((kind.Custom?.DeprecationWarning ?? KindRules.DeprecationWarning(kind.Kind)) is { } warning) Warn(http, [warning]);
        if (http.Request.Method == "HEAD") throw StatusErrors.MethodNotAllowed();
        if (target.Subresource is not null)
        {
            var isResize = target.Subresource == "resize" && kind.Resource == "pods";
            if (isResize && !options.ServesPodResize) throw StatusErrors.UnknownResource();
            if ((target.Subresource == "status" && kind.HasStatus) || isResize)
            {
                if (verb is "get" or "update" or "patch")
                {
                    await ObjectAsync(http, kind, target, verb, user).ConfigureAwait(false);
                    return;
                }
            }

            await _subresources.AnswerAsync(http, kind, target, verb, user, () => ReadBodyAsync(http)).ConfigureAwait(false);
            return;
        }

        if (!Serves(kind, target, verb)) throw StatusErrors.MethodNotAllowed();
        if (target.Name is not null) await ObjectAsync(http, kind, target, verb, user).ConfigureAwait(false);
        else await CollectionAsync(http, kind, target, verb, user).ConfigureAwait(false);
    }

    private static void CheckScope(HttpContext http, ServedKind kind, ResourceRequest target)
    {
        if (kind.Kind.Namespaced)
        {
            if (target.Namespace is null && target.Name is not null) throw StatusErrors.UnknownResource();
            if (target.Namespace is null && http.Request.Method is not ("GET" or "HEAD")) throw StatusErrors.MethodNotAllowed();
        }
        else if (target.Namespace is not null && kind.Kind.Kind != "Namespace") throw StatusErrors.UnknownResource();
    }

    private static bool Serves(ServedKind kind, ResourceRequest target, string verb) => verb switch
    {
        "get" or "update" or "patch" or "delete" => target.Name is not null && kind.Serves(verb),
        "list" => target.Name is null && kind.Serves(verb),
        "watch" => kind.Serves(verb),
        "create" => target.Name is null && kind.Serves(verb),
        "deletecollection" => kind.Serves(verb),
        _ => false,
    };

    private async Task CollectionAsync(HttpContext http, ServedKind kind, ResourceRequest target, string verb, RequestUser user)
    {
        var query = http.Request.Query;
        switch (verb)
        {
            case "create":
                var form = Accept(http);
                var context = RequestOptions.Write(query, "CreateOptions", user, http.Request.Headers.UserAgent.ToString());
                var body = await ReadBodyAsync(http).ConfigureAwait(false);
                var value = Decoded(http, kind, body, context);
                if (kind.Kind.Kind.EndsWith("Review", StringComparison.Ordinal) || kind.Kind.Kind == "Binding")
                {
                    var answer = _subresources.CreateReview(kind, target, value, context);
                    Warn(http, context.Warnings);
                    await ResponseWriter.JsonAsync(http, 201, answer, form).ConfigureAwait(false);
                    return;
                }

                var created = Warned(http, context, () => pipeline.Create(kind, target.Namespace, value.CopyObject(), context));
                await AnswerAsync(http, 201, kind, created, form).ConfigureAwait(false);
                return;
            case "list":
                var listForm = Accept(http);
                CheckListOptions(query, watch: false);
                var list = pipeline.List(kind, target.Namespace, Query(kind, query));
                await AnswerListAsync(http, kind, list, listForm).ConfigureAwait(false);
                return;
            case "watch":
                await WatchAsync(http, kind, target).ConfigureAwait(false);
                return;
            case "deletecollection":
                var delete = RequestOptions.Delete(query, await ReadBodyAsync(http).ConfigureAwait(false), http.Request.ContentType);
                var deleteContext = new WriteContext { User = user, DryRun = delete.DryRun, Admission = new AdmissionSession() };
                var found = pipeline.List(kind, target.Namespace, Query(kind, query));
                foreach (var item in found.Items)
                {
                    try
                    {
                        pipeline.Admission.Admitted(deleteContext, () => pipeline.Delete(kind, item.Key.Namespace, item.Key.Name, delete, deleteContext));
                    }
                    catch (ApiStatusException e) when (e.Code == 404)
                    {
                        // Someone else was faster.
                    }
                }

                Warn(http, deleteContext.Warnings.Distinct(StringComparer.Ordinal));
                await AnswerListAsync(http, kind, found, Accept(http)).ConfigureAwait(false);
                return;
        }
    }

    private async Task ObjectAsync(HttpContext http, ServedKind kind, ResourceRequest target, string verb, RequestUser user)
    {
        var query = http.Request.Query;
        var name = target.Name!;
        switch (verb)
        {
            case "get":
                var getForm = Accept(http);
                CheckGetVersion(query["resourceVersion"].ToString());
                await AnswerAsync(http, 200, kind, pipeline.Get(kind, target.Namespace, name), getForm).ConfigureAwait(false);
                return;
            case "watch":
                await WatchAsync(http, kind, target).ConfigureAwait(false);
                return;
            case "update":
            {
                var form = Accept(http);
                var context = RequestOptions.Write(query, "UpdateOptions", user, http.Request.Headers.UserAgent.ToString());
                var value = Decoded(http, kind, await ReadBodyAsync(http).ConfigureAwait(false), context);
                var code = 200;
                var stored = Warned(http, context, () =>
                {
                    if (value.Name().Length == 0) throw StatusErrors.BadRequest($"the name of the object ({name} based on URL) was undeterminable: name must be provided");
                    if (value.Name() != name) throw StatusErrors.BadRequest($"the name of the object ({value.Name()}) does not match the name on the URL ({name})");
                    pipeline.CheckNamespace(kind, target.Namespace, value);
                    lock (pipeline.Store.Gate)
                    {
                        if (target.Subresource is null && KindRules.PutCreates(kind.Kind) && pipeline.Find(kind, target.Namespace, name) is null)
                        {
                            code = 201;
                            if (value.Uid() is { Length: > 0 } uid)
                            {
                                throw StatusErrors.Conflict(kind.Kind, name,
                                    $"StorageError: invalid object, Code: 4, Key: /registry/{kind.Kind.Plural}/{ObjectPipeline.Key(kind, target.Namespace, name)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: ");
                            }

                            if (value.Object("metadata").Text("resourceVersion") is { Length: > 0 } and not "0") throw StatusErrors.Conflict(kind.Kind, name);
                            return pipeline.Create(kind, target.Namespace, value.CopyObject(), context);
                        }

                        return pipeline.Update(kind, target.Namespace, name, target.Subresource, _ => value.CopyObject(), context, needsVersion: true);
                    }
                });
                await AnswerAsync(http, code, kind, stored, form).ConfigureAwait(false);
                return;
            }

            case "patch":
            {
                var form = Accept(http);
                var (code, stored) = await PatchAsync(http, kind, target, user).ConfigureAwait(false);
                await AnswerAsync(http, code, kind, stored, form).ConfigureAwait(false);
                return;
            }

            case "delete":
            {
                var form = Accept(http);
                var delete = RequestOptions.Delete(query, await ReadBodyAsync(http).ConfigureAwait(false), http.Request.ContentType);
                var context = new WriteContext { User = user, DryRun = delete.DryRun, Admission = new AdmissionSession() };
                var (stored, removed) = Warned(http, context, () => pipeline.Delete(kind, target.Namespace, name, delete, context));
                if (!removed || KindRules.DeleteAnswersWithObject(kind.Kind))
                {
                    await AnswerAsync(http, 200, kind, stored, form).ConfigureAwait(false);
                    return;
                }

                var details = new JsonObject { ["name"] = name };
                if (kind.Kind.Group.Length > 0) details["group"] = kind.Kind.Group;
                details["kind"] = kind.Kind.Plural;
                details["uid"] = stored.Value.Uid();
                await ResponseWriter.JsonAsync(http, 200, new JsonObject
                {
                    ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details,
                }, form with { As = "" }).ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task<(int Code, StoredObject Stored)> PatchAsync(HttpContext http, ServedKind kind, ResourceRequest target, RequestUser user)
    {
        var media = (http.Request.ContentType ?? "").Split(';')[0].Trim();
        var apply = media == "application/apply-patch+yaml";
        if (!apply && media is not ("application/json-patch+json" or "application/merge-patch+json") && !(media == "application/strategic-merge-patch+json" && kind.Custom is null))
            throw kind.Custom is null ? StatusErrors.UnsupportedPatch() : StatusErrors.UnsupportedCustomPatch();
        var body = await ReadBodyAsync(http).ConfigureAwait(false);
        var context = RequestOptions.Write(http.Request.Query, "PatchOptions", user, http.Request.Headers.UserAgent.ToString(), apply);
        var patch = PatchDecoder.Decode(kind, media, body, context);
        var code = 200;
        var stored = Warned(http, context, () =>
        {
            lock (pipeline.Store.Gate)
            {
                if (apply) return patch.Apply(pipeline, target, context, out code);
                return pipeline.Update(kind, target.Namespace, target.Name!, target.Subresource, current => patch.Change(kind, current, context), context, needsVersion: false);
            }
        });
        return (code, stored);
    }

    private async Task WatchAsync(HttpContext http, ServedKind kind, ResourceRequest target)
    {
        var form = Accept(http);
        var query = http.Request.Query;
        CheckListOptions(query, watch: true);
        var list = Query(kind, query);
        var fields = target.Name is null ? list.Fields : FieldSelector.Parse("metadata.name=" + target.Name, kind.Kind, [], kind.Custom is not null);
        await _watchResponder.AnswerAsync(http, kind, target.Namespace, list with { Fields = fields }, form).ConfigureAwait(false);
    }

    private static ListQuery Query(ServedKind kind, IQueryCollection query)
    {
        var limit = 0L;
        if (query["limit"].ToString() is { Length: > 0 } text && !long.TryParse(text, out limit))
            throw StatusErrors.BadRequest($"strconv.ParseInt: parsing {StatusErrors.Quote(text)}: invalid syntax");
        return new ListQuery
        {
            Labels = LabelSelector.Parse(query["labelSelector"]),
            Fields = FieldSelector.Parse(query["fieldSelector"], kind.Kind, kind.Custom?.SelectableFields ?? [], kind.Custom is not null),
            Limit = limit,
            Continue = query["continue"].ToString(),
            ResourceVersion = query["resourceVersion"].ToString(),
            Match = query["resourceVersionMatch"].ToString() is { Length: > 0 } match ? match : null,
        };
    }

    private static void CheckListOptions(IQueryCollection query, bool watch)
    {
        var match = query["resourceVersionMatch"].ToString();
        var version = query["resourceVersion"].ToString();
        var send = query.ContainsKey("sendInitialEvents");
        var causes = new List<StatusCause>();
        if (watch)
        {
            if (send)
            {
                if (match != "NotOlderThan") causes.Add(new("FieldValueForbidden", "resourceVersionMatch", "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
                if (match.Length > 0 && match != "NotOlderThan") causes.Add(new("FieldValueNotSupported", "resourceVersionMatch", $"Unsupported value: {StatusErrors.Quote(match)}: supported values: \"NotOlderThan\""));
            }
            else if (match.Length > 0) causes.Add(new("FieldValueForbidden", "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        }
        else
        {
            if (send) causes.Add(new("FieldValueForbidden", "sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list"));
            if (match.Length > 0)
            {
                if (version.Length == 0) causes.Add(new("FieldValueForbidden", "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"));
                if (query["continue"].ToString().Length > 0) causes.Add(new("FieldValueForbidden", "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided"));
                if (match is not ("Exact" or "NotOlderThan")) causes.Add(new("FieldValueNotSupported", "resourceVersionMatch", $"Unsupported value: {StatusErrors.Quote(match)}: supported values: \"Exact\", \"NotOlderThan\", \"\""));
                if (match == "Exact" && version == "0") causes.Add(new("FieldValueForbidden", "resourceVersionMatch", "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
            }
        }

        if (causes.Count > 0) throw StatusErrors.InvalidOptions("ListOptions", [.. causes]);
    }

    private void CheckGetVersion(string version)
    {
        if (version.Length == 0) return;
        if (!ulong.TryParse(version, out var number))
            throw StatusErrors.BadRequest($"invalid resource version: resourceVersion: Invalid value: {StatusErrors.Quote(version)}: strconv.ParseUint: parsing {StatusErrors.Quote(version)}: invalid syntax");
        var current = watches.Version;
        if ((long)number > current) throw StatusErrors.TooLargeVersion((long)number, current);
    }

    private static AcceptedForm Accept(HttpContext http) => AcceptedForm.Of(http.Request.Headers.Accept.ToString(), "Table", "PartialObjectMetadata", "PartialObjectMetadataList");

    private Task AnswerAsync(HttpContext http, int code, ServedKind kind, StoredObject stored, AcceptedForm form) => form.As switch
    {
        "Table" => ResponseWriter.JsonAsync(http, code, _tables.Table(kind, [stored], new JsonObject { ["resourceVersion"] = stored.Value.Object("metadata").Text("resourceVersion") },
            TableForms.IncludeObject(http.Request.Query["includeObject"].ToString())), form),
        "PartialObjectMetadata" => ResponseWriter.JsonAsync(http, code, TableForms.PartialMetadata(ObjectPipeline.InVersion(kind, stored.Value)), form),
        _ => ResponseWriter.ObjectAsync(http, code, kind, stored, form),
    };

    private Task AnswerListAsync(HttpContext http, ServedKind kind, ListResult list, AcceptedForm form)
    {
        if (form.As.Length == 0) return ResponseWriter.ListAsync(http, kind, list, form);
        var metadata = new JsonObject { ["resourceVersion"] = list.Version.ToString() };
        if (list.Continue is not null) metadata["continue"] = list.Continue;
        if (list.Remaining is not null) metadata["remainingItemCount"] = list.Remaining;
        if (form.As == "Table") return ResponseWriter.JsonAsync(http, 200, _tables.Table(kind, list.Items, metadata, TableForms.IncludeObject(http.Request.Query["includeObject"].ToString())), form);
        return ResponseWriter.JsonAsync(http, 200, new JsonObject
        {
            ["kind"] = "PartialObjectMetadataList", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata,
            ["items"] = new JsonArray([.. list.Items.Select(i => TableForms.PartialMetadata(ObjectPipeline.InVersion(kind, i.Value)))]),
        }, form);
    }

    /// <summary>Reads a body; when it is refused, its warnings are sent all the same.</summary>
    private static JsonObject Decoded(HttpContext http, ServedKind kind, byte[] body, WriteContext context)
    {
        try
        {
            return BodyDecoder.Decode(kind, body, http.Request.ContentType, context);
        }
        catch (ApiStatusException)
        {
            Warn(http, context.Warnings);
            throw;
        }
    }

    /// <summary>Runs a write and sends its warnings, also when it is refused.</summary>
    private T Warned<T>(HttpContext http, WriteContext context, Func<T> write)
    {
        try
        {
            return pipeline.Admission.Admitted(context, write);
        }
        finally
        {
            Warn(http, context.Warnings);
        }
    }

    public static void Warn(HttpContext http, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            http.Response.Headers.Append("Warning", $"299 - {StatusErrors.Quote(warning)}");
        }
    }

    public static async Task<byte[]> ReadBodyAsync(HttpContext http)
    {
        if (http.Request.ContentLength is > BodyLimit) throw StatusErrors.TooLarge();
        using var buffer = new MemoryStream(http.Request.ContentLength is { } length ? (int)length : 0);
        var chunk = new byte[16384];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (buffer.Length + read > BodyLimit) throw StatusErrors.TooLarge();
            await buffer.WriteAsync(chunk.AsMemory(0, read), http.RequestAborted).ConfigureAwait(false);
        }

        if ((http.Request.ContentType ?? "").Split(';')[0].Trim() != ProtobufBody.MediaType || buffer.Length == 0) return buffer.ToArray();
        var json = ProtobufBody.ToJson(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        http.Request.ContentType = "application/json";
        return json;
    }

    private static bool IsTrue(string? value) => value is "true" or "1" or "True" or "TRUE" or "t" or "T";
}
