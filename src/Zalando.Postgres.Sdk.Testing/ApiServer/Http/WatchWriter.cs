using System.Buffers;
using System.IO.Pipelines;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>Puts events into an answer without sending yet.</summary>
internal static class WatchWriter
{
    public static void Write(this PipeWriter body, ServedKind kind, WatchHub.Item item)
    {
        body.Write("{\"type\":\""u8);
        Span<byte> type = stackalloc byte[item.Type.Length];
        System.Text.Encoding.ASCII.GetBytes(item.Type, type);
        body.Write(type);
        body.Write("\",\"object\":"u8);
        body.Write(ResponseWriter.Text(kind, item.Object!));
        body.Write("}\n"u8);
    }
}
