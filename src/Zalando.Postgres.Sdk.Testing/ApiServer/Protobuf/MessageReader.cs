using System.Buffers.Binary;
using System.Text;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Protobuf;

/// <summary>Reads the fields of one message.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Number of the field that was read last.</summary>
    public int Number { get; private set; }

    /// <summary>Value of a field that is a number.</summary>
    public ulong Value { get; private set; }

    /// <summary>Content of a field that is a text, bytes or a message; empty for a number.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Moves to the next field.</summary>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;
        var tag = Varint();
        Number = (int)(tag >> 3);
        Content = default;
        Value = 0;
        switch (tag & 7)
        {
            case 0: Value = Varint(); break;
            case 1: Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8)); break;
            case 5: Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4)); break;
            case 2:
                var length = Varint();
                if (length > (ulong)_rest.Length) throw new FormatException("unexpected EOF");
                Content = Take((int)length);
                break;
            default: throw new FormatException($"proto: illegal wireType {tag & 7}");
        }

        return true;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new FormatException("unexpected EOF");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }

        throw new FormatException("proto: integer overflow");
    }
}
