using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Writes answers.</summary>
internal static class ResponseWriter
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public static Task JsonAsync(HttpContext http, int code, JsonNode body, AcceptedForm form)
    {
        return BytesAsync(http, code, form.Yaml ? Yaml(body) : JsonText.Write(body), form.ContentType);
    }

    public static Task TextAsync(HttpContext http, int code, string text) => BytesAsync(http, code, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    public static async Task BytesAsync(HttpContext http, int code, ReadOnlyMemory<byte> body, string contentType)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (http.Request.Method != "HEAD") await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }

    public static Task ObjectAsync(HttpContext http, int code, ServedKind kind, StoredObject stored, AcceptedForm form)
    {
        var text = Text(kind, stored);
        return BytesAsync(http, code, form.Yaml ? Yaml(JsonText.Parse(text)!) : text, form.ContentType);
    }

    /// <summary>A whole list, put together from the texts of its objects.</summary>
    public static Task ListAsync(HttpContext http, ServedKind kind, ListResult list, AcceptedForm form)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + list.Items.Count * 1024);
        var metadata = new JsonObject();
        if (kind.Custom is not null) metadata["continue"] = "";
        metadata["resourceVersion"] = list.Version.ToString();
        if (list.Continue is not null) metadata["continue"] = list.Continue;
        if (list.Remaining is not null) metadata["remainingItemCount"] = list.Remaining;
        buffer.Write(Encoding.UTF8.GetBytes($"{{\"kind\":\"{kind.ListKind}\",\"apiVersion\":\"{kind.Kind.ApiVersion}\",\"metadata\":{JsonText.WriteText(metadata)},\"items\":["));
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0) buffer.Write(","u8);
            buffer.Write(kind.Custom is null ? ItemText(kind, list.Items[i]) : Text(kind, list.Items[i]));
        }

        buffer.Write("]}"u8);
        var bytes = buffer.WrittenMemory;
        return BytesAsync(http, 200, form.Yaml ? Yaml(JsonText.Parse(bytes.Span)!) : bytes, form.ContentType);
    }

    /// <summary>The JSON text of an object in the version of <paramref name="kind"/>.</summary>
    public static byte[] Text(ServedKind kind, StoredObject stored) => stored.Text(kind.Kind.ApiVersion, value => InOrder(ObjectPipeline.InVersion(kind, value)));

    public static byte[] EventLine(string type, ReadOnlySpan<byte> value)
    {
        var head = Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":");
        var line = new byte[head.Length + value.Length + 2];
        head.CopyTo(line, 0);
        value.CopyTo(line.AsSpan(head.Length));
        line[^2] = (byte)'}';
        line[^1] = NewLine[0];
        return line;
    }

    public static byte[] Yaml(JsonNode body) => YamlText.Write(body);

    private static byte[] ItemText(ServedKind kind, StoredObject stored) => stored.Text("item:" + kind.Kind.ApiVersion, value =>
    {
        var item = InOrder(ObjectPipeline.InVersion(kind, value));
        item.Remove("kind");
        item.Remove("apiVersion");
        return item;
    });

    private static JsonObject InOrder(JsonObject value)
    {
        var result = new JsonObject { ["kind"] = value["kind"]?.DeepClone(), ["apiVersion"] = value["apiVersion"]?.DeepClone(), ["metadata"] = value["metadata"]?.DeepClone() };
        foreach (var (key, node) in value)
        {
            if (key is not ("kind" or "apiVersion" or "metadata" or "status")) result[key] = node?.DeepClone();
        }

        if (value.TryGetPropertyValue("status", out var status)) result["status"] = status?.DeepClone();
        return result;
    }
}
