using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;

/// <summary>Unpacks the headers of a connection's frames. One compressed stream runs through all of them, so every header block has to pass here, in order.</summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int MostBytes = 64 * 1024;
    private const byte DictionaryFlag = 0x20;

    private readonly MemoryStream _packed = new();
    private readonly DeflateStream _inflater;
    private bool _isPrimed;

    public SpdyHeaderReader() => _inflater = new DeflateStream(_packed, CompressionMode.Decompress);

    /// <summary>Unpacks one block.</summary>
    /// <exception cref="InvalidDataException">The block is no block of headers, or a very large one.</exception>
    public IReadOnlyDictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (!_isPrimed) block = Prime(block);
        Feed(block);
        var text = new byte[MostBytes];
        var length = Drain(text);
        if (length == MostBytes) throw new InvalidDataException($"A block of headers is larger than {MostBytes} bytes.");
        return Parse(text.AsSpan(0, length));
    }

    public void Dispose()
    {
        _inflater.Dispose();
        _packed.Dispose();
    }

    // .NET's inflater takes no dictionary. It is put into the inflater's window as an uncompressed block ahead of the stream instead; what comes out of
    // it is thrown away.
    private ReadOnlySpan<byte> Prime(ReadOnlySpan<byte> block)
    {
        if (block.Length < 2) throw new InvalidDataException("The first block of headers is empty.");
        var header = 2;
        if ((block[1] & DictionaryFlag) != 0)
        {
            header = 6;
            if (block.Length < header || BinaryPrimitives.ReadUInt32BigEndian(block[2..]) != SpdyHeaderDictionary.Checksum)
                throw new InvalidDataException("The headers are packed with an unknown dictionary.");
            Feed(StoredBlock.Of(SpdyHeaderDictionary.Bytes));
            var dictionary = new byte[SpdyHeaderDictionary.Bytes.Length];
            if (Drain(dictionary) != dictionary.Length) throw new InvalidDataException("The dictionary did not pass the inflater.");
        }

        _isPrimed = true;
        return block[header..];
    }

    private void Feed(ReadOnlySpan<byte> packed)
    {
        _packed.SetLength(0);
        _packed.Write(packed);
        _packed.Position = 0;
    }

    private int Drain(Span<byte> into)
    {
        var length = 0;
        while (length < into.Length && _inflater.Read(into[length..]) is > 0 and var read) length += read;
        return length;
    }

    private static Dictionary<string, string> Parse(ReadOnlySpan<byte> text)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var count = Number(ref text);
        for (var i = 0; i < count; i++)
        {
            var name = Text(ref text);
            headers[name] = Text(ref text);
        }

        return headers;
    }

    private static int Number(ref ReadOnlySpan<byte> text)
    {
        if (text.Length < 4 || BinaryPrimitives.ReadInt32BigEndian(text) is var number && number < 0) throw new InvalidDataException("A block of headers ends too early.");
        text = text[4..];
        return number;
    }

    private static string Text(ref ReadOnlySpan<byte> text)
    {
        var length = Number(ref text);
        if (length > text.Length) throw new InvalidDataException("A header is longer than its block.");
        var value = Encoding.UTF8.GetString(text[..length]);
        text = text[length..];
        return value;
    }
}
