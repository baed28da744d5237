using System.Buffers.Binary;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;

/// <summary>Uncompressed blocks of a deflate stream (RFC 1951, section 3.2.4), each followed by an empty one, which makes readers hand out what they have.</summary>
internal static class StoredBlock
{
    private const int Longest = ushort.MaxValue;

    public static byte[] Of(ReadOnlySpan<byte> content)
    {
        using var all = new MemoryStream();
        while (content.Length > 0)
        {
            var length = Math.Min(content.Length, Longest);
            WriteBlock(all, content[..length]);
            content = content[length..];
        }

        WriteBlock(all, []);
        return all.ToArray();
    }

    private static void WriteBlock(MemoryStream all, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[5];
        header[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[1..], (ushort)content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[3..], (ushort)~content.Length);
        all.Write(header);
        all.Write(content);
    }
}
