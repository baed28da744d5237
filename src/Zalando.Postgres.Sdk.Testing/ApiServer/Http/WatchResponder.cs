using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.ApiServer.Tables;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Streams the events of a watch.</summary>
internal sealed class WatchResponder(WatchHub hub, ApiServerOptions options)
{
    private readonly TableForms _tables = new(options.TimeProvider);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromHours(1);

    public async Task AnswerAsync(HttpContext http, ServedKind kind, string? namespaceName, ListQuery list, AcceptedForm form)
    {
        var query = http.Request.Query;
        var bookmarks = query["allowWatchBookmarks"].ToString() is "true" or "1";
        var send = query["sendInitialEvents"].ToString();
        long? since = null;
        if (list.ResourceVersion is { Length: > 0 } and not "0")
        {
            if (!ulong.TryParse(list.ResourceVersion, out var number))
                throw StatusErrors.Internal($"resourceVersion: Invalid value: {StatusErrors.Quote(list.ResourceVersion)}: strconv.ParseUint: parsing {StatusErrors.Quote(list.ResourceVersion)}: invalid syntax");
            since = (long)number;
        }

        var initialEnd = bookmarks && (send.Length == 0 ? since is null : send is "true" or "1");
        var initial = send is not ("false" or "0");
        if (send is "true" or "1") since = null;
        using var watch = hub.Open(kind, namespaceName, list.Labels, list.Fields, since, initial);
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = form.ContentType;
        await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
        var body = http.Response.BodyWriter;
        if (watch.Refused is { } refused)
        {
            var status = StatusErrors.Status(StatusErrors.Expired($"too old resource version: {refused.Wanted} ({refused.Oldest})"));
            await body.WriteAsync(ResponseWriter.EventLine("ERROR", JsonText.Write(status)), http.RequestAborted).ConfigureAwait(false);
            return;
        }

        var timeout = int.TryParse(query["timeoutSeconds"], out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : LongestWatch;
        using var deadline = new CancellationTokenSource(timeout, options.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
        var last = watch.Start;
        var columns = true;
        var include = TableForms.IncludeObject(query["includeObject"].ToString());
        if (initialEnd)
        {
            while (watch.Items.TryRead(out var item))
            {
                last = item.Version;
                Write(body, kind, item, form, ref columns, include);
            }

            body.Write(ResponseWriter.EventLine("BOOKMARK", Bookmark(kind, watch.InitialEnd, true)));
            last = watch.InitialEnd;
        }

        await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
        try
        {
            while (!end.IsCancellationRequested)
            {
                using var quiet = bookmarks ? new CancellationTokenSource(options.BookmarkInterval, options.TimeProvider) : null;
                using var wait = quiet is null ? null : CancellationTokenSource.CreateLinkedTokenSource(end.Token, quiet.Token);
                try
                {
                    if (!await watch.Items.WaitToReadAsync(wait?.Token ?? end.Token).ConfigureAwait(false)) return;
                }
                catch (OperationCanceledException) when (quiet is { IsCancellationRequested: true } && !end.IsCancellationRequested)
                {
                    var version = hub.Version;
                    // Between reading the version and here an event may have come; then the bookmark must wait for it.
                    if (!watch.Items.TryPeek(out _) && version > last)
                    {
                        body.Write(ResponseWriter.EventLine("BOOKMARK", Bookmark(kind, version, false)));
                        await body.FlushAsync(end.Token).ConfigureAwait(false);
                        last = version;
                    }

                    continue;
                }

                while (watch.Items.TryRead(out var item))
                {
                    last = item.Version;
                    Write(body, kind, item, form, ref columns, include);
                }

                await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over, or the client has gone: the stream just ends.
        }
    }

    private void Write(System.IO.Pipelines.PipeWriter body, ServedKind kind, WatchHub.Item item, AcceptedForm form, ref bool columns, string include)
    {
        switch (form.As)
        {
            case "Table":
                var table = _tables.Table(kind, [item.Object!], new JsonObject { ["resourceVersion"] = item.Version.ToString() }, include, columns);
                columns = false;
                body.Write(ResponseWriter.EventLine(item.Type, JsonText.Write(table)));
                break;
            case "PartialObjectMetadata" or "PartialObjectMetadataList":
                body.Write(ResponseWriter.EventLine(item.Type, JsonText.Write(TableForms.PartialMetadata(ObjectPipeline.InVersion(kind, item.Object!.Value)))));
                break;
            default:
                body.Write(kind, item);
                break;
        }
    }

    private static byte[] Bookmark(ServedKind kind, long version, bool initialEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString() };
        if (initialEnd) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        var value = new JsonObject { ["kind"] = kind.Kind.Kind, ["apiVersion"] = kind.Kind.ApiVersion, ["metadata"] = metadata };
        if (kind.Resource == "pods")
        {
            value["spec"] = new JsonObject { ["containers"] = null };
            value["status"] = new JsonObject();
        }

        return JsonText.Write(value);
    }
}
